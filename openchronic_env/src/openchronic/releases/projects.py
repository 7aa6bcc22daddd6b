"""The projects of a session of the server, as its environment tells them, and what it answers about a base that is not there.

A session is opened for one project, and has that project's bases only. Elsewhere nothing is told, and there is no project.
"""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openchronic.errors import RefusedError, ReleaseError
from openchronic.releases.location import location

CURRENT, ALL = "OPENCHRONIC_PROJECT", "OPENCHRONIC_PROJECTS"
# Where a server has the shared folders of the projects (`infra/settings/layout.py`).
TEAMS = Path("/srv/equipes")


@dataclass(frozen=True)
class Project:
    """A project that the session's user has. ``source_tables``: whether it may read the typed delivered tables."""

    name: str
    title: str
    bases: tuple[str, ...]
    source_tables: bool

    @property
    def folder(self) -> Path:
        """The folder that all members of the project share."""
        return TEAMS / self.name

    def __repr__(self) -> str:
        bases = ", ".join(self.bases) or "aucune"
        return f"<Projet {self.name} (« {self.title} ») : bases {bases} ; dossier partagé {self.folder}>"

    def _repr_html_(self) -> str:
        lines = {
            "bases": ", ".join(self.bases) or "aucune",
            "tables livrées": "oui" if self.source_tables else "non",
            "dossier partagé": str(self.folder),
        }
        rows = "".join(
            f"<tr><th style='text-align:left'>{name}</th><td>{html.escape(value)}</td></tr>"
            for name, value in lines.items()
        )
        return f"<p><b>{html.escape(self.title)}</b> ({html.escape(self.name)})</p><table>{rows}</table>"


def current_project() -> Project | None:
    """Returns the project of this session; None outside the server, and where the environment cannot be read."""
    wanted = os.environ.get(CURRENT)
    return next((one for one in _projects() if one.name == wanted), None)


def project_of(folder: Path) -> Project | None:
    """Returns the project of this session where ``folder`` is the one of the session's bases."""
    return current_project() if folder == location() else None


def without_base(project: Project) -> ReleaseError:
    """Returns the answer where the session has no release at all."""
    if project.bases:
        names = ", ".join(project.bases)
        return ReleaseError(
            f"no release is in service of the bases of this project ({project.name}): {names}. The builds of "
            "the server put them into service",
            f"Aucune version n’est encore en service pour les bases de ce projet (« {project.title} ») : {names}. "
            "Demandez à un administrateur quand elles le seront.",
        )
    others = [one for one in _others(project) if one.bases]
    return ReleaseError(
        f"this project ({project.name}) has no base: {_open_english(others)}",
        f"Ce projet (« {project.title} ») n’a pas de base : {_open_french(others)}.",
    )


def not_of_project(base: str, known: Iterable[str], project: Project) -> ReleaseError:
    """Returns the answer about a base that the session does not have; ``known`` are those that it has."""
    others = [one for one in _others(project) if base in one.bases]
    if others:
        return ReleaseError(
            f"the base {base} is not one of this project ({project.name}): {_open_english(others)}",
            f"La base « {base} » n’est pas celle de ce projet (« {project.title} ») : {_open_french(others)}.",
        )
    names = ", ".join(known)
    return ReleaseError(
        f"no base {base} in this session of the project {project.name}, which has {names or 'none'}; for "
        "another one, ask an administrator for a project that has it",
        f"Pas de base « {base} » dans cette session du projet « {project.title} ». Bases : {names or 'aucune'}. "
        "Pour une autre, demandez à un administrateur un projet qui l’ait.",
    )


def closed_tables(base: str, project: Project) -> RefusedError:
    """Returns the answer about the typed tables of a base in a session of a project that may not read them."""
    others = [one for one in _others(project) if one.source_tables and base in one.bases]
    return RefusedError(
        f"the delivered tables of the base {base} are not open to this project ({project.name}): "
        f"{_open_english(others)}",
        f"Les tables livrées de la base « {base} » ne sont pas ouvertes à ce projet (« {project.title} ») : "
        f"{_open_french(others)}. Les tables de la version (oc.table) restent à vous.",
    )


def _others(project: Project) -> list[Project]:
    return [one for one in _projects() if one.name != project.name]


def _open_english(others: list[Project]) -> str:
    # Titles are French: projects have their names here.
    names = " or ".join(one.name for one in others)
    if not names:
        return "ask an administrator for a project that has what you need"
    return f"open a session for the project {names}"


def _open_french(others: list[Project]) -> str:
    titles = " ou ".join(f"« {one.title} »" for one in others)
    if not titles:
        return "demandez à un administrateur un projet qui ait ce qu’il vous faut"
    return f"ouvrez une session pour le projet {titles}"


def _projects() -> tuple[Project, ...]:
    """Returns the user's projects. What is malformed counts as nothing: no release depends on it."""
    try:
        told = json.loads(os.environ.get(ALL, ""))
        return tuple(_project(name, one) for name, one in told.items())
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return ()


def _project(name: str, told: Mapping[str, Any]) -> Project:
    bases, source_tables = told["bases"], told["source_tables"]
    if not isinstance(bases, list) or not isinstance(source_tables, bool):
        raise TypeError(name)
    return Project(_text(name), _text(told["title"]), tuple(map(_text, bases)), source_tables)


def _text(value: object) -> str:
    """Returns a text that any console can print. Raises TypeError, UnicodeEncodeError."""
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # half a surrogate pair is valid in JSON
    return value
