"""What a definition of a disease is: lists of codes, criteria that find facts, states that combine them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from openchronic.diseases.expression import Node

Status = Literal["sourced", "worded", "to_validate"]
# From the best to the worst.
STATUSES: Mapping[Status, str] = {
    "sourced": "sourcé",
    "worded": "règle sourcée, codes à valider",
    "to_validate": "à valider",
}
Find = Literal[
    "ald",
    "drug",
    "hospital_drug",
    "diagnosis",
    "procedure",
    "biology",
    "session",
    "stay",
    "service",
]
Sex = Literal["", "F", "M"]
ROLES = ("DP", "DR", "DAS", "DP_UM", "DR_UM", "MMP", "FPP", "AE")
SETTINGS = ("mco", "ssr", "had", "psy")
ANY_AGE = (0, 130)
WASHOUT_DAYS = 730


@dataclass(frozen=True, slots=True)
class CodeList:
    """Beginnings of codes, by vocabulary, and those that are taken out again (``without``)."""

    name: str
    status: Status
    codes: tuple[tuple[str, tuple[str, ...]], ...]
    without: tuple[str, ...] = ()
    validated_by: str = ""
    validated_on: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Another diagnosis of the same stay or episode, which must be there or (``absent``) must not."""

    codes: str
    roles: tuple[str, ...]
    same: Literal["stay", "episode"]
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """One way to find facts. ``years``: those around year n in which a fact counts, both included; ``dates``:
    distinct days within one calendar year, of which ``dates_large`` are enough once one pack is large;
    ``ages`` and ``sex``: on the day of the fact."""

    name: str
    find: Find
    codes: str
    roles: tuple[str, ...] = ()
    settings: tuple[str, ...] = ("mco",)
    years: tuple[int, int] = (0, 0)
    date: Literal["open", "start"] = "open"
    dates: int = 1
    dates_large: int | None = None
    quantity: int | None = None
    pair: Pair | None = None
    only_among: str = ""
    ages: tuple[int, int] | None = None
    sex: Sex = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What is evaluated under one name: a definition, or (``diabetes.pharmacological``) a variant of one."""

    name: str
    first_year: int
    states: tuple[tuple[str, Node], ...]
    tops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A disease. ``first_year``: no answer before; ``ages``: reached in year n; ``tops``: what the national
    cartography calls it; ``lacks``: what of the national rule is not seen (French); ``meaning``: the digest of
    all that can change a count; ``file_sha256``: that of the whole file; ``kind`` stay: it is a definition of stays, not of years."""

    name: str
    fr: str
    version: int
    status: Status
    source: str
    codes: Mapping[str, CodeList]
    criteria: tuple[Criterion, ...]
    forms: tuple[Form, ...]
    kind: Literal["year", "stay"] = "year"
    first_year: int = 0
    sex: Sex = ""
    ages: tuple[int, int] = ANY_AGE
    lacks: str = ""
    washout_days: int = WASHOUT_DAYS
    meaning: str = ""
    file_sha256: str = ""
    is_local: bool = False
    expressions: Mapping[str, str] = field(default_factory=dict)

    @property
    def tops(self) -> tuple[str, ...]:
        return self.forms[0].tops
