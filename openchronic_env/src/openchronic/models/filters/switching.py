"""Switches filters on and off, by the names of filters, of rules, and of earlier versions.

``drug.only_surcharge`` is a filter, ``only_surcharge`` its rule in all the steps where it holds.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from importlib import resources
from types import MappingProxyType

from openchronic.errors import SettingsError
from openchronic.models.filters.filter import Filter, load_filters, load_rules

OLD = "old_filter_names.csv"


@cache
def load_old_names() -> Mapping[str, str]:
    """Returns the filter that each name of an earlier version stood for.

    Raises ValueError where a row names no filter, or where a name would now stand for more than it did.
    """
    known = {one.name for one in load_filters()}
    steps = {rule.name: rule.steps for rule in load_rules()}
    names: dict[str, str] = {}
    with (resources.files("openchronic.models.filters") / OLD).open(encoding="utf-8") as lines:
        rows = csv.reader(lines, delimiter=";", strict=True)
        if next(rows, []) != ["old", "filter"]:
            raise ValueError(f"{OLD}, line 1: the columns are old, filter")
        for row in rows:
            if len(row) != 2 or row[1] not in known or row[0] in names or "." in row[0]:
                raise ValueError(f"{OLD}, line {rows.line_num}: a new old name, and its filter")
            old, now = row
            if old in steps and [now] != [f"{step}.{old}" for step in steps[old]]:
                raise ValueError(f"{OLD}, line {rows.line_num}: {old} is a rule, and means more")
            names[old] = now
    return MappingProxyType(names)


def switched(*, on: Iterable[str], off: Iterable[str]) -> tuple[Filter, ...]:
    """Returns all filters, some of them switched. A filter's own name has priority over the name of its rule.

    Raises SettingsError where no filter has a name, or where it cannot be switched off.
    """
    on, off = list(on), list(off)
    unknown = [name for name in dict.fromkeys([*off, *on]) if not meant(name)]
    if unknown:
        raise SettingsError("; ".join(map(_unknown, unknown)) + f". Rules: {_rules()}")
    fixed = [reason for name in off if (reason := _fixed(name))]
    if fixed:
        raise SettingsError("; ".join(fixed))
    rules = {rule.name for rule in load_rules()}
    wanted: dict[str, bool] = {}
    for of_rules in (True, False):
        for names, to in ((off, False), (on, True)):
            for name in names:
                if (name in rules) is of_rules:
                    wanted |= dict.fromkeys(meant(name), to)
    return tuple(replace(one, on=wanted.get(one.name, one.on)) for one in load_filters())


def meant(name: str) -> tuple[str, ...]:
    """Returns the filters that ``name`` stands for: a rule, a filter, or an old name; empty where unknown."""
    found = tuple(one.name for one in load_filters() if name in (one.name, one.rule))
    if not found and name in load_old_names():
        return (load_old_names()[name],)
    return found


def renamed(names: Iterable[str]) -> list[str]:
    """Returns a sentence on each of ``names`` that is a name of an earlier version."""
    current = {rule.name for rule in load_rules()}
    old = {name: now for name, now in load_old_names().items() if name not in current}
    return [
        f"{name} is now called {old[name]} ({old[name].partition('.')[2]} is the rule in every step)"
        for name in dict.fromkeys(names)
        if name in old
    ]


def _fixed(name: str) -> str:
    """Returns why ``name`` cannot be switched off, and in which steps; empty where it can."""
    which = [one for one in load_filters() if one.name in meant(name)]
    fixed = [one for one in which if one.always]
    where = "" if len(fixed) == len(which) else f" in {', '.join(one.step for one in fixed)}"
    return f"{name} cannot be switched off{where}: {fixed[0].always}" if fixed else ""


def _unknown(name: str) -> str:
    steps = {rule.name: rule.steps for rule in load_rules()}
    rule = name.partition(".")[2]
    if rule in steps:
        return f"no such filter: {name} ({rule} holds in {', '.join(steps[rule])})"
    every = [*steps, *(one.name for one in load_filters())]
    near = get_close_matches(name, every) or get_close_matches(rule, every)
    return f"no such filter: {name}" + (f" (is it {' or '.join(near)}?)" if near else "")


def _rules() -> str:
    return ", ".join(rule.name for rule in load_rules())
