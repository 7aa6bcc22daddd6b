"""Reads what a recipe looks for: a disease, stays or events, and the list of codes that they name."""

from __future__ import annotations

import re
from typing import Any

from openchronic.cohort import values
from openchronic.cohort.base import Base, Known
from openchronic.cohort.recipe import Fact, Part
from openchronic.cohort.values import Raw
from openchronic.cohort.where import NBSP, Where
from openchronic.diseases.definition import ROLES, SETTINGS
from openchronic.diseases.vocabularies import CODES
from openchronic.models.release.event_types import load_event_types

OTHER_CODE = re.compile(r"[A-Z0-9]+")
VOCABULARIES = (*CODES, "CIP7", "CSARR", "LPP")
# The nomenclature of a code that names none, by type of event.
DEFAULT = {
    "ald": "CIM10",
    "biology": "NABM",
    "device": "LPP",
    "diagnosis": "CIM10",
    "drug": "ATC",
    "hospital_drug": "ATC",
    "procedure": "CCAM",
    "session": "GHM",
    "stay": "GHM",
}
# What an event of each type is called in a sentence.
TYPES = {one.name: one.singular for one in load_event_types().values()}
STAY_CODES = {"CIM10": "diagnosis", "GHM": "stay"}
KINDS = ("definition", "stays", "events")
Codes = tuple[tuple[tuple[str, str], ...], tuple[str, ...]]


def fact_of(spec: Any, where: Where, base: Base, lists: Raw, *, has_window: bool) -> Fact:
    """Returns the fact of ``spec``: the name of a definition, or a section. Its days are somebody else's to read.

    ``has_window``: whether days are said; without them a disease is looked for from its onset on.
    """
    said: Raw = {"definition": spec} if isinstance(spec, str) else spec
    if "any" in said:
        some = said["any"]
        if not isinstance(some, list | tuple) or not some:
            raise where.wrong(
                "any is a list of facts", "any est une liste de faits, chacun dans { … }.", "any"
            )
        every = [{"definition": one} if isinstance(one, str) else one for one in some]
    else:
        every = [{key: said[key] for key in said if key in KINDS}]
    parts = tuple(_part(one, where, base, lists, has_window=has_window) for one in every)
    return Fact(parts, values.truth(said.get("first", False), "first", where))


def _part(one: Any, where: Where, base: Base, lists: Raw, *, has_window: bool) -> Part:
    one = values.section(one, "any", where)
    values.known_keys(one, KINDS, where)
    if len(one) != 1:
        raise where.wrong(
            f"one of {', '.join(KINDS)} says what is looked for",
            f"il faut dire ce qui est cherché, par une seule clé parmi {', '.join(KINDS)}.",
        )
    if "definition" in one:
        name = values.text(one["definition"], "definition", where)
        known, state = definition_of(name, where, base, "definition")
        if known.is_of_stays:
            return Part("disease stay", known.name, state)
        return Part("disease" if has_window or state else "onset", known.name, state)
    (key,) = one
    return part_of(key, one[key], where, lists)


def definition_of(name: str, where: Where, base: Base, key: str) -> tuple[Known, str]:
    """Returns the definition that ``name`` names and the state after its last point, if any."""
    if name in base.definitions:
        return base.definitions[name], ""
    before, point, state = name.rpartition(".")
    if point and before in base.definitions:
        known = base.definitions[before]
        if state not in known.states:
            raise where.unknown(
                f"{before} has no state", f"{before} n’a pas d’état", state, known.states, key
            )
        return known, state
    raise where.unknown(
        "the release has no definition", "la version n’a pas de définition", name,
        base.definitions, key,
    )  # fmt: skip


