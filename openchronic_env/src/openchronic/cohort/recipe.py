"""What a cohort is made by: where index days come from, steps in order, and the end of the follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Keep = Literal["first", "last", "all", "first_ever"]
# Days from the index, both ends included; 0 is the index day.
Window = tuple[int, int]
# Farther than any care is from an index day.
EVER = 99_999
MOST = 2**31 - 1
OLDEST = 130


@dataclass(frozen=True, slots=True)
class Part:
    """One way to have a fact: a disease, stays or events. ``codes``: beginnings by vocabulary; none is any code."""

    source: Literal["onset", "disease", "disease stay", "stay", "event"]
    definition: str = ""
    state: str = ""
    event_type: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What is looked for: any of its ``parts``; ``only_first``: the first of each subject alone."""

    parts: tuple[Part, ...]
    only_first: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """Where index days come from. ``days``: those that are given, for diseases and subjects as they are then."""

    kind: Literal["onset", "fact", "first fact", "known", "year", "everyone"]
    fr: str
    definition: str = ""
    state: str = ""
    fact: Fact | None = None
    by_end: bool = False
    only_incident: bool = False
    days: tuple[date, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    keep: Keep = "first"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a period must meet. ``at_least`` and ``at_most``: years of age, distinct days of a fact, or days since."""

    kind: Literal[
        "ages", "sex", "alive", "not a twin", "observed", "lives in", "fact", "days since"
    ]
    window: Window = (0, 0)
    fact: Fact | None = None
    at_least: int = 0
    at_most: int = MOST
    word: str = ""
    day: date | None = None
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the flow chart: all its conditions must be met."""

    fr: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class End:
    """What ends the follow-up: the death, the end of the observation, some days after the index, or a day."""

    kind: Literal["death", "end_of_observation", "days", "day"]
    reason: str
    days: int | None = None
    day: date | None = None


@dataclass(frozen=True)
class Recipe:
    """A cohort as it was asked for. ``said``: the same as JSON values, as a file would have it."""

    name: str
    index: Index
    steps: tuple[Step, ...]
    ends: tuple[End, ...]
    allow_future: bool
    said: Mapping[str, Any] = field(compare=False, hash=False)

    def facts(self) -> tuple[Fact, ...]:
        """Returns all facts that it looks for: that of the index first, each once."""
        own = [self.index.fact] if self.index.fact else []
        asked = [one.fact for step in self.steps for one in step.conditions if one.fact]
        return tuple(dict.fromkeys([*own, *asked]))

    def definitions(self) -> tuple[str, ...]:
        """Returns the definitions of diseases that it names."""
        named = [self.index.definition, *(p.definition for f in self.facts() for p in f.parts)]
        return tuple(sorted({one for one in named if one}))
