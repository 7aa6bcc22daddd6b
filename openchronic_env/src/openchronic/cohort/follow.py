"""Reads the end of a follow-up: « death or end_of_observation or 730 days »."""

from __future__ import annotations

import re
from datetime import date

from openchronic.cohort.recipe import EVER, End
from openchronic.cohort.where import Where

DEFAULT = "death or end_of_observation"
OR = re.compile(r"\s+(?:or|ou)\s+")
DAYS = re.compile(r"(\d{1,5}) (?:days?|jours?)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NAMED = ("death", "end_of_observation")


def ends_of(text: str, last: date, where: Where) -> tuple[End, ...]:
    """Returns what ends the follow-up, in the order of ``text``; the end of the data (``last``) always does, after all."""
    found: list[End] = []
    for said in OR.split(text.strip()):
        counted = DAYS.fullmatch(said)
        if said in NAMED:
            found.append(End("death" if said == "death" else "end_of_observation", said))
        elif counted and 0 <= int(counted[1]) <= EVER:
            found.append(End("days", f"{int(counted[1])} days", days=int(counted[1])))
        elif DAY.fullmatch(said) and _day(said):
            found.append(End("day", said, day=_day(said)))
        else:
            raise where.unknown(
                "no end of a follow-up", "aucune fin de suivi ne s’écrit", said,
                (*NAMED, "730 days", "2023-12-31"), "until",
            )  # fmt: skip
    return (*found, End("day", "end_of_data", day=last))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
