"""Letters under which hospitals bill services and fees: what each is called, and which are visits."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.schema import load_nomenclature


def load_letters(context: Context) -> None:
    """Make ``service_letter``: the letters of services, their labels, and which are visits."""
    visits = {row["code"]: row for row in load_nomenclature("hospital_visit")}
    labels = {row["letter"]: row["label"] for row in reversed(load_nomenclature("service"))}
    labels |= {letter: row["label"] for letter, row in visits.items()}
    context.engine.give(
        "service_letter",
        {"code": "STRING", "label": "STRING", "is_visit": "BOOLEAN", "is_emergency": "BOOLEAN"},
        [
            (
                letter,
                label,
                letter in visits,
                letter in visits and visits[letter]["emergency"] == "1",
            )
            for letter, label in labels.items()
        ],
    )
