"""Named filters: rows of ``filters.csv``, each counted before and after, NULL-safe by construction.

A row is removed when its condition is TRUE; an unknown (NULL) condition never removes.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from openchronic.errors import SettingsError


@dataclass(frozen=True)
class Filter:
    """One filter of one step. ``remove_when``: an SQL condition on the rows of the step.

    ``removes_unknown``: whether a row of which nothing is known is removed. ``reads``: the delivered columns
    that the condition asks for. ``without``: what becomes of a row where they are absent or empty.
    ``always``: why it cannot be switched off, empty where it can.
    """

    order: int
    name: str
    step: str
    on: bool
    remove_when: str
    removes_unknown: bool
    reads: tuple[str, ...]
    without: str
    source: str
    meaning: str
    always: str = ""


@dataclass(frozen=True)
class FilterCount:
    """Rows before and after one filter."""

    step: str
    name: str
    before: int
    after: int


@cache
def load_filters() -> tuple[Filter, ...]:
    """All filters with their defaults, in the order in which they apply."""
    with (resources.files("openchronic.building") / "filters.csv").open(encoding="utf-8") as lines:
        written = list(csv.DictReader(lines, delimiter=";"))
        always = _always()
        rows = [
            Filter(
                order=int(row["order"]),
                name=row["name"],
                step=row["step"],
                on=_either(row, "default", yes="on", no="off"),
                remove_when=row["remove_when"],
                removes_unknown=_either(row, "on_null", yes="remove", no="keep"),
                reads=tuple(row["reads"].split()),
                without=row["without"],
                source=row["source"],
                meaning=row["meaning"],
                always=always.get(row["remove_when"] or "", ""),
            )
            for row in written
        ]
    shifted = [row["name"] for row in written if None in row or None in row.values()]
    if shifted:
        raise ValueError(f"filters.csv, {', '.join(shifted)}: a cell too many or too few")
    names = Counter(row.name for row in rows)
    twice = [name for name, number in names.items() if number > 1]
    if twice:
        raise ValueError(f"filters.csv names {', '.join(twice)} twice: a name is a switch")
    return tuple(sorted(rows, key=lambda row: (row.step, row.order)))


def _always() -> dict[str, str]:
    """Conditions without which a row is none of a release, each with why."""
    with (resources.files("openchronic.building") / "always.csv").open(encoding="utf-8") as lines:
        return {row["remove_when"]: row["why"] for row in csv.DictReader(lines, delimiter=";")}


def _either(row: Mapping[str, str], column: str, *, yes: str, no: str) -> bool:
    if row[column] not in (yes, no):
        raise ValueError(f"filters.csv, {row['name']}: {column} is {yes} or {no}")
    return row[column] == yes


def switched(*, on: Iterable[str], off: Iterable[str]) -> tuple[Filter, ...]:
    """The filters with some switched. Raises SettingsError: no such filter."""
    wanted = dict.fromkeys(off, False) | dict.fromkeys(on, True)
    known = {one.name for one in load_filters()}
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise SettingsError(
            f"no such filter: {', '.join(unknown)} (there are: {', '.join(sorted(known))})"
        )
    fixed = [one for one in load_filters() if one.always and not wanted.get(one.name, True)]
    if fixed:
        raise SettingsError(
            "; ".join(f"{one.name} cannot be switched off: {one.always}" for one in fixed)
        )
    return tuple(replace(one, on=wanted.get(one.name, one.on)) for one in load_filters())


def removed_by(filters: Iterable[Filter], step: str) -> str:
    """SQL: the name of the first filter of ``step`` that removes a row, NULL when it is kept."""
    whens = " ".join(
        f"WHEN ({one.remove_when}) IS TRUE THEN '{one.name}'"
        for one in filters
        if one.step == step and one.on
    )
    return f"CASE {whens} END" if whens else "CAST(NULL AS VARCHAR)"


def counts(
    filters: Iterable[Filter], step: str, *, rows: int, removed: dict[str, int]
) -> list[FilterCount]:
    """Rows before and after each filter of ``step``, in order; a filter switched off removes none."""
    result = []
    for one in filters:
        if one.step == step:
            after = rows - removed.get(one.name, 0)
            result.append(FilterCount(step, one.name, rows, after))
            rows = after
    return result
