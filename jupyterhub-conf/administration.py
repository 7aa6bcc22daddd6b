"""/hub/administration: who has a session open, for the people whom the site names, who may stop it with a message.

JupyterHub's own administrators could enter every session. Here a list is checked, and nothing else is given.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from choices import shown
from jupyterhub import orm
from jupyterhub.handlers import BaseHandler
from memory import Memory, memory_of
from notices import LONGEST, MessageRefused, Notices, cleaned
from pages import french_time
from profiles import number
from projects import membership_group, today
from settings import Settings
from tornado import web

# Somebody without a session counts as present this long after the last page.
PRESENT = datetime.timedelta(minutes=15)
UNKNOWN = "–"
GroupsOf = Callable[[str], frozenset[str]]


@dataclass(frozen=True)
class Row:
    """What the page says of a session, in French."""

    login: str
    project: str
    profile: str
    since: str
    memory: str
    pending: bool


class Administration(BaseHandler):  # type: ignore[misc]
    settings_of_site: Settings
    notices: Notices

    def initialize(self, *, site: Settings, notices: Notices, groups_of: GroupsOf) -> None:
        self.settings_of_site, self.notices, self.groups_of = site, notices, groups_of

    @web.authenticated  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        self._refuse_others()
        await self._show()

    @web.authenticated  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Stop the session of `login`, whose user reads `message`."""
        self._refuse_others()
        login = self.get_body_argument("login", "")
        try:
            done = await self._stop(login, cleaned(self.get_body_argument("message", "")))
        except MessageRefused as refused:
            self.set_status(400)
            await self._show(wrong=str(refused))
        else:
            await self._show(done=done)

    def _refuse_others(self) -> None:
        """Raises HTTPError 403, which is not said to be about this page: it tells nobody who administers."""
        if self.current_user.name not in self.settings_of_site.administrators:
            raise web.HTTPError(403)

    async def _stop(self, login: str, message: str) -> str:
        user = self.find_user(login)
        if user is None or not user.spawner.active:
            raise MessageRefused(f"Aucune session de «\u00a0{shown(login)}\u00a0» n’est ouverte.")
        if user.spawner.pending:
            raise MessageRefused(
                f"La session de {user.name} démarre ou s’arrête en ce moment\u00a0: réessayez dans une minute."
            )
        # Logged first, so that nothing is stopped without a record in the journal.
        self.log.warning(
            "Administration: %s stops the session of %s: %s",
            *(self.current_user.name, user.name, ascii(message)),
        )
        told = "son utilisateur lira votre message."
        try:
            self.notices.leave(user.name, message)
        except OSError:
            self.log.exception("Administration: the message to %s is lost", user.name)
            told = "mais votre message n’a pas pu être gardé."
        await self.stop_single_user(user)
        return f"La session de {user.name} est arrêtée\u00a0: {told}"

    async def _show(self, *, wrong: str = "", done: str = "") -> None:
        open_ones = [
            one
            for one in self.db.query(orm.Spawner).order_by(orm.Spawner.started)
            if one.server is not None and one.user is not None
        ]
        # What a pod uses is the business of a metrics server, which a cluster need not have.
        names = (f"session-{one.user.name}" for one in open_ones)
        found = {} if self.settings_of_site.cluster else await memory_of(names)
        rows = [self._row(one, found or {}) for one in open_ones]
        page = await self.render_template(
            "administration.html",
            rows=rows,
            present=self._present({row.login for row in rows}),
            docker_answers=found is not None,
            longest=LONGEST,
            wrong=wrong,
            done=done,
        )
        self.finish(page)

    def _row(self, one: Any, found: Mapping[str, Memory]) -> Row:
        options = one.user_options or {}
        titles = {profile.slug: profile.title for profile in self.settings_of_site.profiles}
        slug = str(options.get("profile", ""))
        memory = found.get(f"session-{one.user.name}")
        return Row(
            login=one.user.name,
            project=self._project(one.user.name, str(options.get("project") or UNKNOWN)),
            profile=titles.get(slug, slug and shown(slug)) or UNKNOWN,
            since=french_time(one.started) or UNKNOWN,
            memory=_of(memory) if memory else UNKNOWN,
            pending=bool(self.find_user(one.user.name).spawner.pending),
        )

    def _project(self, login: str, slug: str) -> str:
        """Return the project, with the group of the directory by which alone the user is its member."""
        found = next((one for one in self.settings_of_site.projects if one.slug == slug), None)
        groups = self.groups_of(login)
        group = found and membership_group(found, login=login, day=today(), groups=groups)
        return f"{shown(slug)} (par le groupe {shown(group)})" if group else shown(slug)

    def _present(self, with_session: set[str]) -> list[str]:
        """Return who asked for a page a moment ago, without those who have a session."""
        # The database holds UTC times without a time zone.
        since = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - PRESENT
        seen = self.db.query(orm.User).filter(orm.User.last_activity > since)
        return sorted({user.name for user in seen} - with_session)


def _of(memory: Memory) -> str:
    used, limit = (number(round(size / 2**30, 1)) for size in (memory.used, memory.limit))
    return f"{used}\u00a0Gio sur {limit}"


def handlers(
    site: Settings, notices: Notices, groups_of: GroupsOf
) -> tuple[tuple[str, type, dict[str, Any]], ...]:
    """Return the page's handler. `groups_of`: the groups of a login in the directory."""
    given = {"site": site, "notices": notices, "groups_of": groups_of}
    return ((r"/administration", Administration, given),)


def notices_of(site: Settings) -> Notices:
    return Notices(Path(site.state) / "notices")
