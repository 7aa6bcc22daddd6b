"""Writes the SQL that casts and checks each line of a delivered file, or of several that are read alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from openchronic.catalogue import Column, Table
from openchronic.ingest.casting import Cast, Odd, cast
from openchronic.ingest.emptying import EMPTIED, emptying, without_misfit
from openchronic.ingest.header import Header
from openchronic.ingest.misfits import SEP
from openchronic.ingest.native import cast_native
from openchronic.ingest.raw import FILE
from openchronic.ingest.rejects import REPEATED

# A line without its key is rejected, except for these parts of it, which may be empty: an exemption
# for a work accident has no diagnosis.
MAY_BE_EMPTY = {"IMB_ALD_DTD", "MED_MTF_COD", "INS_DTE", "UPD_DTE"}
# Monthly tables are partitioned by the month in the data, however the files are cut.
MONTH_COLUMN = "FLX_DIS_DTD"
# A line where this many columns hold their own names is a header.
NAMES_OF_A_HEADER = 5
# The engine's name for each type of the schema.
TYPES = {"string": "VARCHAR", "integer": "BIGINT", "decimal": "DECIMAL(18,5)", "date": "DATE"}
# Characters kept of a rejected value: enough to see what is wrong with it.
SHOWN_VALUE = 80


@dataclass(frozen=True)
class Manner:
    """How the lines of a file are read: files of one table, year and manner can be read in one query.

    ``natives``: SQL for the columns that the file has in their type. ``formats``: those of each column of dates,
    in the order of trial, and whether its years may have two digits. ``odd``: the unusual formats that its
    numbers may have.
    """

    header: Header
    natives: Mapping[str, str]
    formats: Mapping[str, tuple[tuple[str, ...], bool]]
    odd: Odd


def typed_query(
    table: Table,
    manner: Manner,
    *,
    raw: str,
    year: int | None,
) -> str:
    """Returns the SQL that casts and checks each line of ``raw``; ``_reject`` is NULL on the good ones.

    On the others it holds the column, the reason, the record and the beginning of the value, and stays in the
    store. ``year``: that of the file.
    """
    header, natives = manner.header, manner.natives
    casts = {
        column.name: _cast(column, table, manner)
        for column in table.columns
        if column.name in header.logical
    }
    typed = ", ".join(
        f'{one.value} AS "{name}", raw."{name}" AS "raw {name}"' for name, one in casts.items()
    )
    kept = ", ".join(f'{_kept(column, casts)} AS "{column.name}"' for column in table.columns)
    faults = " ".join(
        # One function of few words: the engine plans each of them again for each file.
        f"WHEN {condition} THEN concat('{one.column}{SEP}{reason}{SEP}', _record, '{SEP}', "
        f"left({_text(one.column, natives)}, {SHOWN_VALUE}))"
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
        typed AS (SELECT {FILE}, _record, {typed} FROM raw)
        SELECT
            {kept},
            {"NULL" if year is None else year} AS file_year,
            CASE WHEN {suspect} THEN CASE {faults or "WHEN FALSE THEN ''"} END END AS _reject,
            {emptying(idle)} AS {EMPTIED},
            {FILE}
            {month if table.period == "flux_year" else ""}
        FROM typed
    """


def _text(column: str, natives: Collection[str]) -> str:
    text = f'typed."raw {column}"'
    return f"CAST({text} AS VARCHAR)" if column in natives else text


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


def _cast(column: Column, table: Table, manner: Manner) -> Cast:
    name = column.name
    needed = name in table.key and column.required and name not in MAY_BE_EMPTY
    if name in manner.natives:
        return cast_native(name, column.type, TYPES[column.type], needed=needed)
    formats, short = manner.formats.get(name, ((), manner.odd.years))
    odd = replace(manner.odd, years=short)
    return cast(name, column.type, formats=formats, needed=needed, odd=odd)


def _kept(column: Column, casts: Mapping[str, Cast]) -> str:
    if column.name not in casts:
        return _absent(column)
    one = casts[column.name]
    return one.kept if column.read else without_misfit(one)


def _absent(column: Column) -> str:
    return f"CAST(NULL AS {TYPES[column.type]})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
