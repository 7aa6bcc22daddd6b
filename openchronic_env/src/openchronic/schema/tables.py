"""Typed reading of ``tables.csv`` and ``columns/<TABLE>.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, cast, get_args

ColumnType = Literal["string", "integer", "decimal", "date"]
Period = Literal["none", "flux_year", "year"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a delivered table."""

    name: str
    type: ColumnType
    required: bool
    length: str  # as the official schemas write it: "17", "4.2" (digits before and after the point)
    nomenclature: str  # official name of the value table, "" when there is none
    since: int | None  # first year in which deliveries hold the column, None when they always do
    until: int | None  # last year in which they do, None when it is not over
    aliases: tuple[str, ...]  # names of the same column in other deliveries (NUM_ENQ…)
    meaning: str
    read: bool = True  # whether a rule reads it: what none reads is no reason to refuse a row
    instead: tuple[str, ...] = ()  # columns any of which serves where this one is absent

    def delivered_in(self, year: int | None) -> bool:
        """Whether files of that year (None: of no given year) may hold the column."""
        if year is None:
            return True
        return (self.since or year) <= year <= (self.until or year)

    def required_in(self, year: int | None) -> bool:
        """Whether the file of that year (None: of no given year) is useless without the column."""
        return self.required and self.delivered_in(year)


@dataclass(frozen=True, slots=True)
class Table:
    """One delivered table, whatever the number of files that hold it."""

    name: str
    product: str
    period: Period  # how its files are cut: one file, one by flux year, one by year of discharge
    since: int | None  # first year that can be used, None when it is not known
    key: tuple[str, ...]
    unique: bool  # whether two rows of a year never share the key
    patterns: tuple[str, ...]  # file names: {yyyy} and {aa} are the year, * anything
    meaning: str
    meaning_fr: str
    used_for: str  # what the table serves in a base of care pathways
    used_for_fr: str
    source: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


@cache
def load_tables() -> Mapping[str, Table]:
    """Every table by name, in the order of ``tables.csv``."""
    tables = {
        row["table"]: Table(
            name=row["table"],
            product=row["product"],
            period=cast(Period, _one_of(row["period"], get_args(Period))),
            since=_year(row["since"]),
            key=tuple(row["key"].split()),
            unique=row["unique"] == "1",
            patterns=tuple(row["patterns"].split()),
            meaning=row["meaning"],
            meaning_fr=row["meaning_fr"],
            used_for=row["used_for"],
            used_for_fr=row["used_for_fr"],
            source=row["source"],
            columns=_load_columns(row["table"]),
        )
        for row in _rows("tables.csv")
    }
    return MappingProxyType(tables)


def _load_columns(table: str) -> tuple[Column, ...]:
    unread, instead = _unread().get(table, frozenset()), _instead()
    return tuple(
        Column(
            name=row["column"],
            type=cast(ColumnType, _one_of(row["type"], get_args(ColumnType))),
            required=row["required"] == "1",
            length=row["length"],
            nomenclature=row["nomenclature"],
            since=_year(row["since"]),
            until=_year(row["until"]),
            aliases=tuple(row["aliases"].split()),
            meaning=row["meaning"],
            read=row["column"] not in unread,
            instead=instead.get((table, row["column"]), ()),
        )
        for row in _rows(f"columns/{table}.csv")
    )


@cache
def _unread() -> Mapping[str, frozenset[str]]:
    """By table, the columns that no query, filter or count of a build names."""
    return {row["table"]: frozenset(row["columns"].split()) for row in _rows("unread.csv")}


@cache
def _instead() -> Mapping[tuple[str, str], tuple[str, ...]]:
    return {
        (row["table"], row["column"]): tuple(row["instead"].split()) for row in _rows("instead.csv")
    }


def _rows(path: str) -> list[dict[str, str]]:
    with resources.files("openchronic.schema").joinpath(path).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _year(value: str) -> int | None:
    return int(value) if value else None


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r} is not one of {', '.join(allowed)}")
    return value
