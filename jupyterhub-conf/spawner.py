"""DockerSpawner with the site's profiles, and patience with a Docker that restarts."""

import asyncio
from typing import Any

from adoption import adoptable, token
from docker.errors import APIError, DockerException, NotFound
from dockerspawner import DockerSpawner
from failures import died_while_starting, explained
from jupyterhub.spawner import SpawnException
from profiles import ProfileRefused, chosen, form, from_form, offered
from recognition import recognise
from requests.exceptions import RequestException
from restricted import opened
from rights import outlived
from sessions import (
    Person,
    SessionRefused,
    container_home,
    environment,
    find_person,
    host_config,
    image_reference,
    mounts,
    write_identity,
)
from settings import Settings, Store

# Containers live on while Docker restarts: no answer is no news of them.
DOCKER_AWAY = (APIError, DockerException, RequestException)
INTERNAL_ERROR = 500
# Between two looks at a session that starts.
LOOK_S = 0.2


class SessionSpawner(DockerSpawner):
    """A session in a container of its user's own uid, within the limits of the profile picked."""

    settings: Settings  # of the site; set once by the configuration
    recognised = False  # once per session and run of the hub
    stores: tuple[Store, ...] = ()  # of the restricted zone, those that the session reads
    _looks_to_end = 0

    def options_form(self, _: Any = None) -> str:
        person = self._person()
        mine = offered(self.settings.profiles, groups=person.groups if person else frozenset())
        return form(mine, picked=(self.orm_spawner.user_options or {}).get("profile"))

    def options_from_form(self, fields: dict[str, list[str]]) -> dict[str, Any]:
        return from_form(fields)

    def options_from_query(self, fields: dict[str, list[str]]) -> dict[str, Any]:
        return from_form(fields)

    def apply_user_options(self, _: Any, options: dict[str, Any]) -> None:
        """Form, address and API end here: whatever they ask, all that it sets comes from the site."""
        person = self._person()
        if person is None:
            raise SpawnException(
                "Votre compte n'est plus ouvert sur ce serveur : écrivez à l'assistance.",
                reason="account",
                status_code=403,
            )
        try:
            profile = chosen(options, profiles=self.settings.profiles, groups=person.groups)
            image = image_reference(profile, self.settings)
            limits = host_config(profile, person, self.settings)
        except ProfileRefused as error:
            raise SpawnException(str(error), reason="profile", status_code=400) from error
        except SessionRefused as error:
            raise SpawnException(str(error), reason="server", status_code=503) from error
        write_identity(person, self.settings)
        self.image = image
        self.mem_limit = profile.memory_bytes
        self.cpu_limit = profile.cpus
        self.mounts = mounts(person, self.settings)
        self.environment = environment(person, self.settings)
        self.extra_host_config = limits
        self.stores = opened(self.settings.restricted, groups=person.groups)
        self.extra_create_kwargs = {
            "user": f"{person.uid}:{person.gid}",
            "working_dir": container_home(person),
        }

    def _person(self) -> Person | None:
        return find_person(
            self.user.name, analysts_group=self.settings.analysts_group, uids=self.settings.uids
        )

    async def start(self) -> Any:
        running = await self._still_running()
        # First: nothing is opened that the journal does not know of.
        self.log.info("A session of %s opens: %s", self.user.name, self.object_name)
        for store in self.stores:
            self.log.info(
                "Restricted zone: the typed tables of the base %s are open to %s in %s",
                *(store.base, self.user.name, self.object_name),
            )
        if running:
            # The hub makes the token known again.
            self.api_token = token(running)
            return await self.get_ip_and_port()
        try:
            place = await super().start()
        except DockerException as error:
            if told := explained(error):
                raise told from error
            raise
        await self._until_it_answers(*place)
        return place

    async def _until_it_answers(self, address: str, port: int) -> None:
        """The hub waits for an answer too, and looks at the session only when it has waited in vain."""
        while await self.poll() is None:
            try:
                _, writer = await asyncio.open_connection(address, port)
            except OSError:
                await asyncio.sleep(LOOK_S)
            else:
                writer.close()
                return
        raise died_while_starting(self.object_name)

    async def _still_running(self) -> Any:
        """A session of theirs that the hub has forgotten, to be taken up again whatever size was asked for."""
        person = self._person()
        found = await self.get_object()
        if person is None or found is None:
            return None
        mine = offered(self.settings.profiles, groups=person.groups)
        profile = adoptable(found, person=person, profiles=mine, settings=self.settings)
        if profile is None:
            return None
        self.log.warning("%s runs already: it is taken up again", self.object_name)
        self.orm_spawner.user_options = self.user_options = {"profile": profile.slug}
        return found

    async def poll(self) -> Any:
        try:
            status = await super().poll()
            if status is None and not self.recognised:
                recognise(await self.get_object(), self)
                self.recognised = True
        except DOCKER_AWAY as error:
            self.log.warning(
                "Docker does not answer, %s is taken as running: %s", self.object_name, error
            )
            return None
        return status

    async def poll_and_notify(self) -> Any:
        """At each poll: also what ends the session of an account that was closed, or that may no longer read
        what the session reads."""
        reason = await self._why_to_end()
        # Twice: a directory of accounts that does not answer for a moment ends no session.
        self._looks_to_end = self._looks_to_end + 1 if reason else 0
        if self._looks_to_end > 1:
            self.log.warning("%s: the session of %s ends", reason, self.user.name)
            await self.stop(now=True)
        return await super().poll_and_notify()

    async def _why_to_end(self) -> str:
        """Empty: it may go on."""
        if not await self.authenticator.refresh_user(self.user):
            return "The account is closed"
        person = self._person()
        try:
            found = await self.get_object()
        except DOCKER_AWAY:
            return ""
        if person is None or found is None:
            return ""
        gone = outlived(found, person=person, settings=self.settings)
        return f"The right to {', '.join(gone)} was taken away" if gone else ""

    async def get_object(self) -> Any:
        """Only Docker's own "no such container" means that it is gone; the parent also believes an error 500,
        which a starting daemon gives."""
        try:
            found = await self.docker("inspect_container", self.object_name)
        except NotFound:
            self.object_id = ""
            return None
        self.object_id = found[self.object_id_key]
        return found

    async def remove_object(self) -> None:
        """A dead container that Docker cannot remove (its files are held by something) is put aside under another
        name: its user gets a session all the same. Docker tries again by itself whenever it starts."""
        try:
            await super().remove_object()
        except APIError as error:
            if error.status_code != INTERNAL_ERROR:
                raise
            aside = f"{self.object_name}-{self.object_id[:12]}"
            self.log.warning(
                "%s cannot be removed, it is called %s from now on: %s",
                self.object_name,
                aside,
                error,
            )
            await self.docker("rename", self.object_id, aside)

    async def get_ip_and_port(self) -> tuple[str, int]:
        try:
            address, port = await super().get_ip_and_port()
        except DOCKER_AWAY:
            if not self.server:
                raise
            address, port = self.server.ip, self.server.port
        return address, port
