"""KubeSpawner with the site's profiles and rights, which keeps sessions while the cluster's API or the hub restarts."""

import asyncio
import datetime
import json
import time
from collections.abc import Callable
from typing import Any

import pod_failures
import pod_room
import pods
import running_pods
import shares
from aiohttp import ClientError
from choices import PROFILE, PROJECT, from_form
from endings import leave_word
from failures import died_while_starting
from jupyterhub.utils import exponential_backoff
from kubernetes_asyncio.client import ApiException
from kubespawner.spawner import KubeSpawner, PodReflector
from notices import Notices
from opening import Opening, choose, end_without_right, note_use, projects_of, remember, tell
from profiles import form as profiles_form
from projects import form as projects_form
from recognition import make_known
from sessions import Person
from settings import Profile, Settings, Store

# Pods keep running while the API server restarts: these errors do not mean that a session ended.
API_AWAY = (ApiException, ClientError, TimeoutError, OSError)
CONFLICT = 409
# Seconds between two looks at a starting session; what waits in vain for so long will not come.
LOOK_S, IN_VAIN_S = 0.3, 30.0
# Of the hub's own timeout, after which a session is given up with its reason: its pod must be gone by then.
SHARE_OF_TIMEOUT = 0.8


class PodSpawner(KubeSpawner):
    """A session in a pod with its user's uid and the limits of the chosen profile."""

    settings: Settings  # of the site; jupyterhub_config.py sets these three
    groups_of: Callable[[str], frozenset[str]] = staticmethod(lambda _: frozenset())
    notices: Notices
    recognised = False  # once per session and run of the hub
    opening: Opening  # the session that starts
    profile: Profile
    others: tuple[Profile, ...] = ()
    stores: tuple[Store, ...] = ()
    told_of_memory: datetime.datetime | None = None
    looks_to_end = 0
    noted: datetime.datetime | None = None

    @property
    def object_name(self) -> str:
        """The session's name in the journal, as DockerSpawner calls it."""
        return str(self.pod_name)

    async def options_form(self, _: Any = None) -> str:
        mine, last = projects_of(self), self.orm_spawner.user_options or {}
        profiles = profiles_form(
            self.settings.profiles,
            projects=mine,
            picked=last.get(PROFILE),
            now=await pod_room.look(self.settings, self.api),
            unknown=pod_room.UNKNOWN,
        )
        return projects_form(mine, picked=last.get(PROJECT)) + (profiles if mine else "")

    def options_from_form(self, fields: dict[str, list[str]]) -> dict[str, Any]:
        return from_form(fields)

    def options_from_query(self, fields: dict[str, list[str]]) -> dict[str, Any]:
        return from_form(fields)

    async def load_user_options(self) -> None:
        """KubeSpawner's own profiles are not used."""

    def apply_user_options(self, _: Any, options: dict[str, Any]) -> None:
        """Keep the project and the profile; nothing else of a form, URL or API request is used. Raises SpawnException."""
        self.opening, _ = choose(self, options, person=self._person(), make=lambda _: None)
        self.image = pods.cluster_of(self.settings).images[self.profile.image]
        self.mem_limit = self.profile.memory_bytes
        self.cpu_limit = self.profile.cpus

    def _person(self) -> Person | None:
        return pods.find_account(self.user.name, self.settings)

    async def get_pod_manifest(self) -> dict[str, Any]:
        one = self.opening
        return pods.session_pod(
            one.person,
            one.project,
            one.profile,
            self.settings,
            mine=one.mine,
            now=datetime.datetime.now(datetime.UTC),
            environment=self.get_env(),
        )

    async def _start(self) -> str:
        # The hub counts from here, and gives up without a reason.
        until = time.monotonic() + self.start_timeout * SHARE_OF_TIMEOUT
        await self._start_watching_pods()
        running = self._still_running()
        # Logged first, so that no session opens without a record in the journal.
        tell(self, stores=self.stores)
        if running:
            # The hub registers this token again.
            self.api_token = running_pods.token(running)
            return str(self._get_pod_url(running))
        try:
            await self._make_home()
            async with shares.ONE_AT_A_TIME:
                await pod_room.refuse(self)
                await exponential_backoff(
                    self._make_pod, f"{self.object_name} cannot be made", timeout=self.start_timeout
                )
        except ApiException as error:
            raise pod_failures.refused(error.status or 0, str(error.body or error)) from error
        except (ClientError, OSError) as error:
            raise pod_failures.refused(0, str(error)) from error
        return str(self._get_pod_url(await self._until_it_runs(until)))

    async def _make_home(self) -> None:
        """Make the claim of the user's home for the project, if it is their first session there."""
        claim = pods.home_claim(self.opening.person, self.opening.project, self.settings)
        name = claim["metadata"]["name"]
        limit = self.k8s_api_request_timeout
        try:
            await self.api.create_namespaced_persistent_volume_claim(
                self.namespace, claim, _request_timeout=limit
            )
        except ApiException as error:
            if error.status == CONFLICT:
                return
            # A quota is looked at before it is seen that there is one already.
            try:
                await self.api.read_namespaced_persistent_volume_claim(name, self.namespace)
            except ApiException:
                raise error from None
        else:
            self.log.info("The home %s is made", name)

    async def _make_pod(self) -> bool:
        """Make the session's pod; False if one of that name was in the way, and is deleted now."""
        try:
            await self.api.create_namespaced_pod(
                self.namespace,
                await self.get_pod_manifest(),
                _request_timeout=self.k8s_api_request_timeout,
            )
        except TimeoutError:
            return False
        except ApiException as error:
            if error.status != CONFLICT:
                raise
            self.log.warning("%s is there already, and not to be kept: it is deleted", self.object_name)  # fmt: skip
            await self.stop(now=True)
            return False
        return True

    async def _until_it_runs(self, deadline: float) -> dict[str, Any]:
        """Return the pod once its server answers. Raises SpawnException as soon as it has ended, or waits in vain."""
        since, before, seen = time.monotonic(), "", False
        while True:
            pod = self._pod()
            if pod is not None and self.is_pod_running(pod):
                return pod
            seen = seen or pod is not None
            if (pod is None and seen) or await self._has_ended(pod):
                raise died_while_starting(self.object_name)
            reason, said = running_pods.waits_for(pod) if pod else ("", "")
            if reason != before:
                since, before = time.monotonic(), reason
            error = (
                pod_failures.stuck(reason, said) if time.monotonic() - since > IN_VAIN_S else None
            )
            if error is None and time.monotonic() > deadline:
                error = pod_failures.too_long(reason, said)
            if error:
                await self.stop(now=True)
                raise error
            await asyncio.sleep(LOOK_S)

    async def _has_ended(self, pod: dict[str, Any] | None) -> bool:
        return pod is not None and pod["status"].get("phase") in running_pods.ENDED

    def is_pod_running(self, pod: dict[str, Any] | None) -> bool:
        """As KubeSpawner says; a pod that has just been made has no status yet."""
        status = pod["status"] if pod else {}
        return bool({"podIP", "containerStatuses"} <= set(status) and super().is_pod_running(pod))

    def _pod(self) -> dict[str, Any] | None:
        """Return the API server's last description of the session's pod."""
        found = self.pod_reflector.pods.get(f"{self.namespace}/{self.pod_name}")
        return None if found is None else dict(found)

    def _still_running(self) -> dict[str, Any] | None:
        """Return the user's running session that the hub's database does not know, if it may be kept; its project and
        profile are kept whatever the request asks for."""
        person, found = self._person(), self._pod()
        if person is None or found is None:
            return None
        kept = running_pods.adoptable(
            found, person=person, mine=projects_of(self), settings=self.settings
        )
        if kept is None or not self.is_pod_running(found):
            return None
        self.log.warning("%s runs already: it is taken up again", self.object_name)
        remember(self, *kept)
        return found

    async def poll(self) -> Any:
        try:
            await self._start_watching_pods()
            found = self._pod()
            status = await super().poll()
            if status is None and found is not None and self._is_lost(found):
                self.log.warning("%s is lost with its node: it is given up", self.object_name)
                await self.stop(now=True)
                return 1
        except API_AWAY as error:
            self.log.warning(
                "The cluster does not answer, %s is taken as running: %s", self.object_name, error
            )
            return None
        if status is None and found is not None:
            if found["status"].get("phase") in running_pods.ENDED:
                # Without a container's status: the cluster ended it (evicted, or its greatest age).
                self.log.warning("%s ended: %s", self.object_name, json.dumps(found["status"])[:500])  # fmt: skip
                return 1
            if not self.recognised:
                make_known(running_pods.token(found), self)
                self.recognised = True
            note_use(self)
        if found is not None and (at := running_pods.out_of_memory_at(found)):
            leave_word(self, at)
        return status

    def _is_lost(self, pod: dict[str, Any]) -> bool:
        return running_pods.is_lost(pod, now=datetime.datetime.now(datetime.UTC))

    async def stop(self, now: bool = False) -> None:
        """Also give up a pod that does not end: its node may be gone."""
        try:
            await super().stop(now)
        except TimeoutError:
            if now:
                raise
            await super().stop(now=True)

    async def poll_and_notify(self) -> Any:
        """Also end, at each poll, the session of a closed account, or of one that lost a right that the session uses."""
        await end_without_right(self, outlived=self._outlived)
        return await super().poll_and_notify()

    async def _outlived(self) -> list[str]:
        try:
            await self._start_watching_pods()
        except API_AWAY:
            return []
        person, found = self._person(), self._pod()
        if person is None or found is None:
            return []
        return running_pods.outlived(
            found, person=person, mine=projects_of(self), settings=self.settings
        )

    async def _start_watching_pods(self, replace: bool = False) -> Any:
        """Watch the pods of sessions. KubeSpawner's reflector gives up when the API was away for a minute, and is then told as
        the last word for ever: such a one is replaced."""
        known = self.pod_reflector
        task = known and known.watch_task
        loaded = known and known.first_load_future
        gave_up = bool(task and task.done()) or bool(
            loaded and loaded.done() and (loaded.cancelled() or loaded.exception())
        )
        return await self._start_reflector(
            kind="pods",
            reflector_class=PodReflector,
            labels={pods.COMPONENT: pods.SESSION},
            omit_namespace=False,
            replace=replace or gave_up,
        )
