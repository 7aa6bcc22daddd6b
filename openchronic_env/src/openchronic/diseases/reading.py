"""Reads the file of one definition strictly: what is unknown, unused or no code is refused with file and line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from openchronic.catalogue.strict import Place, made, parsed, section
from openchronic.diseases.definition import (
    ANY_AGE,
    ROLES,
    SETTINGS,
    STATUSES,
    CodeList,
    Criterion,
    Definition,
    Form,
    Pair,
)
from openchronic.diseases.expression import Node, names, parse, terms
from openchronic.diseases.vocabularies import CODES, SAID_IN

NAME = re.compile(r"[a-z][a-z0-9_]*")
# The bits of a whole number that is exact everywhere; some are left for the states of other definitions.
MOST_CRITERIA = 40
# Facts that count by days of a calendar year.
COUNTED = ("drug", "hospital_drug", "procedure", "biology", "session", "stay", "service")
Raw = dict[str, Any]


def read_definition(file: str, text: str) -> Definition:
    """Returns the definition in ``text``. Raises ValueError, with ``file`` and line, where it is none."""
    raw, place = parsed(file, text), Place(file, text)
    codes = {
        name: _code_list(name, said, place.within(f"codes.{name}"))
        for name, said in _sections(raw, "codes", place)
    }
    criteria = tuple(
        _criterion(name, said, place.within(f"criteria.{name}"), codes)
        for name, said in _sections(raw, "criteria", place)
    )
    if not criteria:
        raise place.wrong("no [criteria.…]: nobody would be found")
    if len(criteria) > MOST_CRITERIA:
        raise place.wrong(f"more than {MOST_CRITERIA} criteria: split the definition")
    expressions: dict[str, str] = {}
    tops, first_year = _words(raw, "tops", place), _whole(raw, "first_year", place, 0)
    known = {one.name for one in criteria}
    own = Form(raw.get("name", ""), first_year, _states(raw, place, known, expressions), tops)
    forms = [own, *_variants(raw, place, known, expressions, own)]
    made_of = made(
        Definition,
        raw,
        place,
        given={
            "codes": codes,
            "criteria": criteria,
            "forms": tuple(forms),
            "first_year": first_year,
            "ages": _ages(raw.pop("ages", None), place, "ages") or ANY_AGE,
            "expressions": expressions,
        }
        | {"meaning": "", "is_local": False, "file_sha256": _digest(text)},
    )
    _check(made_of, place)
    return replace(made_of, meaning=_meaning(made_of))


def _sections(raw: Raw, name: str, place: Place) -> Iterator[tuple[str, Raw]]:
    said = section(raw, name, place) or {}
    raw.pop(name, None)
    for one, content in said.items():
        if not NAME.fullmatch(one):
            raise place.within(f"{name}.{one}").wrong(f"{one!r}: small letters, digits and _ only")
        if not isinstance(content, dict):
            raise place.within(name).wrong(f"{one} is a section: [{name}.{one}]", one)
        yield one, dict(content)


def _code_list(name: str, raw: Raw, place: Place) -> CodeList:
    codes = []
    for vocabulary in [one for one in raw if one in CODES]:
        found = _words(raw, vocabulary, place)
        for code in found:
            if not CODES[vocabulary].fullmatch(code):
                raise place.wrong(f"{code!r} is no beginning of a code of {vocabulary}", vocabulary)
        if len(set(found)) < len(found):
            raise place.wrong(f"{vocabulary}: a code is there twice", vocabulary)
        codes.append((vocabulary, found))
    if not any(found for _, found in codes):
        raise place.wrong(f"no codes: one of {', '.join(CODES)} is needed")
    without = _words(raw, "not", place)
    for code in without:
        if not any(code.startswith(one) for _, found in codes for one in found):
            raise place.wrong(f"not: {code!r} begins like no code of the list", "not")
    made_of = made(
        CodeList, raw, place, given={"name": name, "codes": tuple(codes), "without": without}
    )
    told = (made_of.validated_by, made_of.validated_on, made_of.evidence)
    if any(told) and not all(told):
        raise place.wrong("validated_by, validated_on and evidence come together", "validated_by")
    return made_of


def _criterion(name: str, raw: Raw, place: Place, codes: Mapping[str, CodeList]) -> Criterion:
    given: dict[str, object] = {"name": name}
    pairs = [one for one in ("with", "without") if one in raw]
    if len(pairs) > 1:
        raise place.wrong("with or without, not both", "without")
    for side in pairs:
        said = raw.pop(side)
        if not isinstance(said, dict):
            raise place.wrong(f"{side} = {{ codes = …, roles = …, same = … }}", side)
        given["pair"] = made(Pair, said, place, given={"absent": side == "without"}, at=side)
    is_dated = "years" in raw
    if is_dated:
        given["years"] = _years(raw.pop("years"), place)
    if "ages" in raw:
        given["ages"] = _ages(raw.pop("ages"), place, "ages")
    found = made(Criterion, raw, place, given=given)
    for key, what in _wrong_keys(found, raw, is_dated=is_dated):
        raise place.wrong(what, key)
    for key, listed in _lists_of(found):
        if listed not in codes:
            raise place.wrong(f"{key}: there is no [codes.{listed}]", key)
        valid = SAID_IN[found.find]
        if not any(vocabulary in valid for vocabulary, _ in codes[listed].codes):
            raise place.wrong(
                f"{key}: [codes.{listed}] has no {' or '.join(valid)}: no {found.find} has its codes",
                key,
            )
    return found


def _wrong_keys(one: Criterion, raw: Raw, *, is_dated: bool) -> Iterator[tuple[str, str]]:
    pair = one.pair
    if (one.find == "diagnosis") != bool(one.roles):
        yield "roles", "roles are those of diagnoses, which need them"
    for key, some, valid in (
        ("roles", one.roles + (pair.roles if pair else ()), (*ROLES, "*")),
        ("settings", one.settings, SETTINGS),
    ):
        for word in some:
            if word not in valid:
                yield key, f"{key}: {word!r} is not one of {', '.join(valid)}"
    if pair and not pair.roles:
        yield "with", "roles are those of diagnoses, which need them"
    if "settings" in raw and one.find != "diagnosis":
        yield "settings", "settings are those of diagnoses"
    if pair and one.find != "diagnosis":
        yield ("without" if pair.absent else "with"), "only a diagnosis has others in its stay"
    if "date" in raw and one.find != "ald":
        yield "date", "date is said of an ALD"
    if one.find == "ald" and is_dated != (one.date == "start"):
        yield "years", 'an ALD has years with date = "start", and only then'
    for key in ("dates", "dates_large", "quantity", "only_among"):
        if key in raw and one.find not in COUNTED:
            yield key, f"{key} counts days of a year: of no {one.find}"
    if one.only_among and one.find == "service":
        yield "only_among", "only_among compares events, and a service is a claim"
    if one.dates < 1 or (one.dates_large is not None and not 1 <= one.dates_large <= one.dates):
        yield "dates", "dates is 1 or more, and dates_large no more than dates"
    if one.quantity is not None and one.quantity < 1:
        yield "quantity", "quantity is 1 or more"


def _lists_of(one: Criterion) -> Iterator[tuple[str, str]]:
    yield "codes", one.codes
    if one.pair:
        yield ("without" if one.pair.absent else "with"), one.pair.codes
    if one.only_among:
        yield "only_among", one.only_among


def _states(
    raw: Raw, place: Place, known: set[str], told: dict[str, str], before: str = ""
) -> tuple[tuple[str, Node], ...]:
    said = section(raw, "states", place) or {}
    raw.pop("states", None)
    place = place.within("states")
    if not said:
        raise place.wrong("no [states]: what makes a case is not said")
    return tuple(_state(key, text, place, known, told, before) for key, text in said.items())


def _state(
    key: str, text: object, place: Place, known: set[str], told: dict[str, str], before: str
) -> tuple[str, Node]:
    if not NAME.fullmatch(key) or not isinstance(text, str):
        raise place.wrong(f"{key} is a state: a name, then an expression in quotes", key)
    try:
        node = parse(text)
        terms(node)
    except ValueError as problem:
        raise place.wrong(f"{key}: {problem}", key) from None
    unknown = [one for one in names(node) if "." not in one and one not in known]
    if unknown:
        raise place.wrong(f"{key}: there is no [criteria.{unknown[0]}]", key)
    told[before + key] = text
    return key, node


def _variants(
    raw: Raw, place: Place, known: set[str], told: dict[str, str], own: Form
) -> Iterator[Form]:
    for name, said in list(_sections(raw, "variants", place)):
        inside = place.within(f"variants.{name}")
        since = max(own.first_year, _whole(said, "since", inside, 0))
        tops = _words(said, "tops", inside)
        if not said:
            raise inside.wrong("a variant has states")
        states = tuple(
            _state(key, text, inside, known, told, f"{name}.") for key, text in said.items()
        )
        yield Form(f"{own.name}.{name}", since, states, tops)


def _check(one: Definition, place: Place) -> None:
    if not NAME.fullmatch(one.name) or place.file.rsplit("/", 1)[-1] != f"{one.name}.toml":
        raise place.wrong("name: small letters, digits and _, and that of the file", "name")
    for key in ("fr", "source"):
        if not getattr(one, key).strip():
            raise place.wrong(f"{key} is empty", key)
    if one.version < 1:
        raise place.wrong("version is 1 or more", "version")
    order = list(STATUSES)
    worst = max(order.index(part.status) for part in one.codes.values())
    if order.index(one.status) < worst:
        raise place.wrong(f"status {one.status}: one of its lists is {order[worst]}", "status")
    used = {name for part in one.criteria for _, name in _lists_of(part)}
    for name in one.codes:
        if name not in used:
            raise place.within(f"codes.{name}").wrong(f"no criterion uses the list {name}")
    meant = {n for form in one.forms for _, node in form.states for n in names(node)}
    for part in one.criteria:
        if part.name not in meant:
            raise place.within(f"criteria.{part.name}").wrong(f"no state uses {part.name}")
    if one.kind == "stay":
        for part in one.criteria:
            if part.find != "diagnosis" or part.years != (0, 0):
                raise place.within(f"criteria.{part.name}").wrong(
                    "a definition of stays has diagnoses alone, without years"
                )
        if any("." in name for name in meant):
            raise place.within("states").wrong("a definition of stays names its own criteria only")


def _meaning(one: Definition) -> str:
    """Returns the digest of what can change a count: neither words nor the status of its lists."""
    told = {
        "codes": {name: [part.codes, part.without] for name, part in one.codes.items()},
        "criteria": [asdict(part) for part in one.criteria],
        "states": one.expressions,
        "from": [(form.name, form.first_year) for form in one.forms],
        "who": [one.kind, one.sex, one.ages, one.washout_days],
    }
    return _digest(json.dumps(told, sort_keys=True))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _words(raw: Raw, key: str, place: Place) -> tuple[str, ...]:
    found = raw.pop(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise place.wrong(f"{key} is a list of words", key)
    return tuple(found)


def _whole(raw: Raw, key: str, place: Place, default: int) -> int:
    found = raw.pop(key, default)
    if type(found) is not int:
        raise place.wrong(f"{key} is a whole number", key)
    return found


def _years(said: object, place: Place) -> tuple[int, int]:
    first, last = _two(said, place, "years", -9, 0)
    return first, last


def _ages(said: object, place: Place, key: str) -> tuple[int, int] | None:
    return None if said is None else _two(said, place, key, *ANY_AGE)


def _two(said: object, place: Place, key: str, least: int, most: int) -> tuple[int, int]:
    if (
        not isinstance(said, list)
        or len(said) != 2
        or any(type(one) is not int for one in said)
        or not least <= said[0] <= said[1] <= most
    ):
        raise place.wrong(f"{key} is two whole numbers from {least} to {most}, in order", key)
    return said[0], said[1]
