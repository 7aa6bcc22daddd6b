"""Casts one delivered file into typed Parquet; counts the lines that do not fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from openchronic.catalogue import Column, Table
from openchronic.ingest import parquet
from openchronic.ingest.casting import Cast, Odd, cast
from openchronic.ingest.counting import Count, count_of, refuse_difference
from openchronic.ingest.dates import are_short, date_formats
from openchronic.ingest.emptying import EMPTIED, emptied_in, emptying, without_misfit
from openchronic.ingest.finding import Delivered
from openchronic.ingest.header import Header
from openchronic.ingest.lost import refuse_lost_values
from openchronic.ingest.misfits import (
    SEP,
    malformed_lines,
    misfits_in,
    rejects_of,
    unit_of,
)
from openchronic.ingest.native import cast_native, natives_of
from openchronic.ingest.parquet import ParquetScan
from openchronic.ingest.raw import AnyScan, header_of, raw_rows, sample
from openchronic.ingest.recoding import readable
from openchronic.ingest.rejects import REPEATED, Reject
from openchronic.ingest.scanning import Scan
from openchronic.ingest.telling import note_on_words, notes_of_text, notes_of_values

# A line without its key is rejected, except for these parts of it, which may be empty: an exemption
# for a work accident has no diagnosis.
MAY_BE_EMPTY = {"IMB_ALD_DTD", "MED_MTF_COD", "INS_DTE", "UPD_DTE"}
# Monthly tables are partitioned by the month in the data, however the files are cut.
MONTH_COLUMN = "FLX_DIS_DTD"
# A line where this many columns hold their own names is a header.
NAMES_OF_A_HEADER = 5
# The prefix of the folder of a month.
MONTH = "month="
# The engine's name for each type of the schema.
TYPES = {"string": "VARCHAR", "integer": "BIGINT", "decimal": "DECIMAL(18,5)", "date": "DATE"}
# Measured on the claims of 5,000 synthetic patients: 38 % smaller than the engine's default, for 5
# % more processor time. Sorting by patient saves another 12 % for 15 % more time, and finds one
# patient faster in large months only (of 600,000 lines: 3 ms instead of 10); sorting a year's file
# would not fit in memory. So rows keep their order.
COMPRESSION = "COMPRESSION zstd"
# Characters kept of a rejected value: enough to see what is wrong with it.
SHOWN_VALUE = 80


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
    header = header_of(scan, table, file)
    target.mkdir(parents=True)
    partition = table.period == "flux_year"
    rejects_name = f"rejects_{target.name}"
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
    destination = target if partition else target / "data.parquet"
    options = COMPRESSION + (", PARTITION_BY (month)" if partition else "")
    with _readable(file, scan, target.with_suffix(".txt")) as (seen, text):
        raw = raw_rows(connection, seen, text, header, rejects=rejects_name, natives=natives)
        query = typed_query(table, file, header, raw=raw, values=values, odd=odd, natives=natives)
        connection.execute(
            f"COPY ({query}) TO {_quoted(str(destination))} (FORMAT parquet, {options})"
        )
    malformed = malformed_lines(connection, rejects_name) if isinstance(scan, Scan) else []
    kept, misfits = misfits_in(connection, target)
    emptied = tuple(emptied_in(connection, table, file, target, unit=unit_of(scan)))
    rejects = rejects_of(table, file, scan, malformed=malformed, misfits=misfits)
    refuse_lost_values(rejects, as_text=isinstance(scan, Scan))
    refused = sum(reject.count for reject in rejects)
    count = count_of(scan)
    refuse_difference(file.name, count, read=kept + refused)
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
        *(file, target, origin, kept + refused, kept, tuple(rejects), emptied),
        count=count,
        notes=notes,
    )


def _readable(
    file: Delivered, scan: AnyScan, copy: Path
) -> AbstractContextManager[tuple[Delivered, AnyScan]]:
    return readable(file, scan, copy) if isinstance(scan, Scan) else nullcontext((file, scan))


def typed_query(
    table: Table,
    file: Delivered,
    header: Header,
    *,
    raw: str,
    values: Mapping[str, Iterable[str]],
    odd: Odd,
    natives: Collection[str],
) -> str:
    """Returns the SQL that casts and checks each line of ``raw``; ``_reject`` is NULL on the good ones.

    On the others it holds the column, the reason, the record and the beginning of the value, and stays in the
    store. ``values``: a sample of the file, for the columns of dates. ``odd``: the unusual formats that its
    numbers may have. ``natives``: the columns of ``raw`` that are no text, since the file has them in their type.
    """
    casts = {
        column.name: _cast(
            column, table, values.get(column.name, ()), odd, native=column.name in natives
        )
        for column in table.columns
        if column.name in header.logical
    }
    typed = ", ".join(
        f'{one.value} AS "{name}", raw."{name}" AS "raw {name}"' for name, one in casts.items()
    )
    kept = ", ".join(f'{_kept(column, casts)} AS "{column.name}"' for column in table.columns)
    faults = " ".join(
        f"WHEN {condition} THEN '{one.column}{SEP}{reason}{SEP}' || _record || '{SEP}' "
        f"|| coalesce(left(CAST(typed.\"raw {one.column}\" AS VARCHAR), {SHOWN_VALUE}), '')"
        for one in casts.values()
        for condition, reason in one.faults
        if table.column(one.column).read
    )
    read = {name: one for name, one in casts.items() if table.column(name).read}
    suspect = " OR ".join(one.suspect for one in read.values()) or "FALSE"
    idle = [one for name, one in casts.items() if name not in read]
    repeats = _repeats(header, natives)
    if repeats and all(table.column(name).type == "string" for name in read):
        # Text has no other fault; its ends are not trimmed, which would cost more than everything
        # else.
        name, first = next(
            pair for pair in zip(header.written, header.logical, strict=True) if pair[1]
        )
        suspect += f' OR contains(upper(typed."raw {first}"), {_quoted(name)})'
    if repeats:
        faults = f"WHEN {' AND '.join(repeats)} THEN '{SEP}{REPEATED}{SEP}' || _record || '{SEP}' {faults}"
    month = f", coalesce(strftime(typed.\"{MONTH_COLUMN}\", '%Y-%m'), 'none') AS month"
    return f"""
        WITH raw AS ({raw}),
        typed AS (SELECT _record, {typed} FROM raw)
        SELECT
            {kept},
            {"NULL" if file.year is None else file.year} AS file_year,
            CASE WHEN {suspect} THEN CASE {faults or "WHEN FALSE THEN ''"} END END AS _reject,
            {emptying(idle)} AS {EMPTIED}
            {month if table.period == "flux_year" else ""}
        FROM typed
    """


def _repeats(header: Header, natives: Collection[str]) -> list[str]:
    """Returns, for each of the first known columns, whether it holds its own name: files were joined with their
    headers. Nothing where one of them is no text.

    Each joined file may have its own byte order mark, read in the encoding of the first.
    """
    marks = "' \"ï»¿' || chr(65279)"
    known = [
        (written, logical)
        for written, logical in zip(header.written, header.logical, strict=True)
        if logical
    ][:NAMES_OF_A_HEADER]
    if any(logical in natives for _, logical in known):
        return []
    return [
        f"""upper(trim(typed."raw {logical}", {marks})) = {_quoted(written)}"""
        for written, logical in known
    ]


def _cast(
    column: Column, table: Table, values: Iterable[str], odd: Odd, *, native: bool
) -> Cast:
    formats: tuple[str, ...] = ()
    if column.type == "date":
        values = tuple(values)
        formats = date_formats(values)
        odd = replace(odd, years=are_short(values))
    needed = column.name in table.key and column.required and column.name not in MAY_BE_EMPTY
    if native:
        return cast_native(column.name, column.type, TYPES[column.type], needed=needed)
    return cast(column.name, column.type, formats=formats, needed=needed, odd=odd)


def _kept(column: Column, casts: Mapping[str, Cast]) -> str:
    if column.name not in casts:
        return _absent(column)
    one = casts[column.name]
    return one.kept if column.read else without_misfit(one)


def _absent(column: Column) -> str:
    return f"CAST(NULL AS {TYPES[column.type]})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
