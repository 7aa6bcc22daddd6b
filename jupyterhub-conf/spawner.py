"""DockerSpawner with the site's profiles and rights, which keeps sessions while Docker or the hub restarts."""

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

import room
import shares
import taking
from adoption import adoptable, token
from choices import PROFILE, PROJECT, from_form
from docker.errors import APIError, DockerException, NotFound
from dockerspawner import DockerSpawner
from endings import tell_if_out_of_memory
from failures import died_while_starting, explained
from notices import Notices
from opening import choose, end_without_right, note_use, projects_of, remember, tell
from profiles import form as profiles_form
from projects import form as projects_form
from recognition import recognise
from requests.exceptions import RequestException
from rights import outlived
from sessions import (
    Person,
    container_home,
    environment,
    find_person,
    host_config,
    image_reference,
    mounts,
    write_identity,
)
from settings import Profile, Settings, Store

# Containers keep running while Docker restarts: these errors do not mean that a session ended.
DOCKER_AWAY = (APIError, DockerException, RequestException)
INTERNAL_ERROR = 500
# Seconds between two checks of a starting session.
LOOK_S = 0.2


class SessionSpawner(DockerSpawner):
    """A session in a container with its user's uid and the limits of the chosen profile."""

    settings: Settings  # of the site; jupyterhub_config.py sets it
    # The groups of a login in the directory; jupyterhub_config.py sets it.
    groups_of: Callable[[str], frozenset[str]] = staticmethod(lambda _: frozenset())
    recognised = False  # once per session and run of the hub
    profile: Profile  # of the session that starts
    others: tuple[Profile, ...] = ()  # that its user could have chosen instead
    stores: tuple[Store, ...] = ()  # the stores of the restricted zone that the session may read
    notices: Notices  # why sessions were stopped; jupyterhub_config.py sets it
    told_of_memory: datetime.datetime | None = None
    looks_to_end = 0
    noted: datetime.datetime | None = None

    async def options_form(self, _: Any = None) -> str:
        mine, last = projects_of(self), self.orm_spawner.user_options or {}
        profiles = profiles_form(
            self.settings.profiles,
            projects=mine,
            picked=last.get(PROFILE),
            now=await room.look(self.settings),
        )
        return projects_form(mine, picked=last.get(PROJECT)) + (profiles if mine else "")

    def options_from_form(self, fields: dict[str, list[str]]) -> dict[str, Any]:
        return from_form(fields)

    def options_from_query(self, fields: dict[str, list[str]]) -> dict[str, Any]:
        return from_form(fields)

    def apply_user_options(self, _: Any, options: dict[str, Any]) -> None:
        """Set the container's options from the project and the profile; nothing else of a form, URL or API request is used.

        Raises SpawnException when the account, the project, the profile or the image is refused.
        """
        site = self.settings
        made, (image, limits) = choose(
            self,
            options,
            person=self._person(),
            make=lambda one: (
                image_reference(one.profile, site),
                host_config(one.profile, one.person, one.project, site),
            ),
        )
        person, project, profile = made.person, made.project, made.profile
        write_identity(person, project, site)
        self.image = image
        self.mem_limit = profile.memory_bytes
        self.cpu_limit = profile.cpus
        self.mounts = mounts(person, project, site)
        self.environment = environment(
            person,
            project,
            site,
            profile=profile,
            mine=made.mine,
            now=datetime.datetime.now(datetime.UTC),
        )
        self.extra_host_config = limits
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
        # Logged first, so that no session opens without a record in the journal.
        tell(self, stores=self.stores)
        if running:
            # The hub registers this token again.
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

    async def create_object(self) -> Any:
        """Create the container if it fits beside those that run: one start at a time looks at what is free and takes it."""
        async with shares.ONE_AT_A_TIME:
            await taking.take(self)
            return await super().create_object()

    async def _until_it_answers(self, address: str, port: int) -> None:
        """Wait until the session's port answers. Raises SpawnException as soon as the session ends.

        The hub also waits for an answer, but checks whether the session still runs only after its timeout.
        """
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
        """Return the user's running session that the hub's database does not know, if it may be kept; its project and
        profile are kept whatever the request asks for."""
        person = self._person()
        found = await self.get_object()
        if person is None or found is None:
            return None
        kept = adoptable(found, person=person, mine=projects_of(self), settings=self.settings)
        if kept is None:
            return None
        project, profile = kept
        self.log.warning("%s runs already: it is taken up again", self.object_name)
        remember(self, project, profile)
        return found

    async def poll(self) -> Any:
        try:
            status = await super().poll()
            if status is None and not self.recognised:
                recognise(await self.get_object(), self)
                self.recognised = True
            if status is None:
                note_use(self)
        except DOCKER_AWAY as error:
            self.log.warning(
                "Docker does not answer, %s is taken as running: %s", self.object_name, error
            )
            return None
        if status is not None:
            await tell_if_out_of_memory(self)
        return status

    async def poll_and_notify(self) -> Any:
        """Also end, at each poll, the session of a closed account, or of one that lost a right that the session uses: its
        project or membership has ended, or a base was taken away."""
        await end_without_right(self, outlived=self._outlived)
        return await super().poll_and_notify()

    async def _outlived(self) -> list[str]:
        person = self._person()
        try:
            found = await self.get_object()
        except DOCKER_AWAY:
            return []
        if person is None or found is None:
            return []
        return outlived(found, person=person, mine=projects_of(self), settings=self.settings)

    async def get_object(self) -> Any:
        """Return Docker's description of the container, or None only if Docker says that it does not exist.

        DockerSpawner also returns None after an error 500, which a starting Docker may answer.
        """
        try:
            found = await self.docker("inspect_container", self.object_name)
        except NotFound:
            self.object_id = ""
            return None
        self.object_id = found[self.object_id_key]
        return found

    async def remove_object(self) -> None:
        """Remove the container, or rename it if Docker cannot remove it (a file is in use), so that its user gets a
        session nevertheless. Docker tries to remove it again at each of its starts."""
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
