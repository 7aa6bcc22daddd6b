"""Reports how a file was read: one sentence on each feature that is not as the SNDS writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from openchronic.catalogue import Table
from openchronic.ingest.casting import has_groups
from openchronic.ingest.dates import oddities
from openchronic.ingest.header import Header, split_line
from openchronic.ingest.scanning import Scan

# The characters searched between the thousands of a number.
BETWEEN_THOUSANDS = " ,.'\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"


def notes_of_text(found: Scan, header: Header) -> tuple[str, ...]:
    """Returns sentences on the lines and quotes of a text file."""
    lines = found.counted
    notes = []
    if lines.unended:
        notes.append(
            "the last line has no end; it has all its columns and is read, its last value may be cut"
        )
    if lines.plain_quote is not None:
        notes.append(
            f"quotes are read as characters, since not all are closed at the edge of a field "
            f"(first in line {lines.plain_quote:,})"
        )
    if lines.within:
        goes = "goes" if lines.within == 1 else "go"
        notes.append(f"{_lines(lines.within)} {goes} on in the next, within quotes")
    if lines.blank:
        notes.append(f"{_lines(lines.blank)} {'is' if lines.blank == 1 else 'are'} blank")
    if lines.mixed:
        notes.append("lines end in more than one way (LF, CR LF, CR CR LF)")
    notes += note_on_words(lines.words)
    width = len(header.written)
    if any(
        len(fields) == width + 1 and not fields[-1].strip()
        for fields in (
            split_line(
                line.decode(found.encoding, "replace"), header.separator, quoted=found.quoted
            )
            for line in found.sample[:20]
        )
    ):
        notes.append("lines end with a separator more than the header")
    elif found.header.rstrip().endswith(header.separator.encode()):
        notes.append("the header ends with a separator")
    return tuple(notes)


def note_on_words(words: Collection[str]) -> list[str]:
    """Returns a sentence on the words written for missing values."""
    return [f"{', '.join(sorted(words))} are read as missing values"] if words else []


def notes_of_values(table: Table, values: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Returns sentences on the formats of dates and numbers, from some ``values`` of each column."""
    notes: set[str] = set()
    for name, some in values.items():
        kind = table.column(name).type
        if kind == "date":
            notes |= oddities(name, some)
        elif kind != "string" and any(
            has_groups(value)
            for value in set(some)
            if any(one in value for one in BETWEEN_THOUSANDS)
        ):
            notes.add(f"{name}: thousands are written apart, and read as one number")
    return tuple(sorted(notes))


def _lines(number: int) -> str:
    return f"{number:,} line{'s' if number > 1 else ''}"
