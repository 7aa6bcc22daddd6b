"""Filters: the rules of ``filters.csv``, each in the steps where it holds, NULL-safe by construction.

A row is removed when the condition is TRUE; an unknown (NULL) condition never removes it. In every step the
rules apply in the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from openchronic.models.filters.rules import Rule, read_rules
from openchronic.models.query import judged

FILE = "filters.csv"


@dataclass(frozen=True)
class Filter:
    """A rule in one step. ``remove_when``: an SQL condition on the rows of the step.

    ``order``: the place of its rule. ``removes_unknown``: whether a row whose values are missing is removed.
    ``reads``: the delivered columns that the condition needs. ``without``: what happens to a row where they are
    absent or empty. ``always``: why the filter cannot be switched off, empty where it can.
    """

    order: int
    rule: str
    step: str
    on: bool
    remove_when: str
    removes_unknown: bool
    reads: tuple[str, ...]
    without: str
    source: str
    meaning: str
    always: str

    @property
    def name(self) -> str:
        """The name of the filter in a build, in a manifest and on the command line."""
        return f"{self.step}.{self.rule}"


@dataclass(frozen=True)
class FilterCount:
    """The number of rows before and after one filter."""

    step: str
    name: str
    before: int
    after: int


@cache
def load_filters() -> tuple[Filter, ...]:
    """Returns all filters with their defaults, by step, in the order in which they apply."""
    found = [
        _filter(order, rule, step)
        for order, rule in enumerate(load_rules(), start=1)
        for step in rule.steps
    ]
    return tuple(sorted(found, key=lambda one: (one.step, one.order)))


@cache
def load_rules() -> tuple[Rule, ...]:
    """Returns the rules as they are written, in order."""
    with (resources.files("openchronic.models.filters") / FILE).open(encoding="utf-8") as lines:
        return read_rules(FILE, lines)


def _filter(order: int, rule: Rule, step: str) -> Filter:
    said = {column: by_step[step] for column, by_step in rule.said.items()}
    one = Filter(
        order=order,
        rule=rule.name,
        step=step,
        on=_either(rule, step, "default", yes="on", no="off"),
        remove_when=said["remove_when"],
        removes_unknown=_either(rule, step, "on_null", yes="remove", no="keep"),
        reads=tuple(said["reads"].split()),
        without=said["without"],
        source=said["source"],
        meaning=said["meaning"],
        always=said["always"],
    )
    empty = [name for name in ("remove_when", "without", "source", "meaning") if not said[name]]
    if empty:
        raise ValueError(f"{FILE}, {one.name}: nothing is said of {', '.join(empty)}")
    if one.always and not one.on:
        raise ValueError(f"{FILE}, {one.name}: what cannot be switched off is on")
    return one


def _either(rule: Rule, step: str, column: str, *, yes: str, no: str) -> bool:
    said = rule.said[column][step]
    if said not in (yes, no):
        raise ValueError(f"{FILE}, {step}.{rule.name}: {column} is {yes} or {no}, not {said!r}")
    return said == yes


def judge(filters: Iterable[Filter], step: str, query: str) -> str:
    """Returns SQL: the rows of ``query`` with the column ``removed_by``, from the filters of ``step``."""
    return judged(query, removed_by(filters, step))


def removed_by(filters: Iterable[Filter], step: str) -> str:
    """Returns SQL: the name of the first filter of ``step`` that removes a row, NULL when it is kept."""
    whens = " ".join(
        f"WHEN ({one.remove_when}) IS TRUE THEN '{one.name}'"
        for one in filters
        if one.step == step and one.on
    )
    return f"CASE {whens} END" if whens else "CAST(NULL AS VARCHAR)"


def counts(
    filters: Iterable[Filter], step: str, *, rows: int, removed: Mapping[str, int]
) -> list[FilterCount]:
    """Returns the rows before and after each filter of ``step``, in order; one that is switched off removes none."""
    result = []
    for one in filters:
        if one.step == step:
            after = rows - removed.get(one.name, 0)
            result.append(FilterCount(step, one.name, rows, after))
            rows = after
    return result
