"""Measures checks: one query for all checks of the same table and the same groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from openchronic.quality.catalogue import Check


@dataclass(frozen=True)
class Group:
    """The figures of one group (``name`` is empty when a check has no groups)."""

    name: str
    faults: float
    among: float
    value: float


@dataclass(frozen=True)
class Measure:
    """A check and its figures. ``groups``: those large enough to be judged, in the order of names;
    ``is_known``: whether the release has what the check needs."""

    check: Check
    groups: tuple[Group, ...]
    is_known: bool

    @property
    def worst(self) -> Group | None:
        """The group that counts; the first of equal ones."""
        return max(self.groups, key=lambda one: one.value, default=None)


def measure(connection: duckdb.DuckDBPyConnection, checks: Iterable[Check]) -> list[Measure]:
    """Measures all checks on the tables of ``material.show``, in order."""
    checks = list(checks)
    alike: defaultdict[tuple[str, str], list[Check]] = defaultdict(list)
    for check in checks:
        alike[check.table, check.by].append(check)
    found: dict[str, Measure] = {}
    for some in alike.values():
        found |= _measured(connection, some)
    return [found[check.name] for check in checks]


def _measured(connection: duckdb.DuckDBPyConnection, checks: Sequence[Check]) -> dict[str, Measure]:
    try:
        rows = connection.execute(_query(checks)).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        if len(checks) == 1:
            return {checks[0].name: Measure(checks[0], (), is_known=False)}
        # One of them names a column that this release lacks: the others are measured one by one.
        return {
            name: one for check in checks for name, one in _measured(connection, [check]).items()
        }
    return {
        check.name: _of(check, [(row[0], *row[1 + 2 * place : 3 + 2 * place]) for row in rows])
        for place, check in enumerate(checks)
    }


def _query(checks: Sequence[Check]) -> str:
    first = checks[0]
    figures = ", ".join(f"{check.faults}, {check.among}" for check in checks)
    if not first.by:
        return f"SELECT '', {figures} FROM {first.table}"
    return (
        f"SELECT CAST({first.by} AS VARCHAR) AS place, {figures} FROM {first.table} "
        "GROUP BY place ORDER BY place NULLS LAST"
    )


def _of(check: Check, rows: Iterable[tuple[str | None, object, object]]) -> Measure:
    groups = []
    is_known = False
    for name, faults, among in rows:
        if among is None:
            continue
        is_known = True
        number, size = float(str(faults or 0)), float(str(among))
        if size < check.at_least or (check.unit == "share" and not size):
            continue
        value = number / size if check.unit == "share" else number
        groups.append(Group(name or "", number, size, value))
    return Measure(check, tuple(groups), is_known=is_known)
