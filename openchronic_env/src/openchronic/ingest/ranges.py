"""Reads a large text file in ranges of its bytes, each apart from the others, and puts together what they tell.

Only where a line end ends a record: a packed file, or one with quoted fields that go on in the next line, is one range.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import duckdb

from openchronic.catalogue import Table
from openchronic.ingest.finding import Delivered
from openchronic.ingest.folder import open_delivered
from openchronic.ingest.misfits import MALFORMED, Misfits
from openchronic.ingest.reading import (
    FileReading,
    cast_lines,
    prepare,
    reading_of,
    refuse_lines_lost,
)
from openchronic.ingest.rejects import REPEATED, SHOWN_LINES, Reject, shape_of
from openchronic.ingest.scanning import BLOCK, NEWLINE, Scan

# A range is read as a file of its own, which takes about as long as a task of Parquet; no file has 2^12 of them.
RANGE_BYTES = 256 << 20
# Records of a range are numbered from a multiple of this, so that they are in the order of the file.
RECORDS = 1 << 40
# Shapes of rejected values that a range tells, the most common first: one of them is shown.
MOST_SHAPES = 20
Shapes = Mapping[tuple[str, str], Mapping[str, int]]


@dataclass(frozen=True)
class Range:
    """The bytes ``begin`` to ``end`` of a file, whole lines, the header never among them. ``place``: 0 for the first."""

    place: int
    begin: int
    end: int


@dataclass(frozen=True)
class RangeReading:
    """What one range tells. ``reading``: as if it were a file, its lines numbered from its own header; ``lines``: how
    many line ends it has; ``shapes``: of the rejected values, with how often each occurs."""

    reading: FileReading
    lines: int
    shapes: Shapes


def ranges_of(file: Delivered, scan: Scan, size: int) -> tuple[Range, ...]:
    """Returns the ranges of about ``size`` bytes that can be read apart; none where the file is one range."""
    if scan.gzipped or scan.counted.within or scan.size <= size:
        return ()
    with open_delivered(file.path, file.name) as content:
        content.readline()
        cuts = [content.tell()]
        while cuts[-1] + size < scan.size:
            content.seek(cuts[-1] + size)
            content.readline()
            cuts.append(content.tell())
    if cuts[-1] < scan.size:
        cuts.append(scan.size)
    ends = enumerate(pairwise(cuts))
    found = tuple(Range(place, begin, end) for place, (begin, end) in ends)
    return found if len(found) > 1 else ()


def read_range(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    file: Delivered,
    scan: Scan,
    part: Range,
    target: Path,
) -> RangeReading:
    """Casts the lines of ``part`` into Parquet under ``target``, as the whole file would be."""
    before = part.place * RECORDS
    prepared = prepare(connection, table, file, scan)
    with _cut_out(file, part, target.with_suffix(".csv")) as (alone, lines):
        prepared = replace(prepared, file=replace(file, path=alone))
        torn, every = cast_lines(connection, table, [prepared], target, before=before)
        held = every[0]
        shapes = {
            which: dict(
                Counter(shape_of(value, which[1]) for value in records.values()).most_common(
                    MOST_SHAPES
                )
            )
            for which, records in held.misfits.items()
        }
        held.misfits = _from_one(held.misfits, before)
        reading = reading_of(table, prepared, target, held, torn)
    return RangeReading(replace(reading, file=file), lines, shapes)


def together(parts: Sequence[RangeReading], folder: Path) -> FileReading:
    """Returns the reading of a file from those of all its ranges, in their order. ``folder``: where their lines are.

    Raises SourceError as ``read_file`` does.
    """
    first = parts[0].reading
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    lines: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    shapes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    emptied: dict[tuple[str, str], Reject] = {}
    # The header is the first line of the file, and of each range.
    before = 0
    for part in parts:
        for one in part.reading.rejects:
            which = one.column, one.reason
            counts[which] += one.count
            lines[which] += [line + before for line in one.lines]
        for which, some in part.shapes.items():
            shapes[which].update(some)
        for one in part.reading.emptied:
            which = one.column, one.reason
            count = emptied[which].count if which in emptied else 0
            emptied[which] = replace(one, count=one.count + count)
        before += part.lines
    rejects = tuple(
        Reject(
            *(_table(parts), first.file.name, *which, counts[which]),
            tuple(sorted(lines[which])[:SHOWN_LINES]),
            shape=_commonest(shapes[which]),
        )
        for which in sorted(counts, key=_order)
    )
    kept = sum(part.reading.kept for part in parts)
    whole = replace(
        first,
        folder=folder,
        rows=kept + sum(counts.values()),
        kept=kept,
        rejects=rejects,
        emptied=tuple(emptied[which] for which in sorted(emptied)),
    )
    refuse_lines_lost(whole, as_text=True)
    return whole


@contextmanager
def _cut_out(file: Delivered, part: Range, copy: Path) -> Iterator[tuple[Path, int]]:
    """Yields a temporary ``copy`` of the header and the lines of ``part``, and how many line ends these have."""
    lines = 0
    try:
        with open_delivered(file.path, file.name) as content, copy.open("wb") as alone:
            alone.write(content.readline())
            content.seek(part.begin)
            left = part.end - part.begin
            while left and (block := content.read(min(BLOCK, left))):
                alone.write(block)
                lines += block.count(NEWLINE)
                left -= len(block)
        yield copy, lines
    finally:
        copy.unlink(missing_ok=True)


def _from_one(misfits: Misfits, before: int) -> Misfits:
    return {
        which: {record - before: value for record, value in records.items()}
        for which, records in misfits.items()
    }


def _table(parts: Sequence[RangeReading]) -> str:
    return next((one.table for part in parts for one in part.reading.rejects), "")


def _order(which: tuple[str, str]) -> tuple[object, ...]:
    """Sorts lines that are no record first, by their kind, and then those that do not fit."""
    column, reason = which
    if column or reason == REPEATED:
        return 1, column, reason
    kinds = {said: kind for kind, said in MALFORMED.items()}
    return 0, kinds.get(reason, reason.upper()), reason


def _commonest(shapes: Counter[str]) -> str:
    shapes.pop("", None)
    return shapes.most_common(1)[0][0] if shapes else ""
