"""Delivered tables whose lines become no row of the release: what each is read for (``looked_up.csv``)."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast, get_args

from openchronic.building.ingest import TableReading

Role = Literal["people", "looked up", "compared", "stored", "unused"]


@dataclass(frozen=True)
class LookedUp:
    """One of them. ``when``: ``with TABLE`` or ``without TABLE`` where it depends on another."""

    table: str
    when: str
    role: Role
    meaning: str

    def applies(self, tables: Collection[str]) -> bool:
        """Whether it is so of a delivery of ``tables``."""
        word, _, other = self.when.partition(" ")
        return not word or (other in tables) == (word == "with")


@cache
def load_looked_up() -> tuple[LookedUp, ...]:
    """All of them. Raises ValueError: a role or a condition that is not one of ours."""
    file = resources.files("openchronic.building") / "looked_up.csv"
    with file.open(encoding="utf-8") as lines:
        return tuple(
            LookedUp(row["table"], _when(row["when"]), _role(row["role"]), row["meaning"])
            for row in csv.DictReader(lines, delimiter=";", strict=True)
        )


def looked_up(readings: Mapping[str, TableReading]) -> list[LookedUp]:
    """Those of the tables that were read."""
    return [one for one in load_looked_up() if one.table in readings and one.applies(readings)]


def _role(value: str) -> Role:
    if value not in get_args(Role):
        raise ValueError(f"looked_up.csv: {value!r} is not one of {', '.join(get_args(Role))}")
    return cast(Role, value)


def _when(value: str) -> str:
    if value and not value.startswith(("with ", "without ")):
        raise ValueError(f"looked_up.csv: {value!r} is neither with nor without a table")
    return value
