"""Keeps the recipe of a cohort, not its rows, and tells what differs when it is made again."""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from openchronic.cohort.result import Cohort
from openchronic.errors import OpenChronicError, SettingsError
from openchronic.quality.french import HIDDEN, number
from openchronic.quality.masking import Mask
from openchronic.releases import current_project

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
FOLDER, ENDING, FORMAT = "cohortes", ".cohort.json", 1
KEYS = {"definitions", "openchronic", "recipe", "release", "sample", "steps"}


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from the time when a cohort was saved. ``step``: the line of the flow chart, for a number of periods."""

    what: str
    before: str | float | None
    now: str | float | None
    step: int | None = None


def save(cohort: Cohort, name: str, *, shared: bool, overwrite: bool) -> Path:
    """Writes the recipe, completely or not at all. Raises OpenChronicError."""
    if not cohort.said:
        raise SettingsError(
            "matched periods have no recipe of their own: save the cohort and the pool",
            "Des périodes appariées n’ont pas de recette à elles\u00a0: enregistrez la cohorte et le réservoir de témoins.",
        )
    file = _file(name, shared=shared)
    if file.exists() and not overwrite:
        raise SettingsError(
            f"{file} is there already: another name, or overwrite = True",
            f"{file} existe déjà\u00a0: donnez un autre nom, ou overwrite=True.",
        )
    told = {
        "format": FORMAT,
        "name": name,
        "author": getpass.getuser(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "release": cohort.release.name,
        "sample": cohort.release.sample,
        "openchronic": metadata.version("openchronic"),
        "definitions": dict(cohort.definitions),
        "recipe": cohort.said,
        "steps": [[one.fr, one.n_periods] for one in cohort.flow.lines],
        "sql": cohort.sql,
    }
    fresh = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.replace(file)
    except OSError as problem:
        raise OpenChronicError(
            f"{file}: {problem.strerror or problem}",
            f"{file}\u00a0: impossible d’écrire ({problem.strerror or problem}).",
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
    return file


def read(name: str) -> Mapping[str, Any]:
    """Returns what was saved under ``name``: in the home, else in the project's folder. Raises OpenChronicError."""
    places = [_file(name, shared=False)]
    if current_project():
        places.append(_file(name, shared=True))
    found = next((one for one in places if one.is_file()), None)
    if found is None:
        folders = ", ".join(str(one.parent) for one in places)
        raise SettingsError(
            f"no cohort {name} in {folders}",
            f"Pas de cohorte « {name} » dans {folders}. oc.save(cohorte, \"{name}\") en enregistre une.",
        )  # fmt: skip
    try:
        told = json.loads(found.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = None
    if not isinstance(told, dict) or told.get("format") != FORMAT or not told.keys() >= KEYS:
        raise OpenChronicError(
            f"{found} is no cohort that this version can read",
            f"{found} n’est pas une cohorte que cette version sait lire.",
        )
    return told


def again(cohort: Cohort, told: Mapping[str, Any]) -> Cohort:
    """Returns a cohort that was made again, with what differs from what was ``told`` in its notes and ``changes``."""
    changes = tuple(_changes(cohort, told))
    notes = (*cohort.flow.notes, *(_sentence(one) for one in changes))
    return replace(cohort, changes=changes, flow=replace(cohort.flow, notes=notes))


def _changes(cohort: Cohort, told: Mapping[str, Any]) -> Iterator[Change]:
    version = metadata.version("openchronic")
    for what, before, now in (
        ("version", told["release"], cohort.release.name),
        ("échantillon", told["sample"], cohort.release.sample),
        ("openchronic", told["openchronic"], version),
    ):
        if before != now:
            yield Change(what, before, now)
    for name in sorted({*told["definitions"], *cohort.definitions}):
        before, now = told["definitions"].get(name), cohort.definitions.get(name)
        if before != now:
            yield Change(f"définition {name}", before, now)
    for place, one in enumerate(cohort.flow.lines):
        before = told["steps"][place][1] if place < len(told["steps"]) else None
        if before != one.n_periods:
            yield Change(one.fr, before, one.n_periods, place)


def _sentence(one: Change) -> str:
    if one.step is None:
        return f"{one.what}\u00a0: {one.before} → {one.now}"
    mask = Mask()
    counts = [int(value) for value in (one.before, one.now) if value is not None]
    few = any(mask.hides_count(value) for value in (*counts, max(counts) - min(counts)))
    before, now = (
        HIDDEN if few or value is None else number(int(value)) for value in (one.before, one.now)
    )
    return f"étape {one.step}, {one.what}\u00a0: {before} → {now} périodes"


def _file(name: str, *, shared: bool) -> Path:
    if not NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r}: a name has letters, digits, _ and -",
            f"« {name} »\u00a0: un nom est fait de lettres sans accent, de chiffres, de _ et de -.",
        )
    if not shared:
        return Path.home() / FOLDER / f"{name}{ENDING}"
    project = current_project()
    if project is None:
        raise SettingsError(
            "no project here: its folder is on the server",
            "Pas de projet ici\u00a0: le dossier partagé est celui des sessions du serveur.",
        )
    return project.folder / FOLDER / f"{name}{ENDING}"
