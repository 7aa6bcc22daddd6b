"""The rows of ``filters.csv`` as they are written: one rule each, with the steps where it holds.

A cell holds the value for every step; other values follow after a bar, with their steps:
``on | cost: off``, ``NIR_ANO_17 | drug cost: BEN_NIR_PSA``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

NAMES = ("rule", "steps")
# The columns whose value may differ between the steps of a rule.
SAID = (
    "default",
    "remove_when",
    "on_null",
    "reads",
    "without",
    "source",
    "meaning",
    "always",
)
NAME = re.compile(r"[a-z][a-z0-9_]*")
OTHERWISE = re.compile(r"(?P<steps>[a-z0-9_]+(?: [a-z0-9_]+)*): (?P<said>.+)")


@dataclass(frozen=True)
class Rule:
    """``said``: the values of the row, by column and step."""

    name: str
    steps: tuple[str, ...]
    said: Mapping[str, Mapping[str, str]]


def read_rules(file: str, lines: Iterable[str]) -> tuple[Rule, ...]:
    """Returns the rules of ``file``, in order. Raises ValueError with the line and what is wrong there."""
    rows = csv.reader(lines, delimiter=";", strict=True)
    header = tuple(next(rows, ()))
    if header != (*NAMES, *SAID):
        raise ValueError(f"{file}, line 1: the columns are {', '.join((*NAMES, *SAID))}")
    rules: dict[str, Rule] = {}
    for cells in rows:
        place = f"{file}, line {rows.line_num}"
        if len(cells) != len(header):
            raise ValueError(f"{place}: {len(cells)} cells, and {len(header)} columns")
        rule = _rule(place, dict(zip(header, cells, strict=True)))
        if rule.name in rules:
            raise ValueError(f"{place}: {rule.name} is there already, and a rule is one row")
        rules[rule.name] = rule
    return tuple(rules.values())


def _rule(place: str, row: Mapping[str, str]) -> Rule:
    steps = tuple(row["steps"].split())
    for name in (row["rule"], *steps):
        if not NAME.fullmatch(name):
            raise ValueError(f"{place}: {name!r} is no name of a rule or a step")
    if not steps or len(set(steps)) < len(steps):
        raise ValueError(f"{place}: the steps where {row['rule']} holds, each once")
    said = {column: _by_step(f"{place}, {column}", row[column], steps) for column in SAID}
    return Rule(row["rule"], steps, said)


def _by_step(place: str, cell: str, steps: tuple[str, ...]) -> dict[str, str]:
    """Returns the value of a cell for each step."""
    usual, *others = (part.strip() for part in cell.split("|"))
    otherwise: dict[str, str] = {}
    for step, said in _otherwise(place, others):
        if step not in steps:
            raise ValueError(f"{place}: {step} is none of the steps of this row")
        if step in otherwise:
            raise ValueError(f"{place}: {step} is given twice")
        if said == usual:
            raise ValueError(f"{place}: {step} has what every step has")
        otherwise[step] = said
    if len(otherwise) == len(steps):
        raise ValueError(f"{place}: nothing is left of which the first part holds")
    return {step: otherwise.get(step, usual) for step in steps}


def _otherwise(place: str, parts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for part in parts:
        found = OTHERWISE.fullmatch(part)
        if not found:
            raise ValueError(f"{place}: after a bar, the steps and what they have (cost: off)")
        for step in found["steps"].split():
            yield step, found["said"]
