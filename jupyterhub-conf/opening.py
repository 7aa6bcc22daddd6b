"""What opening a session takes, whatever runs it, Docker or Kubernetes: the choice, the record in the journal, and the rights
that may end while it runs. `spawner` is either's."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uses
from choices import PROFILE, PROJECT, ChoiceRefused, refuse_unknown
from jupyterhub.spawner import SpawnException
from profiles import chosen, offered
from projects import chosen_project, open_projects, today
from restricted import opened
from sessions import Person, SessionRefused
from settings import Profile, Project, Settings, Store
from steps import refuse_start

Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A session that may open: who it is for, what they chose, all projects of theirs (`mine`), and the profiles that they
    could have chosen instead (`others`)."""

    person: Person
    project: Project
    profile: Profile
    mine: tuple[Project, ...]
    others: tuple[Profile, ...]


def choose(
    spawner: Any,
    options: Mapping[str, Any],
    *,
    person: Person | None,
    make: Callable[[Opening], Made],
) -> tuple[Opening, Made]:
    """Return what the options choose, and what `make` made of it. Raises SpawnException when a step is left, or the account,
    the choice or the session is refused."""
    settings: Settings = spawner.settings
    refuse_start(spawner.user.name, settings)
    if person is None:
        raise SpawnException(
            "Votre compte n’est plus ouvert sur ce serveur : écrivez à l’assistance.",
            reason="account",
            status_code=403,
        )
    try:
        refuse_unknown(options)
        mine = projects_of(spawner)
        project = chosen_project(options, mine=mine)
        profile = chosen(options, profiles=settings.profiles, project=project)
        opening = Opening(
            person=person,
            project=project,
            profile=profile,
            mine=mine,
            others=offered(settings.profiles, project=project),
        )
        made = make(opening)
    except ChoiceRefused as error:
        raise SpawnException(str(error), reason="choice", status_code=400) from error
    except SessionRefused as error:
        raise SpawnException(str(error), reason="server", status_code=503) from error
    remember(spawner, project, profile)
    return opening, made


def projects_of(spawner: Any) -> tuple[Project, ...]:
    """Return the projects for which the spawner's user may open a session today."""
    login = spawner.user.name
    return open_projects(
        spawner.settings.projects, login=login, day=today(), groups=spawner.groups_of(login)
    )


def remember(spawner: Any, project: Project, profile: Profile) -> None:
    """Keep what the session is opened for, in the hub's database too: the start page offers it again."""
    spawner.profile, spawner.others = profile, offered(spawner.settings.profiles, project=project)
    spawner.stores = opened(spawner.settings.restricted, project=project)
    options = {PROJECT: project.slug, PROFILE: profile.slug}
    spawner.orm_spawner.user_options = spawner.user_options = options


def tell(spawner: Any, *, stores: Sequence[Store]) -> None:
    """Write into the journal that a session opens, and what it may read."""
    login, name = spawner.user.name, spawner.object_name
    spawner.log.info(
        "A session of %s opens for the project %s: %s",
        *(login, spawner.user_options[PROJECT], name),
    )
    note_use(spawner)
    for store in stores:
        spawner.log.info(
            "Restricted zone: the typed tables of the base %s are open to %s in %s",
            *(store.base, login, name),
        )


def note_use(spawner: Any) -> None:
    """Note from time to time that the session's project is in use. A full disk must not keep sessions from starting."""
    now = datetime.datetime.now(datetime.UTC)
    project = (spawner.user_options or {}).get(PROJECT)
    if not project or (spawner.noted and now - spawner.noted < uses.AGAIN_AFTER):
        return
    try:
        uses.note(Path(spawner.settings.uses), login=spawner.user.name, project=project)
        spawner.noted = now
    except OSError as error:
        spawner.log.warning(
            "The use of %s by %s is not noted: %s", project, spawner.user.name, error
        )


async def end_without_right(spawner: Any, *, outlived: Callable[[], Any]) -> None:
    """End the session of a closed account, or of one that lost a right that the session uses. `outlived` tells, awaited,
    which rights those are."""
    if not await spawner.authenticator.refresh_user(spawner.user):
        reason = "The account is closed"
    else:
        gone = await outlived()
        reason = f"The right to {', '.join(gone)} was taken away" if gone else ""
    # At two polls in a row: a directory service that fails for a moment must not end a session.
    spawner.looks_to_end = spawner.looks_to_end + 1 if reason else 0
    if spawner.looks_to_end > 1:
        spawner.log.warning("%s: the session of %s ends", reason, spawner.user.name)
        await spawner.stop(now=True)
