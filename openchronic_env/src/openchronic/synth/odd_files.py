"""Rewrites whole files of an extraction as programs and people do on their way to a site.

``odd_files.csv`` lists the tables: those that a build reads and reports, and the ``hard`` ones, which it
refuses. Only text files are rewritten: Parquet has no lines.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from openchronic.synth.deliveries import Delivery

NEWLINE, SEPARATOR = b"\n", b";"
DATE = re.compile(rb"(?<![0-9])(\d\d)/(\d\d)/(\d{4})(?![0-9])")
# One label in this many has a quote.
QUOTED = 50


@dataclass(frozen=True, slots=True)
class Oddity:
    name: str
    label: str
    table: str
    hard: bool


@cache
def load_oddities() -> tuple[Oddity, ...]:
    with (resources.files("openchronic.synth") / "odd_files.csv").open(encoding="utf-8") as lines:
        return tuple(
            Oddity(row["name"], row["label"], row["table"], row["hard"] == "hard")
            for row in csv.DictReader(lines, strict=True)
        )


def make_odd(root: Path, deliveries: Iterable[Delivery], *, hard: bool) -> Counter[str]:
    """Rewrites some files of the extraction; returns how many, by kind. A file without a row is unchanged."""
    kinds = {one.table: one for one in load_oddities() if hard or not one.hard}
    made: Counter[str] = Counter({one.name: 0 for one in load_oddities()})
    for delivery in deliveries:
        kind = kinds.get(delivery.table.name)
        if kind is None or delivery.format == "parquet":
            continue
        path = root / delivery.path
        before = path.read_bytes()
        after = CHANGES[kind.name](before)
        if after != before:
            path.write_bytes(after)
            made[kind.name] += 1
    return made


def _unended(text: bytes) -> bytes:
    return text.rstrip(NEWLINE) if text.count(NEWLINE) > 1 else text


def _with_words(text: bytes) -> bytes:
    """Writes missing values as R does."""
    return _rows(text, lambda _, fields: [field or b"NA" for field in fields])


def _with_zones(text: bytes) -> bytes:
    """Writes days as Spark does."""
    return DATE.sub(rb"\3-\2-\1T00:00:00.000+01:00", text)


def _joined(text: bytes) -> bytes:
    """Joins two files, the second with a byte order mark."""
    header, *rows = text.splitlines(keepends=True)
    middle = len(rows) // 2
    again = [b"\xef\xbb\xbf" + header] if rows else []
    return b"".join([header, *rows[:middle], *again, *rows[middle:]])


def _with_last_separators(text: bytes) -> bytes:
    return _rows(text, lambda _, fields: [*fields, b""])


def _with_lone_quotes(text: bytes) -> bytes:
    """Writes inches in the label of a pack."""

    def quote(number: int, fields: list[bytes]) -> list[bytes]:
        if number % QUOTED == 0:
            label = max(range(len(fields)), key=lambda place: len(fields[place]))
            fields[label] += b' 10" X 4'
        return fields

    return _rows(text, quote)


def _of_two_line_ends(text: bytes) -> bytes:
    lines = text.split(NEWLINE)[:-1]
    ends = (NEWLINE, b"\r\n")
    return b"".join(line + ends[number % 2] for number, line in enumerate(lines))


def _with_blank_lines(text: bytes) -> bytes:
    return text + NEWLINE if text.count(NEWLINE) > 1 else text


def _with_exponents(text: bytes) -> bytes:
    """Writes numbers of 13 digits as SAS does in its format BEST12."""

    def power(_: int, fields: list[bytes]) -> list[bytes]:
        return [b"%.6E" % int(one) if re.fullmatch(rb"\d{13}", one) else one for one in fields]

    return _rows(text, power)


def _with_booleans(text: bytes) -> bytes:
    """Writes return codes as a schema does that declares them boolean."""
    header = text.split(NEWLINE, 1)[0].split(SEPARATOR)
    codes = [place for place, name in enumerate(header) if name.endswith(b"_RET")]

    def judge(_: int, fields: list[bytes]) -> list[bytes]:
        for place in codes:
            fields[place] = b"false" if fields[place] == b"0" else b"true"
        return fields

    return _rows(text, judge)


def _with_nul(text: bytes) -> bytes:
    header, _, rows = text.partition(NEWLINE)
    return header + NEWLINE + rows[:3] + b"\0" + rows[3:] if rows else text


def _rows(text: bytes, change: Callable[[int, list[bytes]], list[bytes]]) -> bytes:
    """Changes the fields of each line except the header; no field of these tables holds a separator."""
    header, *rows = text.split(NEWLINE)[:-1]
    changed = (SEPARATOR.join(change(n, row.split(SEPARATOR))) for n, row in enumerate(rows, 1))
    return b"".join(line + NEWLINE for line in (header, *changed))


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "files_unended": _unended,
    "files_with_words": _with_words,
    "files_with_zones": _with_zones,
    "files_joined": _joined,
    "files_with_last_separators": _with_last_separators,
    "files_with_lone_quotes": _with_lone_quotes,
    "files_of_two_line_ends": _of_two_line_ends,
    "files_with_blank_lines": _with_blank_lines,
    "files_with_exponents": _with_exponents,
    "files_with_booleans": _with_booleans,
    "files_with_nul": _with_nul,
}
