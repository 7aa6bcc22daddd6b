"""Casts delivered files into typed Parquet; counts the lines that do not fit, by file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb

from openchronic.catalogue import Table
from openchronic.ingest import parquet
from openchronic.ingest.casting import Odd
from openchronic.ingest.counting import Count, count_of, refuse_difference
from openchronic.ingest.dates import are_short, date_formats
from openchronic.ingest.emptying import emptied_of
from openchronic.ingest.finding import Delivered
from openchronic.ingest.line_query import MONTH_COLUMN, Manner, typed_query
from openchronic.ingest.lost import refuse_lost_values
from openchronic.ingest.misfits import Malformed, malformed_lines, rejects_of, unit_of
from openchronic.ingest.native import natives_of
from openchronic.ingest.parquet import ParquetScan
from openchronic.ingest.raw import AnyScan, header_of, raw_rows, sample
from openchronic.ingest.recoding import readable
from openchronic.ingest.rejects import Reject
from openchronic.ingest.scanning import Scan
from openchronic.ingest.telling import note_on_words, notes_of_text, notes_of_values
from openchronic.ingest.typed_files import Held, held_in, month_of, only_month, write


@dataclass(frozen=True)
class Origin:
    """The delivered bytes that were read. ``unknown``: columns that are not in the schema.

    ``absent``: columns of the schema that the file lacks.
    """

    sha256: str
    size: int
    format: str
    encoding: str
    separator: str
    unknown: tuple[str, ...]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileReading:
    """The result of reading one file. ``rows`` counts the rows read: kept plus rejected.

    ``count``: an independent count of its rows. ``notes``: sentences on what is not as the SNDS writes it.
    ``emptied``: values of the wrong type in columns that no rule reads; their lines are kept without them.
    """

    file: Delivered
    folder: Path
    origin: Origin
    rows: int
    kept: int
    rejects: tuple[Reject, ...]
    emptied: tuple[Reject, ...] = ()
    count: Count | None = None
    notes: tuple[str, ...] = ()


def read_file(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    file: Delivered,
    scan: AnyScan,
    target: Path,
) -> FileReading:
    """Casts ``file`` into Parquet under ``target`` (a folder per month for monthly tables).

    Raises SourceError where the rows read differ from those delivered, or where values were truncated.
    """
    ((reading,),) = read_group(connection, table, [(file, scan)], target)
    return reading


def read_group(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    files: Sequence[tuple[Delivered, AnyScan]],
    target: Path,
) -> list[tuple[FileReading, ...]]:
    """Casts several files of one year in as few queries as their forms allow; the readings of a tuple share a folder.

    Raises what ``read_file`` raises for one of them.
    """
    alike: list[list[Prepared]] = []
    for file, scan in files:
        one = prepare(connection, table, file, scan)
        for others in alike:
            if isinstance(scan, ParquetScan) and others[0].is_like(one):
                others.append(one)
                break
        else:
            alike.append([one])
    if len(alike) == 1:
        return [_read(connection, table, alike[0], target)]
    return [
        _read(connection, table, files, target.with_name(f"{target.name}_{place}"))
        for place, files in enumerate(alike)
    ]


@dataclass(frozen=True)
class Prepared:
    """A file before it is read. ``month``: the only month of its sample; ``notes``: on what is unusual in it."""

    file: Delivered
    scan: AnyScan
    manner: Manner
    month: str | None
    notes: tuple[str, ...]

    def is_like(self, other: Prepared) -> bool:
        """Returns whether one query can read both."""
        return (
            isinstance(self.scan, ParquetScan)
            and isinstance(other.scan, ParquetScan)
            and self.scan.columns == other.scan.columns
            and self.manner == other.manner
        )


def prepare(
    connection: duckdb.DuckDBPyConnection, table: Table, file: Delivered, scan: AnyScan
) -> Prepared:
    """Looks at the header and a sample."""
    header = header_of(scan, table, file)
    groups = not isinstance(scan, Scan) or scan.counted.groups
    natives = natives_of(scan, table, header)
    kinds = ("date", "integer", "decimal") if groups else ("date",)
    looked_at = [
        column.name
        for column in table.columns
        if column.type in kinds
        and column.name in header.logical
        # A stored number has no thousands apart; a stored date may be one that stands for none.
        and (column.type == "date" or column.name not in natives)
    ]
    values = sample(connection, file, scan, header, looked_at)
    notes = notes_of_values(table, values)
    if isinstance(scan, Scan):
        notes = notes_of_text(scan, header) + notes
    elif isinstance(scan, ParquetScan):
        notes = (*note_on_words(parquet.some_words(connection, file.path, scan)), *notes)
    odd = Odd(
        exponents=not isinstance(scan, Scan) or scan.counted.exponents,
        groups=groups if isinstance(scan, Scan) else bool(notes),
    )
    formats = {
        column.name: (date_formats(of), are_short(of))
        for column in table.columns
        if column.type == "date" and column.name in header.logical and column.name not in natives
        for of in (values.get(column.name, ()),)
    }
    month = only_month(values.get(MONTH_COLUMN, ())) if isinstance(scan, Scan) else None
    return Prepared(file, scan, Manner(header, natives, formats, odd), month, notes)


def _read(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    files: Sequence[Prepared],
    target: Path,
) -> tuple[FileReading, ...]:
    """Casts files that are alike in one query, and counts the lines of each."""
    torn, held = cast_lines(connection, table, files, target)
    readings = tuple(
        reading_of(table, one, target, held[place], torn) for place, one in enumerate(files)
    )
    for one, reading in zip(files, readings, strict=True):
        refuse_lines_lost(reading, as_text=isinstance(one.scan, Scan))
    return readings


def cast_lines(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    files: Sequence[Prepared],
    target: Path,
    *,
    before: int = 0,
) -> tuple[Malformed, Mapping[int, Held]]:
    """Casts files that are alike in one query. Returns the lines that are no record, and what ``target`` holds of each
    file, by its place. Records are numbered from ``before`` + 1."""
    first, manner = files[0], files[0].manner
    target.mkdir(parents=True)
    rejects_name = f"rejects_{target.name}"
    monthly = table.period == "flux_year"

    def malformed() -> Malformed:
        return malformed_lines(connection, rejects_name) if isinstance(first.scan, Scan) else []

    with _readable(first.file, first.scan, target.with_suffix(".txt")) as (seen, text):
        raw = raw_rows(
            *(connection, seen, text, manner.header),
            rejects=rejects_name,
            natives=manner.natives,
            more=[one.file for one in files[1:]],
            before=before,
        )
        write(
            connection,
            typed_query(table, manner, raw=raw, year=first.file.year),
            target,
            monthly=monthly,
            likely_month=_likely_month(connection, files) if monthly else None,
            before_again=malformed,
        )
    return malformed(), held_in(connection, target)


def _likely_month(connection: duckdb.DuckDBPyConnection, files: Sequence[Prepared]) -> str | None:
    """Returns the only month of the files, as far as their samples or the dates that they store tell."""
    first = files[0]
    if isinstance(first.scan, ParquetScan):
        native = first.manner.natives.get(MONTH_COLUMN)
        return month_of(connection, native, [one.file.path for one in files]) if native else None
    return first.month


def reading_of(
    table: Table,
    one: Prepared,
    target: Path,
    held: Held,
    malformed: Malformed,
) -> FileReading:
    """Returns the reading of one of the files in ``target``."""
    file, scan = one.file, one.scan
    emptied = tuple(emptied_of(table, file, held.emptied, unit=unit_of(scan)))
    rejects = rejects_of(table, file, scan, malformed=malformed, misfits=held.misfits)
    refused = sum(reject.count for reject in rejects)
    header = one.manner.header
    origin = Origin(
        sha256=scan.sha256,
        size=scan.size,
        format=scan.format,
        encoding=scan.encoding,
        separator=header.separator,
        unknown=header.unknown,
        absent=tuple(one.name for one in table.columns if one.name not in header.logical),
    )
    return FileReading(
        *(file, target, origin, held.kept + refused, held.kept, tuple(rejects), emptied),
        count=count_of(scan),
        notes=one.notes,
    )


def refuse_lines_lost(reading: FileReading, *, as_text: bool) -> None:
    """Raises SourceError where the rows read differ from those delivered, or where digits were lost (``as_text``: in a
    text file)."""
    refuse_lost_values(reading.rejects, as_text=as_text)
    if reading.count is not None:
        refuse_difference(reading.file.name, reading.count, read=reading.rows)


def _readable(
    file: Delivered, scan: AnyScan, copy: Path
) -> AbstractContextManager[tuple[Delivered, AnyScan]]:
    return readable(file, scan, copy) if isinstance(scan, Scan) else nullcontext((file, scan))
