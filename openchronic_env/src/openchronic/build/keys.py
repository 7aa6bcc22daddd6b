"""Decides which lines that share a key are one line, and how many of them count.

A key is complete in a file when all its columns are there and no two different lines share it: only then are
equal lines one line, delivered twice. Otherwise a line counts as often as in the file that holds it most often,
so that a month delivered twice counts once. Different lines are never merged: all claims count; of records that
details are joined to, one is read and the others are reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from openchronic.catalogue import Table, load_tables
from openchronic.engines import Engine


def key_of(table: str, *, whole: bool = False) -> list[str]:
    """Returns SQL: the columns in which rows of ``table`` must agree to be one line: its key, or all
    (``whole``).

    The year of the file belongs to the number of a stay; the month of a file of claims is no part of their key.
    """
    declared = load_tables()[table]
    columns = columns_of(table)[:-1] if whole else list(declared.key)
    return [*columns, *(["coalesce(file_year, 0)"] if declared.period == "year" else [])]


def columns_of(table: str) -> list[str]:
    """Returns the columns of a typed table."""
    return [*(column.name for column in load_tables()[table].columns), "file_year"]


def alone(table: str, rows: str) -> str:
    """Returns SQL: ``rows`` of ``table``, none of which shares its key, with the columns that joins need."""
    columns = ", ".join([*columns_of(table), *_join_columns(table, alone=True)])
    return f"SELECT {columns} FROM ({rows}) AS alone"


def settled(
    table: str,
    rows: str,
    *,
    also: Iterable[str] = (),
    lacking: Mapping[str, Collection[int]] | None = None,
) -> str:
    """Returns SQL: the ``rows`` of ``table`` that count, with the columns that joins need.

    ``rows`` are all rows that share some keys; ``file_no`` is the file of each, ``is_complete`` whether the key
    is complete in it. All rows of a table that details are joined to are there, the first of a key with
    ``key_place`` 1. ``also``: columns of ``rows`` that are not in the table, and stay. ``lacking``: the files that
    lack a column, which is not compared among lines of a key that is in one of them.
    """
    lacking = lacking or {}
    every = ", ".join(f"said_{one}" if one in lacking else one for one in key_of(table, whole=True))
    if lacking:
        rows = f"SELECT *, {_said(table, lacking)} FROM ({rows}) AS every_line"
    placed = (
        f"SELECT *, row_number() OVER (PARTITION BY {every}, file_no ORDER BY file_no) AS copy "
        f"FROM ({rows}) AS delivered"
    )
    chosen = (
        f"SELECT *, row_number() OVER (PARTITION BY {every}, copy ORDER BY file_no) AS turn "
        f"FROM ({placed}) AS placed WHERE copy = 1 OR NOT is_complete"
    )
    columns = ", ".join([*columns_of(table), *also, "file_no", *_join_columns(table, alone=False)])
    return f"SELECT {columns} FROM ({chosen}) AS chosen WHERE turn = 1"


def _said(table: str, lacking: Mapping[str, Collection[int]]) -> str:
    """Returns SQL: the values of the columns of ``lacking`` where no line of the key is in a file without the column."""
    # Without a key, the columns that all files have say which lines are one.
    key = key_of(table) if load_tables()[table].unique else _without(table, lacking)
    return ", ".join(
        f"CASE WHEN NOT bool_or(file_no IN ({', '.join(map(str, sorted(files)))})) "
        f"OVER (PARTITION BY {', '.join(key)}) THEN {name} END AS said_{name}"
        for name, files in lacking.items()
    )


def _without(table: str, lacking: Collection[str]) -> list[str]:
    return [one for one in key_of(table, whole=True) if one not in lacking]


def read_of(table: str, engine: Engine, rows: str) -> str:
    """Returns SQL: the ``settled`` ``rows`` that are read: one row per key of a table that details are joined to."""
    joined = load_tables()[table].joined
    if joined is None or joined.how == "claims":
        return f"SELECT {engine.all_except('file_no')} FROM ({rows}) AS settled"
    return f"SELECT {engine.all_except('file_no', 'key_place')} FROM ({rows}) AS settled WHERE key_place = 1"


def _join_columns(table: str, *, alone: bool) -> list[str]:
    """Returns the columns that joins need: the place of a row among those of its key, and whether these have
    several persons.

    For claims, also the acts of all rows of the key with the same person and day: a key may hold an act and its
    cancellation (Health Data Hub forum, 1113).
    """
    joined = load_tables()[table].joined
    if joined is None:
        return []
    key = ", ".join(key_of(table))
    if alone:
        columns = ["FALSE AS is_of_several"] if joined.person else []
        return [
            *columns,
            *(["1 AS key_place", "PRS_ACT_QTE AS acts"] if joined.how == "claims" else []),
        ]
    several = " OR ".join(
        f"min({one}) OVER (PARTITION BY {key}) <> max({one}) OVER (PARTITION BY {key})"
        for one in joined.person
    )
    order = ", ".join([joined.first, *in_order(load_tables()[table])])
    place = f"row_number() OVER (PARTITION BY {key} ORDER BY {order})"
    if joined.how == "host":
        # A part of the key that is not numbered may be another part, so that the row is not a
        # repetition.
        lacking = " OR ".join(f"{one} IS NULL" for one in load_tables()[table].key)
        place = f"CASE WHEN {lacking} THEN 1 ELSE {place} END"
        several = several and f"NOT ({lacking}) AND ({several})"
    columns = [f"coalesce({several}, FALSE) AS is_of_several"] if joined.person else []
    columns.append(f"{place} AS key_place")
    if joined.how == "claims":
        whose = ", ".join([key, *joined.person, "EXE_SOI_DTD"])
        act = f"CASE WHEN {joined.first} = 0 THEN PRS_ACT_QTE END"
        columns.append(f"coalesce(sum({act}) OVER (PARTITION BY {whose}), PRS_ACT_QTE) AS acts")
    return columns


def in_order(table: Table) -> Iterable[str]:
    """Returns SQL: a complete order of the rows of ``table``."""
    return [f"{column.name} NULLS LAST" for column in table.columns]
