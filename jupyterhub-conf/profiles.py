"""Selects the session profiles that are open to a project, and makes the form to choose one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from choices import PROFILE, ChoiceRefused, shown
from pages import french_time
from settings import Profile, Project

if TYPE_CHECKING:
    from room import Room

GIB = 2**30

NONE = "Aucun profil de session n’est ouvert à vos projets : écrivez à l’assistance."

DOCKER_AWAY = "Docker ne répond pas : ce qui est libre en ce moment n’est pas connu."


def offered(profiles: Sequence[Profile], *, project: Project) -> tuple[Profile, ...]:
    """Return the profiles open to the sessions of a project, in the site's order."""
    return tuple(one for one in profiles if not one.projects or project.slug in one.projects)


def chosen(options: Mapping[str, Any], *, profiles: Sequence[Profile], project: Project) -> Profile:
    """Return the profile that the options of the form or the API name; the first open one if they name none.

    Raises ChoiceRefused.
    """
    mine = offered(profiles, project=project)
    if not mine:
        raise ChoiceRefused(NONE)
    slug = options.get(PROFILE, mine[0].slug)
    for profile in mine:
        if profile.slug == slug:
            return profile
    raise ChoiceRefused(
        f"Le profil « {shown(str(slug))} » n’existe pas ou n’est pas ouvert au projet « {project.title} ». "
        f"Profils possibles : {', '.join(one.slug for one in mine)}."
    )


def form(
    profiles: Sequence[Profile],
    *,
    projects: Sequence[Project],
    picked: object = None,
    now: Room | None = None,
    unknown: str = DOCKER_AWAY,
) -> str:
    """Return the choice of profiles as HTML, with the last choice (`picked`) selected. Each profile that is open to some
    of the projects only says to which. `now`: what is free, if it is known; else `unknown` is said."""
    mine = [one for one in profiles if any(offered([one], project=project) for project in projects)]
    if not mine:
        return f"<p>{NONE}</p>"
    ready = [one.slug for one in mine if now is None or one.image in now.images]
    first = picked if picked in ready else next(iter(ready), None)
    cards = "\n".join(
        _card(one, projects=projects, checked=one.slug == first, now=now) for one in mine
    )
    return (
        '<fieldset class="choices" aria-describedby="room"><legend>Taille de la session</legend>\n'
        f'<p id="room" class="hint">{escape(_free(now) if now else unknown)}</p>\n{cards}\n</fieldset>'
    )


def _free(now: Room) -> str:
    said = f"Libre en ce moment : {gib(now.memory)} de mémoire sur {gib(now.memory_of_all)}"
    if not now.gpus_of_all:
        return f"{said}."
    said += f", {now.gpus} GPU sur {now.gpus_of_all}."
    if now.gpus or now.next_gpu is None:
        return said
    return f"{said} Un GPU se libère au plus tard le {french_time(now.next_gpu)}."


def _card(profile: Profile, *, projects: Sequence[Project], checked: bool, now: Room | None) -> str:
    slug = escape(profile.slug)
    absent = now is not None and profile.image not in now.images
    limits = [
        ("Mémoire", gib(profile.memory_bytes)),
        ("Processeurs", number(profile.cpus)),
        ("Processus", number(profile.pids)),
    ]
    if profile.gpus:
        limits.append(("GPU", number(profile.gpus)))
    open_to = [one for one in projects if offered([profile], project=one)]
    if len(open_to) < len(projects):
        limits.append(("Pour le projet", ", ".join(one.title for one in open_to)))
    said = _state(profile, now) if now else ""
    told = f'<p class="choice-state" id="state-{slug}">{escape(said)}</p>' if said else ""
    described = f"limits-{slug} state-{slug}" if said else f"limits-{slug}"
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in limits
    )
    names = "" if absent else escape(" ".join(one.slug for one in open_to))
    state = " disabled" if absent else " checked" if checked else ""
    return (
        f'<div class="choice{" absent" if absent else ""}"><input type="radio" name="{PROFILE}" id="profile-{slug}" '
        f'value="{slug}" aria-describedby="{described}" data-projects="{names}"{state}>'
        f'<label for="profile-{slug}"><span class="choice-title">{escape(profile.title)}</span>'
        f'<span class="choice-description">{escape(profile.description)}</span>'
        f'</label><dl id="limits-{slug}">{rows}</dl>{told}</div>'
    )


def _state(profile: Profile, now: Room) -> str:
    """Return why a session of this profile could not start now; empty if it could."""
    if profile.image not in now.images:
        return f"Pas prêt : l’image « {profile.image} » n’est pas encore sur le serveur, un déploiement l’y met."
    if profile.memory_bytes > now.memory:
        return "Pas assez de mémoire libre en ce moment."
    if profile.gpus > now.gpus:
        return "Pas assez de GPU libres en ce moment."
    return ""


def number(value: float) -> str:
    """Return a number in French notation: a decimal comma, and thin spaces between thousands."""
    return f"{value:,g}".replace(",", "\u202f").replace(".", ",")


def gib(size: float) -> str:
    """Return a size in French, rounded down: nobody must be told of memory that is not there."""
    # A profile's 3.3 GiB are a fraction of a byte more than its limit.
    return f"{number(math.floor(size / GIB * 10 + 1e-6) / 10)}\u00a0Gio"
