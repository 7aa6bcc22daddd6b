"""Lists the reference tables: delivered tables whose lines make no row of the release."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from openchronic.catalogue import Table, load_tables

Role = Literal["people", "looked up", "compared", "stored", "unused"]


@dataclass(frozen=True)
class LookedUp:
    """A delivered reference table, with what it is read for, or why it is not read."""

    table: str
    role: Role
    meaning: str


def looked_up(tables: Collection[str]) -> list[LookedUp]:
    """Returns the reference tables among ``tables``, by what they are read for."""
    found = [
        one
        for table in load_tables().values()
        if table.name in tables
        for one in _roles(table, alone=table.lines.of not in tables)
    ]
    roles = get_args(Role)
    return sorted(found, key=lambda one: roles.index(one.role))


def meaning_of(table: str, role: str) -> str:
    """Returns what a table of that role is read for, or why it is not; "" where it has another role now."""
    known = load_tables().get(table)
    every = [one for alone in (True, False) for one in _roles(known, alone=alone)] if known else []
    return next((one.meaning for one in every if one.role == role), "")


def _roles(table: Table, *, alone: bool) -> Iterator[LookedUp]:
    """Yields the role of the table, if any. ``alone``: whether the table that its lines detail is absent."""
    said = table.lines
    if alone and said.alone:
        yield LookedUp(table.name, "unused", said.alone)
    elif said.role != "events" and said.role != "costs":
        yield LookedUp(table.name, said.role, said.read_for)
