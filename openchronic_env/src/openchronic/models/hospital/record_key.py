"""Writes the key that joins detail lines to their record, from the key of the records in the catalogue."""

from __future__ import annotations

from openchronic.catalogue import load_tables

# The first columns of a key, facility and number, identify a stay or a visit; the others number a part of the stay.
OF_STAY = 2


def stay_columns(records: str) -> tuple[str, str]:
    """Returns the columns of the facility and of the number of the stay, in ``records`` and in their detail tables."""
    facility, number = load_tables()[records].key[:OF_STAY]
    return facility, number


def part_columns(records: str) -> tuple[str, ...]:
    """Returns the columns that number a part of a stay."""
    return load_tables()[records].key[OF_STAY:]


def record_key(records: str, *, of: str = "") -> str:
    """Returns SQL: the key of a row of ``records``. ``of``: the name of these rows in a query of several tables."""
    return _joined(records, [f"coalesce({_of(one, of)}, '')" for one in part_columns(records)], of)


def stay_key(records: str) -> str:
    """Returns SQL: the key of the whole stay, for lines that do not name a part of it."""
    return _joined(records, ["''" for _ in part_columns(records)])


def line_key(records: str) -> str:
    """Returns SQL: the key of the record of a detail line, which has the same columns.

    Where no record (``judged``) of a year numbers the parts, a line of that year belongs to the whole stay.
    """
    parts = [
        "CASE WHEN coalesce(file_year, 0) IN (SELECT coalesce(judged.file_year, 0) FROM judged "
        f"WHERE judged.{one} IS NOT NULL) THEN coalesce({one}, '') ELSE '' END"
        for one in part_columns(records)
    ]
    return _joined(records, parts)


def _joined(records: str, parts: list[str], of: str = "") -> str:
    names = [_of(one, of) for one in stay_columns(records)]
    year = f"CAST(coalesce({_of('file_year', of)}, 0) AS STRING)"
    line = "\n        || '|' || " if parts else " || '|' || "
    return line.join([*names, *parts, year])


def _of(column: str, of: str) -> str:
    return f"{of}.{column}" if of else column
