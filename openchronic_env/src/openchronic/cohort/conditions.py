"""Reads a step of a recipe: the conditions that a period must meet, all of them, and a sentence where none is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openchronic.cohort import values
from openchronic.cohort.base import Base
from openchronic.cohort.departments import departments
from openchronic.cohort.looking import KINDS, TYPES, fact_of
from openchronic.cohort.recipe import EVER, MOST, OLDEST, Condition, Step, Window
from openchronic.cohort.values import Raw
from openchronic.cohort.where import NBSP, Where

FACTS = ("with", "without", "days_since")
KEYS = (
    *("fr", "observed_before", "observed_after", "ages", "sex", "lives_in", "alive_at"),
    *FACTS,
)
SEXES = {"F": "Femmes", "M": "Hommes"}


def step_of(said: Any, where: Where, base: Base, lists: Raw, *, may_look_ahead: bool) -> Step:
    """Returns a step. Raises SettingsError for what is wrong in it, and for days after the index that are not allowed."""
    said = values.section(said, "step", where)
    values.known_keys(said, KEYS, where)
    reader = _Reader(where, base, lists, may_look_ahead=may_look_ahead)
    told: list[str] = []
    conditions: list[Condition] = []
    for key in said:
        if key != "fr":
            one, sentence = reader.condition(key, said[key])
            conditions.append(one)
            told.append(sentence)
    if not conditions:
        raise where.wrong(
            f"a step has a condition: one of {', '.join(KEYS[1:])}",
            f"une étape a une condition{NBSP}: {', '.join(KEYS[1:])}.",
        )
    fr = values.text(said["fr"], "fr", where) if "fr" in said else " et ".join(told)
    return Step(fr[0].upper() + fr[1:], tuple(conditions))


class _Reader:
    """Reads the conditions of one step."""

    def __init__(self, where: Where, base: Base, lists: Raw, *, may_look_ahead: bool) -> None:
        self.where = where
        self.base = base
        self.lists = lists
        self.may_look_ahead = may_look_ahead

    def condition(self, key: str, value: Any) -> tuple[Condition, str]:
        """Returns a condition, and what it says in French."""
        if key == "observed_before":
            days = self._days(key, value)
            return Condition("observed", (-days, 0)), f"observé {days} jours avant l’index"
        if key == "observed_after":
            days = self._days(key, value)
            self._refuse_future(days, key)
            return Condition("observed", (0, days)), f"observé {days} jours après l’index"
        if key == "ages":
            least, most = values.pair(value, key, self.where, least=0, most=OLDEST)
            said = f"{least} ans et plus" if most == OLDEST else f"de {least} à {most} ans"
            return Condition("ages", at_least=least, at_most=most), said
        if key == "sex":
            value = values.text(value, key, self.where)
            if value not in SEXES:
                raise self.where.unknown(
                    "no sex", "aucun sexe ne s’écrit", str(value), SEXES, "sex"
                )
            return Condition("sex", word=value), SEXES[value].lower()
        if key == "lives_in":
            named = values.words(value, key, self.where)
            found = departments(named, self.where)
            return Condition("lives in", departments=found), f"réside{NBSP}: {', '.join(named)}"
        if key == "alive_at":
            return self._alive(value)
        return self._fact(key, value)

    def _days(self, key: str, value: Any) -> int:
        return values.whole(value, key, self.where, least=0, most=EVER)

    def _refuse_future(self, last: int, key: str) -> None:
        if last > 0 and not self.may_look_ahead:
            raise self.where.wrong(
                f"{key} looks {last} days after the index: whoever is chosen by what comes later cannot fail before it "
                "(immortal time). Put it in [follow], or write allow_future = true, which every result then says",
                f"{key} regarde {last} jours après l’index{NBSP}: choisir des sujets par ce qui leur arrive ensuite les "
                "rend « immortels » jusque-là. Mettez-le dans [follow], ou écrivez allow_future = true, que tout "
                "résultat rappellera.",
                key,
            )

    def _alive(self, value: Any) -> tuple[Condition, str]:
        if isinstance(value, int | float):
            offset = values.whole(value, "alive_at", self.where, least=-EVER, most=EVER)
            self._refuse_future(offset, "alive_at")
            said = "vivant au jour d’index" if not offset else f"vivant au jour {offset}"
            return Condition("alive", (0, offset)), said
        day = values.day(value, "alive_at", self.where)
        if not self.may_look_ahead:
            raise self.where.wrong(
                f"alive_at = {day} may be after the index (immortal time): write a number of days, 0 or less, or "
                "allow_future = true, which every result then says",
                f"alive_at = {day} peut suivre l’index (temps « immortel »){NBSP}: écrivez un nombre de jours, 0 ou moins, "
                "ou allow_future = true, que tout résultat rappellera.",
                "alive_at",
            )
        return Condition("alive", day=day), f"vivant le {day}"

    def _fact(self, key: str, value: Any) -> tuple[Condition, str]:
        said: Raw = {"definition": value} if isinstance(value, str) else value
        said = values.section(said, key, self.where)
        is_since = key == "days_since"
        own = ("at_least", "at_most") if key != "without" else ()
        window = () if is_since else ("days",)
        values.known_keys(said, ("any", *KINDS, "first", *window, *own), self.where)
        days = self._window(said.get("days"), key) if not is_since else (-EVER, 0)
        has_window = is_since or "days" in said
        fact = fact_of(said, self.where, self.base, self.lists, has_window=has_window)
        named = _named(said, self.base)
        if is_since:
            least = self._count(said, "at_least", 0)
            most = self._count(said, "at_most", MOST)
            bounds = f"{least} jours ou plus" if most == MOST else f"de {least} à {most} jours"
            return (
                Condition("days since", fact=fact, at_least=least, at_most=most),
                f"{bounds} depuis {named}",
            )
        when = _when(days, said=said)
        if key == "without":
            return Condition("fact", days, fact, at_least=0, at_most=0), f"sans {named}{when}"
        least = self._count(said, "at_least", 0 if "at_most" in said else 1)
        most = self._count(said, "at_most", MOST)
        if least > most:
            raise self.where.wrong(
                f"at_least {least} is more than at_most {most}",
                f"at_least ({least}) dépasse at_most ({most}).",
                "at_least",
            )
        counted = "" if (least, most) == (1, MOST) else f" ({_counted(least, most)})"
        return (
            Condition("fact", days, fact, at_least=least, at_most=most),
            f"avec {named}{counted}{when}",
        )

    def _count(self, said: Raw, key: str, default: int) -> int:
        if key not in said:
            return default
        return values.whole(said[key], key, self.where, least=0, most=MOST)

    def _window(self, said: Any, key: str) -> Window:
        if said is None:
            return -EVER, 0
        window = values.pair(said, "days", self.where, least=-EVER, most=EVER)
        self._refuse_future(window[1], "days")
        return window


def _named(said: Raw, base: Base) -> str:
    """Returns what a fact is called in a sentence."""
    if "any" in said:
        return " ou ".join(
            _named({"definition": one} if isinstance(one, str) else one, base)
            for one in said["any"]
        )
    if "definition" in said:
        return f"« {_label(said['definition'], base)} »"
    (key,) = (one for one in KINDS if one in said)
    what = said[key]
    if not isinstance(what, Mapping):
        return f"séjour {_codes(what)}"
    codes = _codes(what.get("codes", ()))
    kind = "séjour" if key == "stays" else TYPES.get(str(what.get("type")), "")
    return f"{kind} {codes}".strip()


def _label(name: str, base: Base) -> str:
    """Returns the French name of a definition that is there, with its state."""
    if name in base.definitions:
        return base.definitions[name].label
    before, _, state = name.rpartition(".")
    return f"{base.definitions[before].label} ({state})"


def _codes(said: Any) -> str:
    return said if isinstance(said, str) else ", ".join(map(str, said))


def _counted(least: int, most: int) -> str:
    if most == MOST:
        return f"{least} jours ou plus"
    return f"{most} jours au plus" if not least else f"de {least} à {most} jours"


def _when(window: Window, *, said: Raw) -> str:
    if "days" not in said:
        return ", jusqu’à l’index"
    first, last = window
    return f", du jour {_signed(first)} au jour {_signed(last)}"


def _signed(day: int) -> str:
    return f"{day:+d}" if day else "0"
