"""The projects of a user: a session is opened for one of them, and reads the bases of that one alone."""

import datetime
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from choices import PROJECT, ChoiceRefused, shown
from pages import PARIS
from settings import Project

NONE = "Aucun projet ne vous est ouvert aujourd’hui : écrivez à l’assistance."
# Name of the environment variable of a session that holds its project's slug. The hub reads it from a running container,
# whose environment its user cannot change.
VARIABLE = "OPENCHRONIC_PROJECT"


def today() -> datetime.date:
    """Return the day in Paris, where a right ends at midnight."""
    return datetime.datetime.now(PARIS).date()


def open_projects(
    projects: Sequence[Project],
    *,
    login: str,
    day: datetime.date,
    groups: frozenset[str] = frozenset(),
) -> tuple[Project, ...]:
    """Return the projects for which this user may open a session on this day, in the file's order: by name, or by one of
    their `groups` in the directory."""
    return tuple(
        one
        for one in projects
        if is_member_by_name(one, login, day)
        or (one.period.holds(day) and not groups.isdisjoint(one.groups))
    )


def is_member_by_name(project: Project, login: str, day: datetime.date) -> bool:
    return login in project.members and project.members[login].holds(day)


def membership_group(
    project: Project, *, login: str, day: datetime.date, groups: frozenset[str]
) -> str:
    """Return the group by which alone the user is a member; empty for a member by name, and for nobody."""
    if is_member_by_name(project, login, day):
        return ""
    return next((one for one in project.groups if one in groups), "")


def chosen_project(options: Mapping[str, Any], *, mine: Sequence[Project]) -> Project:
    """Return the project that the options name; the only one of the user if they name none. Raises ChoiceRefused."""
    if not mine:
        raise ChoiceRefused(NONE)
    slug = options.get(PROJECT, mine[0].slug if len(mine) == 1 else None)
    for project in mine:
        if project.slug == slug:
            return project
    names = ", ".join(f"« {one.title} » ({one.slug})" for one in mine)
    if slug is None:
        raise ChoiceRefused(
            f"Choisissez le projet pour lequel la session est ouverte (option « {PROJECT} »). Vos projets : {names}."
        )
    raise ChoiceRefused(
        f"Le projet « {shown(str(slug))} » n’existe pas ou ne vous est pas ouvert. Vos projets : {names}."
    )


def project_of(container: Mapping[str, Any], *, mine: Sequence[Project]) -> Project | None:
    """Return the project of a running session (Docker's description of it); None if it is not among these."""
    prefix = f"{VARIABLE}="
    slugs = [
        line.removeprefix(prefix) for line in container["Config"]["Env"] if line.startswith(prefix)
    ]
    return next((one for one in mine if [one.slug] == slugs), None)


def told(mine: Sequence[Project]) -> str:
    """Return the user's projects as the JSON that `openchronic` reads, so that its errors can name the right one."""
    return json.dumps(
        {
            one.slug: {
                "title": one.title,
                "bases": list(one.bases),
                "source_tables": one.source_tables,
            }
            for one in mine
        }
    )


def form(mine: Sequence[Project], *, picked: object = None) -> str:
    """Return the choice of projects as HTML, with the last choice (`picked`) selected."""
    if not mine:
        return f"<p>{NONE}</p>"
    slugs = [one.slug for one in mine]
    first = picked if picked in slugs else slugs[0]
    cards = "\n".join(_card(one, checked=one.slug == first) for one in mine)
    return (
        '<fieldset class="choices" aria-describedby="project-means"><legend>Projet</legend>\n'
        '<p id="project-means" class="hint">La session voit les bases de ce projet et son dossier commun. Vous y avez un '
        "dossier personnel pour ce projet seul : rien n’y vient d’un autre projet, ni n’y part, sinon par le responsable du "
        f"dossier.</p>\n{cards}\n</fieldset>"
    )


def _card(project: Project, *, checked: bool) -> str:
    slug = escape(project.slug)
    rows = [("Bases", ", ".join(project.bases) or "aucune"), ("Dossier commun", project.slug)]
    if project.source_tables:
        rows.append(("Tables d’origine", "oui"))
    listed = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows
    )
    return (
        f'<div class="choice"><input type="radio" name="{PROJECT}" id="project-{slug}" value="{slug}" '
        f'aria-describedby="reads-{slug}"{" checked" if checked else ""}>'
        f'<label for="project-{slug}"><span class="choice-title">{escape(project.title)}</span>'
        f'<span class="choice-description">{escape(project.purpose)}</span></label>'
        f'<dl id="reads-{slug}">{listed}</dl></div>'
    )
