"""Reads the law by which planted drugs are taken: a file of TOML, strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

from openchronic.catalogue.strict import Place, made, parsed, section
from openchronic.errors import SettingsError

SHIPPED = "treatment_law.toml"
OTHER = "other"
"""Stands for all départements that the law does not name."""
ATC = re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}")
DEPARTMENT = re.compile(r"[0-9]{2}|2A|2B")
# Whole numbers of days, so that a delay or an early purchase leaves no gap that a pathway would take for a stop.
MOST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Persistence:
    """A drug that some stop at each refill, by the hazard of the first one or that of the later ones."""

    drug: str
    first_refill: float
    later_refill: float


@dataclass(frozen=True, slots=True)
class Switch:
    """A drug that some leave for another one at each refill, bought ``early_days`` before."""

    from_: str
    to: str
    hazard: float
    early_days: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Three lines of treatment; the first one of two drugs for a share of persons."""

    first: str
    added: str
    second: str
    third: str
    together: float
    added_after_days: int
    to_second: float
    to_third: float


@dataclass(frozen=True, slots=True)
class Adherence:
    """A drug whose refills are late by 0 to so many days, by département."""

    drug: str
    most_days_late: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Law:
    """How a ``share`` of adults take planted drugs, every ``refill_days``, from one of the ``first_days`` on."""

    PARTS: ClassVar = ("persistence", "switch", "lines", "adherence")

    share: float
    refill_days: int
    first_days: int
    persistence: Persistence
    switch: Switch
    lines: Lines
    adherence: Adherence

    @property
    def drugs(self) -> Iterator[str]:
        """The classes that are planted."""
        yield from (self.persistence.drug, self.switch.from_, self.switch.to)
        yield from (self.lines.first, self.lines.added, self.lines.second, self.lines.third)
        yield self.adherence.drug


def read_law(file: Path | None = None) -> Law:
    """Returns the law in ``file``, or the one that is shipped. Raises SettingsError with the file and the line."""
    source = file or resources.files("openchronic.synth") / SHIPPED
    try:
        return _law(str(file or SHIPPED), source.read_text("utf-8"))
    except OSError as problem:
        raise SettingsError(f"--treatment-law {file}: {problem.strerror}") from None
    except ValueError as problem:
        raise SettingsError(f"--treatment-law {problem}") from None


def _law(file: str, text: str) -> Law:
    raw, place = parsed(file, text), Place(file, text)
    found = {name: section(raw, name, place) or {} for name in Law.PARTS}
    late = section(found["adherence"], "most_days_late", place.within("adherence")) or {}
    found["adherence"].pop("most_days_late", None)
    if "from" in found["switch"]:  # a word of Python
        found["switch"]["from_"] = found["switch"].pop("from")
    law = made(
        Law,
        {name: value for name, value in raw.items() if name not in found},
        place,
        given={
            "persistence": _part(Persistence, found["persistence"], place, "persistence"),
            "switch": _part(Switch, found["switch"], place, "switch"),
            "lines": _part(Lines, found["lines"], place, "lines"),
            "adherence": made(
                Adherence,
                found["adherence"],
                place.within("adherence"),
                given={"most_days_late": _late(late, place.within("adherence.most_days_late"))},
            ),
        },
    )
    _check(law, place)
    return law


def _part(kind: Any, raw: Mapping[str, Any], place: Place, name: str) -> Any:
    return made(kind, raw, place.within(name))


def _late(raw: Mapping[str, Any], place: Place) -> Mapping[str, int]:
    for department, days in raw.items():
        if department != OTHER and not DEPARTMENT.fullmatch(department):
            raise place.wrong(
                f"{department}: a département of mainland France, such as 59 or 2A, or {OTHER}",
                department,
            )
        if type(days) is not int or not 0 <= days <= MOST_DAYS:
            raise place.wrong(f"{department}: a whole number of days, 0 to {MOST_DAYS}", department)
    if OTHER not in raw:
        raise place.wrong(f"missing {OTHER}: the days of all other départements")
    return dict(raw)


def _check(law: Law, place: Place) -> None:
    for part, within in [(law, place)] + [
        (getattr(law, name), place.within(name)) for name in Law.PARTS
    ]:
        for field in fields(part):
            value, key = getattr(part, field.name), field.name.rstrip("_")
            if type(value) is float and not 0 <= value <= 1:
                raise within.wrong(f"{key}: a probability, 0.0 to 1.0", key)
            if type(value) is str and not ATC.fullmatch(value):
                raise within.wrong(f"{key}: {value} is no full ATC class, such as A10BA02", key)
            if key in ("early_days", "added_after_days") and not 0 <= value < law.refill_days:
                raise within.wrong(f"{key}: fewer days than refill_days", key)
    if not 1 <= law.refill_days <= MOST_DAYS or law.first_days < 1:
        raise place.wrong(f"refill_days is 1 to {MOST_DAYS}, first_days 1 or more", "refill_days")
    drugs = list(law.drugs)
    if twice := sorted({one for one in drugs if drugs.count(one) > 1}):
        raise place.wrong(f"{', '.join(twice)} has two roles: each drug has one")
