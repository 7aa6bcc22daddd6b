"""Finds the columns that a delivered file stores in the type that the schema wants: no text stands between.

Their values are those that the text of the same column would give (``casting``), and so are their rejects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from openchronic.catalogue import ColumnType, Table
from openchronic.ingest.casting import Cast
from openchronic.ingest.dates import (
    EARLIEST,
    LATEST,
    NOT_A_DATE,
    OUT_OF_RANGE,
    is_out_of_range,
    kept_day,
)
from openchronic.ingest.header import Header
from openchronic.ingest.parquet import ParquetColumn, ParquetScan, name_of, wall_clock_of
from openchronic.ingest.raw import AnyScan

# Those that are in the range of 64 bits with a sign.
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
SMALL = ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER")
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
# Digits before and after the point of a decimal of the schema, and of a whole number of 64 bits.
BEFORE_POINT, AFTER_POINT, OF_WHOLE = 13, 5, 18


def natives_of(found: AnyScan, table: Table, header: Header) -> Mapping[str, str]:
    """Returns SQL by name in the schema: the value of each such column, of a type that casts to that of the schema
    without loss."""
    if not isinstance(found, ParquetScan):
        return {}
    natives = {}
    for column, name in zip(found.columns, header.logical, strict=True):
        value = _value(column, table.column(name).type) if name else None
        if name and value:
            natives[name] = value
    return natives


def cast_native(column: str, type_: ColumnType, sql_type: str, *, needed: bool) -> Cast:
    """Returns how the column, of a stored type that fits, becomes ``type_``. ``needed``: a missing value is a fault."""
    typed, text = f'typed."{column}"', f'CAST(typed."raw {column}" AS VARCHAR)'
    kept, suspect = typed, []
    faults: list[tuple[str, str]] = []
    if type_ == "date":
        kept = kept_day(typed, text, short=False, end=False)
        suspect.append(f"{typed} NOT BETWEEN {EARLIEST} AND {LATEST}")
        faults = [
            (_is_no_day_of_a_text(typed, text), NOT_A_DATE),
            (is_out_of_range(typed, text, short=False), OUT_OF_RANGE),
        ]
    if needed:
        suspect.append(f"{typed} IS NULL")
        faults.append((f"{typed} IS NULL", "no value"))
    value = f'CAST(raw."{column}" AS {sql_type})'
    return Cast(column, value, kept, " OR ".join(suspect) or "FALSE", tuple(faults))


def _value(column: ParquetColumn, wanted: ColumnType) -> str | None:
    kind = column.engine_type
    decimal = DECIMAL.fullmatch(kind)
    before, after = (int(decimal[1]) - int(decimal[2]), int(decimal[2])) if decimal else (0, 0)
    fits = {
        "string": False,
        "integer": kind in WHOLE or (decimal and after == 0 and before <= OF_WHOLE),
        "decimal": kind in SMALL or (decimal and before <= BEFORE_POINT and after <= AFTER_POINT),
        "date": kind == "DATE",
    }
    if wanted == "date" and (column.stored == "INT96" or kind.startswith("TIMESTAMP")):
        return wall_clock_of(column)
    return name_of(column) if fits[wanted] else None


def _is_no_day_of_a_text(typed: str, text: str) -> str:
    """Returns SQL: whether the text of the day is read as no date: before our era, or after the year 9999."""
    # Where an hour follows, such a year is read.
    return (
        f"isfinite({typed}) AND strlen({text}) <= {len('2020-01-05 00:00')} "
        f"AND ({typed} < DATE '0001-01-01' OR {typed} > DATE '9999-12-31')"
    )
