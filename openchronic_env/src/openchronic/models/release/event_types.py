"""The types of events: one row of ``event_types.csv`` each, which says all that is to be known of a type."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from openchronic.errors import SchemaError

FILE = "event_types.csv"
COLUMNS = ["event_type", "label", "singular", "rank_in_day", "after_death", "also_in"]


@dataclass(frozen=True)
class EventType:
    """One type. ``label``: its French name; ``singular``: what one of them is called in a sentence; ``rank_in_day``: its
    place among the events of a day.

    ``is_care``: an event more than 30 days after a death contradicts that death. ``also_in``: the
    tables of public outpatient care, each of which holds the same care as claims of this type: with
    one of them such claims would count twice.
    """

    name: str
    label: str
    singular: str
    rank_in_day: int
    is_care: bool
    also_in: tuple[str, ...]


@cache
def load_event_types() -> Mapping[str, EventType]:
    """Returns every event type that a release may have. Raises SchemaError: a wrong row, with its line."""
    with (resources.files(__package__) / FILE).open(encoding="utf-8") as lines:
        reader = csv.DictReader(lines, delimiter=";")
        if reader.fieldnames != COLUMNS:
            names = " ".join(COLUMNS)
            raise _wrong(1, f"its columns must be {names}", f"ses colonnes doivent être {names}")
        found = {}
        for row in reader:
            name, care = row["event_type"], row["after_death"]
            if not name or name in found:
                raise _wrong(
                    reader.line_num,
                    f"the type {name!r} is empty, or declared twice",
                    f"le type {name!r} est vide, ou déclaré deux fois",
                )
            named = row["label"] and row["singular"]
            if not named or not row["rank_in_day"].isdigit() or care not in ("", "care"):
                raise _wrong(
                    reader.line_num,
                    f"{name} needs a label and its singular, a whole rank, and care or nothing in after_death",
                    f"{name} demande un libellé et son singulier, un rang entier, et care ou rien dans after_death",
                )
            also_in = tuple(row["also_in"].split())
            found[name] = EventType(
                name=name,
                label=row["label"],
                singular=row["singular"],
                rank_in_day=int(row["rank_in_day"]),
                is_care=care == "care",
                also_in=also_in,
            )
        return MappingProxyType(found)


def words_of_types() -> Mapping[str, str]:
    """Returns SQL for the texts of events: ``rank_in_day`` of a row, and ``care_types``, a list.

    A join on the type would deal all events of a bucket to a few keys.
    """
    types = load_event_types().values()
    ranks = " ".join(f"WHEN '{one.name}' THEN {one.rank_in_day}" for one in types)
    care = ", ".join(f"'{one.name}'" for one in types if one.is_care)
    return {"rank_in_day": f"CASE event_type {ranks} END", "care_types": care}


def _wrong(line: int, english: str, french: str) -> SchemaError:
    return SchemaError(f"{FILE}, line {line}: {english}", f"{FILE}, ligne {line} : {french}.")
