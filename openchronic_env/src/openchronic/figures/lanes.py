"""The lanes of one person's timeline: what is drawn on which, in the order from the top."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# Lanes in their order: the type of event and where it happened (empty: anywhere), and its name.
LANES: tuple[tuple[str, str, str], ...] = (
    ("ald", "", "Affections de longue durée"),
    ("stay", "mco", "Séjours, court séjour"),
    ("stay", "ssr", "Séjours, réadaptation"),
    ("stay", "had", "Séjours, à domicile"),
    ("stay", "psy", "Séjours, psychiatrie"),
    ("session", "", "Séances"),
    ("diagnosis", "", "Diagnostics"),
    ("visit", "", "Consultations"),
    ("procedure", "", "Actes"),
    ("biology", "", "Biologie"),
    ("drug", "", "Médicaments"),
    ("hospital_drug", "", "Médicaments de l’hôpital"),
    ("device", "", "Dispositifs"),
    ("nursing", "", "Soins infirmiers"),
    ("physiotherapy", "", "Kinésithérapie"),
    ("transport", "", "Transports"),
    ("hospital_service", "", "Autres soins de l’hôpital"),
    ("death", "", "Décès"),
    ("death_cause", "", "Causes de décès"),
)
FOLLOWED = "Suivi"
# Classes of drugs with a lane of their own: the others share one.
MOST_CLASSES, CLASS = 8, 4
OTHER_DRUGS = "Autres médicaments"


@dataclass(frozen=True)
class Fact:
    """An event as it is drawn. ``last``: its last day, the first one for a fact of a day."""

    kind: str
    setting: str
    first: date
    last: date
    said: str
    atc: str = ""


def lanes_of(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Returns the facts of each lane that has some, those of dispensed drugs by class."""
    every = list(facts)
    classes = _classes(every)
    found: dict[str, list[Fact]] = {}
    for kind, setting, name in LANES:
        here = [one for one in every if one.kind == kind and setting in ("", one.setting)]
        if kind != "drug":
            found[name] = here
            continue
        for one in classes:
            found[f"{name} {one}"] = [fact for fact in here if fact.atc[:CLASS] == one]
        found[OTHER_DRUGS if classes else name] = [
            fact for fact in here if fact.atc[:CLASS] not in classes
        ]
    return {name: some for name, some in found.items() if some}


def _classes(facts: Iterable[Fact]) -> list[str]:
    """Returns the classes that are dispensed on most days, in the order of their codes."""
    days: dict[str, set[date]] = {}
    for one in facts:
        if one.kind == "drug" and one.atc:
            days.setdefault(one.atc[:CLASS], set()).add(one.first)
    most = sorted(days, key=lambda one: (-len(days[one]), one))[:MOST_CLASSES]
    return sorted(most)