def part_of(kind: str, said: Any, where: Where, lists: Raw) -> Part:
    """Returns the part of ``stays`` or ``events``."""
    said = {"codes": said} if isinstance(said, str | list | tuple) and kind == "stays" else said
    said = values.section(said, kind, where)
    is_of_stays = kind == "stays"
    values.known_keys(
        said, ("codes", "roles", "settings", *(() if is_of_stays else ("type",))), where
    )
    kind_of_event = "" if is_of_stays else _type(said, where)
    default = "CIM10" if is_of_stays else DEFAULT.get(kind_of_event, "")
    codes, without = codes_of(said["codes"], default, where, lists) if "codes" in said else ((), ())
    if is_of_stays:
        for vocabulary, _ in codes:
            if vocabulary not in STAY_CODES:
                raise where.wrong(
                    f"stays have codes of {' and '.join(STAY_CODES)}, not of {vocabulary}",
                    f"les séjours ont des codes {' et '.join(STAY_CODES)}, pas {vocabulary}.",
                    "codes",
                )
    has_roles = not is_of_stays and kind_of_event not in ("diagnosis", "ald")
    roles = _roles(said, where, any_word=has_roles)
    settings = values.words(said["settings"], "settings", where) if "settings" in said else ()
    if is_of_stays or kind_of_event == "diagnosis":
        for one in settings:
            if one not in SETTINGS:
                raise where.unknown(
                    "no field of hospitals", "aucun champ de l’hôpital ne s’appelle", one, SETTINGS,
                    "settings",
                )  # fmt: skip
    if is_of_stays:
        is_diagnosed = any(vocabulary == "CIM10" for vocabulary, _ in codes)
        if is_diagnosed and not roles:
            roles = ("DP",)
        settings = settings or ("mco",)
    return Part(
        "stay" if is_of_stays else "event",
        event_type=kind_of_event,
        codes=codes,
        without=without,
        roles=roles,
        settings=settings,
    )


def _roles(said: Raw, where: Where, *, any_word: bool) -> tuple[str, ...]:
    roles = values.words(said["roles"], "roles", where) if "roles" in said else ()
    if roles == ("*",):
        return ROLES
    for one in roles:
        if not any_word and one not in (*ROLES, "listed", "off_list", "several"):
            raise where.unknown(
                "no role of a diagnosis", "aucun rôle de diagnostic ne s’appelle", one,
                (*ROLES, "*"), "roles",
            )  # fmt: skip
    return roles


def _type(said: Raw, where: Where) -> str:
    if "type" not in said:
        raise where.wrong(
            "events have a type, such as drug",
            'les événements ont une nature (type = "drug", par exemple).',
            "events",
        )
    found = values.text(said["type"], "type", where)
    if found not in TYPES:
        raise where.unknown(
            "no type of events", "aucune nature d’événement ne s’appelle", found, TYPES, "type"
        )
    return found


def codes_of(said: Any, default: str, where: Where, lists: Raw) -> Codes:
    """Returns beginnings of codes and those that are taken out: of the list that ``said`` names, or as it says."""
    if isinstance(said, str) and said in lists:
        return _listed(said, lists[said], where.within(f"codes.{said}"))
    every = values.words(said, "codes", where)
    return tuple(_code(one, default, where) for one in every), ()


def _listed(name: str, said: Any, where: Where) -> Codes:
    said = values.section(said, name, where)
    values.known_keys(said, (*VOCABULARIES, "not"), where)
    codes = tuple(
        _checked(vocabulary, one, where, vocabulary)
        for vocabulary in said
        if vocabulary != "not"
        for one in values.words(said[vocabulary], vocabulary, where)
    )
    if not codes:
        raise where.wrong(
            f"no code: one of {', '.join(VOCABULARIES)} is needed",
            f"aucun code. Il en faut d’une nomenclature{NBSP}: {', '.join(VOCABULARIES)}.",
        )
    without = values.words(said["not"], "not", where) if "not" in said else ()
    for one in without:
        if not any(one.startswith(code) for _, code in codes):
            raise where.wrong(
                f"not: {one!r} begins like no code of the list",
                f"not{NBSP}: « {one} » ne commence comme aucun code de la liste.",
                "not",
            )
    return codes, without


def _code(said: str, default: str, where: Where) -> tuple[str, str]:
    before, colon, after = said.partition(":")
    vocabulary, prefix = (before.strip().upper(), after) if colon else (default, before)
    if vocabulary not in VOCABULARIES:
        raise where.unknown(
            "no nomenclature, or list of codes,", "aucune nomenclature ni liste de codes ne s’appelle",
            vocabulary or said, VOCABULARIES, "codes",
        )  # fmt: skip
    return _checked(vocabulary, prefix.strip().upper().replace(".", ""), where, "codes")


def _checked(vocabulary: str, prefix: str, where: Where, key: str) -> tuple[str, str]:
    if not CODES.get(vocabulary, OTHER_CODE).fullmatch(prefix):
        raise where.wrong(
            f"{prefix!r} is no beginning of a code of {vocabulary}, nor a list of codes",
            f"« {prefix} » n’est ni le début d’un code {vocabulary}, ni une liste de codes.",
            key,
        )
    return vocabulary, prefix
