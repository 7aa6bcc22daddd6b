"""Reads where index days come from: a disease, stays, events or everyone; on which day; which of several."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

from openchronic.cohort import values
from openchronic.cohort.base import Base
from openchronic.cohort.looking import TYPES, definition_of, fact_of, part_of
from openchronic.cohort.recipe import Fact, Index, Keep, Part
from openchronic.cohort.values import Raw
from openchronic.cohort.where import NBSP, Where

SOURCES = ("from", "stays", "events")
EVERYONE = "everyone"
KEEPS = get_args(Keep)
DATE = "date:"


def index_of(said: Any, where: Where, base: Base, lists: Raw, *, may_look_ahead: bool) -> Index:
    """Returns the index. Raises SettingsError for what is wrong in it, and for a last day where that is not allowed."""
    said = values.section(said, "index", where)
    values.known_keys(said, (*SOURCES, "on", "between", "keep", "incident"), where)
    if len([one for one in SOURCES if one in said]) != 1:
        raise where.wrong(
            f"one of {', '.join(SOURCES)} says where the index days come from",
            f"une seule clé parmi {', '.join(SOURCES)} dit d’où viennent les jours d’index.",
        )
    reader = _Reader(said, where, base, lists)
    if "from" in said:
        found = reader.of_subjects()
    else:
        found = reader.of_facts("stays" if "stays" in said else "events")
    if found.keep == "last" and not may_look_ahead:
        raise where.wrong(
            'keep = "last" looks after the index: that a day is the last is known later (immortal time). Take the first, '
            "or write allow_future = true, which every result then says",
            'keep = "last" regarde après l’index\u00a0: qu’un jour soit le dernier ne se sait qu’ensuite (temps '
            "« immortel »). Prenez le premier, ou écrivez allow_future = true, que tout résultat rappellera.",
            "keep",
        )
    return found


class _Reader:
    """Reads one [index]."""

    def __init__(self, said: Raw, where: Where, base: Base, lists: Raw) -> None:
        self.said = said
        self.where = where
        self.base = base
        self.lists = lists
        self.between = (
            values.days(said["between"], "between", where) if said.get("between") else None
        )

    def of_facts(self, kind: str) -> Index:
        """Returns the index of stays or events."""
        ways = ("discharge", "admission") if kind == "stays" else ("day",)
        on = self._on(ways)
        fact = Fact((part_of(kind, self.said[kind], self.where, self.lists),))
        self._refuse_incident()
        what = "séjours" if kind == "stays" else TYPES[fact.parts[0].event_type]
        when = {"discharge": "à la sortie", "admission": "à l’entrée", "day": "le jour même"}[on]
        return self._made("fact", f"{what}, {when}", fact=fact, by_end=on == "discharge")

    def of_subjects(self) -> Index:
        """Returns the index of a disease, or of everyone."""
        name = values.text(self.said["from"], "from", self.where)
        if name == EVERYONE:
            self._refuse_incident()
            days = self._days(self._on(("each_year", "date")))
            return self._made("everyone", "tous les sujets", days=days)
        known, state = definition_of(name, self.where, self.base, "from")
        label = f"{known.label} ({state})" if state else known.label
        if known.is_of_stays:
            on = self._on(("discharge", "admission"))
            self._refuse_incident()
            fact = Fact((Part("disease stay", known.name, state),))
            when = "à la sortie" if on == "discharge" else "à l’entrée"
            return self._made("fact", f"{label}, {when}", fact=fact, by_end=on == "discharge")
        on = self._on(("onset", "date", "each_year"))
        if on == "onset" and not state:
            incident = values.truth(self.said.get("incident", False), "incident", self.where)
            which = "cas incidents" if incident else "au début de la maladie"
            return self._made("onset", f"{label}, {which}", known.name, only_incident=incident)
        self._refuse_incident()
        if on == "onset":
            fact = fact_of(name, self.where, self.base, {}, has_window=True)
            return self._made("first fact", f"{label}, au premier jour", fact=fact)
        days = self._days(on)
        if on == "each_year":
            return self._made("year", f"{label}, chaque année", known.name, state, days=days)
        fact = fact_of(name, self.where, self.base, {}, has_window=False)
        return self._made("known", f"{label}, déjà présente le {days[0]}", fact=fact, days=days)

    def _on(self, ways: tuple[str, ...]) -> str:
        said = values.text(self.said.get("on", ways[0]), "on", self.where)
        word = "date" if said.startswith(DATE) else said
        if word not in ways or said == "date":
            shown = [f"{DATE}2022-01-01" if one == "date" else one for one in ways]
            raise self.where.unknown(
                "the index is never on", "ici, l’index ne peut pas être", said, shown, "on"
            )
        return word

    def _days(self, on: str) -> tuple[date, ...]:
        """Returns the day that is given, or the last one of each year."""
        if on == "date":
            if self.between:
                raise self.where.wrong(
                    "between is of no use with one date", "between ne sert à rien avec une seule date.", "between"
                )  # fmt: skip
            said = self.said.get("on", "")
            return (values.day(said.removeprefix(DATE).strip() or None, "on", self.where),)
        first, last = self.between or (self.base.first, self.base.last)
        return tuple(date(year, 12, 31) for year in range(first.year, last.year + 1))

    def _refuse_incident(self) -> None:
        if "incident" in self.said:
            raise self.where.wrong(
                "incident is said of the onset of a disease",
                "incident se dit du début d’une maladie (on = \"onset\", sans état).",
                "incident",
            )  # fmt: skip

    def _made(
        self,
        kind: Any,
        fr: str,
        definition: str = "",
        state: str = "",
        *,
        fact: Fact | None = None,
        by_end: bool = False,
        only_incident: bool = False,
        days: tuple[date, ...] = (),
    ) -> Index:
        keep = self.said.get("keep", "all" if len(days) > 1 else "first")
        if keep not in KEEPS:
            raise self.where.unknown(
                "no choice among days", "aucun choix parmi plusieurs jours ne s’appelle",
                str(keep), KEEPS, "keep",
            )  # fmt: skip
        first, last = self.between or (None, None)
        bounds = f", du {first} au {last}" if first else ""
        fr = f"{fr[0].upper()}{fr[1:]}{bounds}"
        if keep not in ("first", "all") or (keep == "all" and not days):
            fr += {
                "last": f"{NBSP}: le dernier",
                "all": f"{NBSP}: tous",
                "first_ever": f"{NBSP}: le tout premier",
            }[keep]
        return Index(
            kind, fr, definition, state, fact, by_end, only_incident, days, first, last, keep
        )
