"""The pathways that the package ships, as data: a disease, its treatments by ATC, and parameters; read strictly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from openchronic.catalogue.strict import Place, made, parsed, section
from openchronic.diseases import STATUSES, load_library
from openchronic.diseases.definition import Status
from openchronic.diseases.reading import NAME
from openchronic.diseases.vocabularies import CODES
from openchronic.errors import SettingsError
from openchronic.models.pathways import MOST_NAMED, MOST_STEPS
from openchronic.pathway.parameters import Parameters, parameters_of

FOLDER, ENDING = "shipped", ".toml"
SECTIONS = ("treatments", "parameters", "classes")
VOCABULARIES = ("ATC", "CIP13", "UCD")


@dataclass(frozen=True, slots=True)
class Treatment:
    """Beginnings of codes by vocabulary, those that are taken out (``without``), and the days that a pack counts as."""

    name: str
    fr: str
    status: Status
    codes: tuple[tuple[str, tuple[str, ...]], ...]
    without: tuple[str, ...] = ()
    class_name: str = ""
    per: Literal["day", "pack"] = "day"
    days: int = 30
    days_large: int = 90
    days_hospital: int = 1


@dataclass(frozen=True, slots=True)
class ReleasePathway:
    """One file. ``definition``: the disease whose onset begins a period of ``follow_days``; ``meaning``: the digest of all that
    can change a row; ``classes``: each class of treatments with its French label."""

    name: str
    fr: str
    version: int
    status: Status
    source: str
    definition: str
    follow_days: int
    treatments: tuple[Treatment, ...]
    parameters: Parameters
    classes: tuple[tuple[str, str], ...] = ()
    meaning: str = ""


@cache
def load_pathways() -> Mapping[str, ReleasePathway]:
    """Returns the pathways of the package, by name. Raises SettingsError with file and line."""
    folder = resources.files(__package__) / FOLDER
    found = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(ENDING):
            try:
                one = read_pathway(file.name, file.read_text(encoding="utf-8"))
            except ValueError as problem:
                raise SettingsError(str(problem)) from None
            found[one.name] = one
    return found


def read_pathway(file: str, text: str) -> ReleasePathway:
    """Returns the pathway in ``text``. Raises ValueError, with ``file`` and line, where it is none."""
    raw, place = parsed(file, text), Place(file, text)
    said = section(raw, "treatments", place) or {}
    given = section(raw, "parameters", place) or {}
    classes = section(raw, "classes", place) or {}
    raw = {key: value for key, value in raw.items() if key not in SECTIONS}
    treatments = tuple(
        _treatment(name, one, place.within(f"treatments.{name}")) for name, one in said.items()
    )
    if not 1 <= len(treatments) <= MOST_NAMED:
        raise place.wrong(f"from 1 to {MOST_NAMED} sections [treatments.…] are needed")
    try:
        parameters = parameters_of([given | {"pathway": raw.get("name", "")}])
    except SettingsError as problem:
        raise place.within("parameters").wrong(problem.english) from None
    one = made(
        ReleasePathway,
        raw,
        place,
        given={
            "treatments": treatments,
            "parameters": parameters,
            "classes": tuple((name, str(label)) for name, label in classes.items()),
            "meaning": "",
        },
    )
    _check(one, place)
    return replace(one, meaning=_meaning(one))


def _treatment(name: str, raw: Any, place: Place) -> Treatment:
    if not NAME.fullmatch(name) or not isinstance(raw, dict):
        raise place.wrong(f"[treatments.{name}]: a section, of small letters, digits and _")
    codes = [
        (vocabulary, _codes(raw[vocabulary], vocabulary, place))
        for vocabulary in VOCABULARIES
        if vocabulary in raw
    ]
    if not codes:
        raise place.wrong(f"no codes: one of {', '.join(VOCABULARIES)} is needed")
    without = _codes(raw.get("not", []), "ATC", place)
    left = {key: value for key, value in raw.items() if key not in (*VOCABULARIES, "not", "class")}
    one = made(
        Treatment,
        left,
        place,
        given={
            "name": name,
            "codes": tuple(codes),
            "without": without,
            "class_name": str(raw.get("class", "")),
        },
    )
    for code in without:
        if not any(code.startswith(begin) for _, some in codes for begin in some):
            raise place.wrong(f"not: {code!r} begins like no code of the treatment", "not")
    if min(one.days, one.days_large, one.days_hospital) < 1:
        raise place.wrong("days are whole numbers from 1")
    return one


def _codes(said: Any, vocabulary: str, place: Place) -> tuple[str, ...]:
    found = tuple(said) if isinstance(said, list) else (said,)
    for code in found:
        if not isinstance(code, str) or not CODES[vocabulary].fullmatch(code):
            raise place.wrong(f"{code!r} is no beginning of a code of {vocabulary}", vocabulary)
    if len(set(found)) < len(found):
        raise place.wrong(f"{vocabulary}: a code is there twice", vocabulary)
    return found


def _check(one: ReleasePathway, place: Place) -> None:
    if f"{one.name}{ENDING}" != place.file:
        raise place.wrong(f"name is that of the file, not {one.name!r}", "name")
    if one.definition not in {form.name for _, form in load_library().forms()}:
        raise place.wrong(f"definition: no definition is named {one.definition!r}", "definition")
    used, labelled = {part.class_name for part in one.treatments} - {""}, dict(one.classes)
    if unlike := sorted(used ^ set(labelled)):
        raise place.within("classes").wrong(
            f"[classes] has a French label for each class of a treatment, and no other: {', '.join(unlike)}"
        )
    order = list(STATUSES)
    worst = max((treatment.status for treatment in one.treatments), key=order.index)
    if order.index(one.status) < order.index(worst):
        raise place.wrong(f"status: that of its worst list is {worst}", "status")
    if one.version < 1 or one.follow_days < 1:
        raise place.wrong("version and follow_days are whole numbers from 1", "version")
    (setting,) = one.parameters.sets
    if one.parameters.max_steps > MOST_STEPS or setting["joins_periods"]:
        raise place.within("parameters").wrong(
            f"max_steps is {MOST_STEPS} at most, and joins_periods false, in a pathway of releases"
        )


def _meaning(one: ReleasePathway) -> str:
    said = asdict(one)
    for told in ("version", "fr", "status", "source", "classes", "meaning"):
        said.pop(told)
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
