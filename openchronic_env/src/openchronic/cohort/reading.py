"""Reads a recipe strictly, from TOML or from what Python writes: the same values, the same cohort."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from openchronic.cohort import values
from openchronic.cohort.base import Base
from openchronic.cohort.conditions import step_of
from openchronic.cohort.follow import DEFAULT, ends_of
from openchronic.cohort.indexing import index_of
from openchronic.cohort.recipe import Condition, Fact, Recipe, Step
from openchronic.cohort.values import Raw
from openchronic.cohort.where import NBSP, Where
from openchronic.errors import SettingsError

KEYS = ("name", "allow_future", "keep_twins", "index", "follow", "codes", "step")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
MOST_STEPS = 100
ALIVE = Step("Vivant au jour d’index", (Condition("alive"),))
NO_TWIN = Step(
    "Hors jumeaux, dont les séjours ne sont pas sûrs (keep_twins)", (Condition("not a twin"),)
)


def read_file(path: Path) -> tuple[Raw, Where]:
    """Returns what a file says, and where. Raises SettingsError where it is not there, or no TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), Where(str(path), text)
    except OSError as problem:
        raise SettingsError(
            f"{path}: {problem.strerror or problem}",
            f"{path}{NBSP}: le fichier ne peut pas être lu.",
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SettingsError(
            f"{path}: not TOML: {problem}", f"{path}{NBSP}: ce n’est pas du TOML ({problem})."
        ) from None


def recipe_of(said: Raw, where: Where, base: Base) -> Recipe:
    """Returns the recipe. Raises SettingsError, with file and line or with the step, where it is none."""
    values.known_keys(said, KEYS, where)
    name = values.text(said.get("name", "cohorte"), "name", where)
    if not NAME.fullmatch(name):
        raise where.wrong(
            f"name: {name!r} has other signs than letters, digits, _, - and .",
            f"name{NBSP}: « {name} » a d’autres signes que lettres, chiffres, _, - et point.",
            "name",
        )
    lists = values.section(said.get("codes", {}), "codes", where)
    _refuse_unused(said, lists, where)
    may_look_ahead = values.truth(said.get("allow_future", False), "allow_future", where)
    if "index" not in said:
        raise where.wrong(
            "no [index]: where the index days come from", "il manque [index], d’où viennent les jours d’index."
        )  # fmt: skip
    index = index_of(
        said["index"], where.within("index"), base, lists, may_look_ahead=may_look_ahead
    )
    own = said.get("step", ())
    if not isinstance(own, list | tuple) or len(own) > MOST_STEPS:
        raise where.wrong(
            f"steps are [[step]], {MOST_STEPS} at most",
            f"les étapes sont des [[step]], {MOST_STEPS} au plus.",
            "step",
        )
    steps = tuple(
        step_of(one, where.within("step", number), base, lists, may_look_ahead=may_look_ahead)
        for number, one in enumerate(own, 1)
    )
    follow = values.section(said.get("follow", {}), "follow", where)
    in_follow = where.within("follow")
    values.known_keys(follow, ("until",), in_follow)
    until = values.text(follow.get("until", DEFAULT), "until", in_follow)
    keeps_twins = values.truth(said.get("keep_twins", False), "keep_twins", where)
    before = [ALIVE]
    made = Recipe(
        name, index, steps, ends_of(until, base.last, in_follow), may_look_ahead, plain(said)
    )
    if not keeps_twins and _needs_stays(made, base):
        before.append(NO_TWIN)
    return Recipe(name, index, (*before, *steps), made.ends, may_look_ahead, made.said)


def plain(said: Any) -> Any:
    """Returns ``said`` as JSON values: days are texts."""
    if isinstance(said, Mapping):
        return {str(key): plain(one) for key, one in said.items()}
    if isinstance(said, list | tuple):
        return [plain(one) for one in said]
    return said.isoformat() if isinstance(said, date) else said


def _needs_stays(recipe: Recipe, base: Base) -> bool:
    if any(base.definitions[one].of_hospital for one in recipe.definitions()):
        return True
    return any(_is_of_stays(one) for one in recipe.facts())


def _is_of_stays(fact: Fact) -> bool:
    return any(
        part.source == "stay" or part.event_type in ("diagnosis", "session", "stay")
        for part in fact.parts
    )


def _refuse_unused(said: Raw, lists: Raw, where: Where) -> None:
    used = set(_names({key: said[key] for key in said if key != "codes"}))
    for name in lists:
        if name not in used:
            raise where.within(f"codes.{name}").wrong(
                f"nothing uses the list {name}", f"rien n’emploie la liste « {name} »."
            )


def _names(said: Any) -> Iterator[str]:
    """Yields every text that is given to ``codes``."""
    if isinstance(said, Mapping):
        for key, one in said.items():
            if key == "codes" and isinstance(one, str):
                yield one
            yield from _names(one)
    elif isinstance(said, list | tuple):
        for one in said:
            yield from _names(one)
