"""A real hub with KubeSpawner and the real proxy, against a stand-in for the API server: sessions from login to stop."""

import asyncio
import html
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from broker.owners import owner_of

from tests.infra.components.web.front import SECRET, TOKEN, Proxy, free_port, proxying, running
from tests.jupyterhub_conf.cluster_site import CLUSTER, cluster_json
from tests.jupyterhub_conf.conftest import CONFIGURATION
from tests.jupyterhub_conf.fake_cluster import (
    CLAIMS,
    PODS,
    STATUS,
    FakeCluster,
    fake_cluster,
)
from tests.npm import node
from tests.pace import patience
from tests.smoke.hub import Hub, HubError

PASSWORD = "la-demonstration"
PEOPLE = ("rose", "claire", "alix")


@dataclass
class Place:
    """The hub, which a test may end and start again, and the cluster."""

    url: str
    cluster: FakeCluster
    log: Path
    folder: Path
    start_hub: Callable[[], AbstractContextManager[None]]
    hub: ExitStack

    def browser(self, login: str) -> Hub:
        hub = Hub(self.url, trust=Path("/nonexistent"))
        assert hub.log_in(login, PASSWORD)
        return hub

    def restart(self, *, lose_database: bool = False) -> None:
        self.hub.close()
        if lose_database:
            for one in self.folder.glob("hub.sqlite*"):
                one.unlink()
        self.hub.enter_context(self.start_hub())

    def said(self) -> str:
        return self.log.read_text()


def _wait(question: Callable[[], Any], what: str, *, limit_s: float = 60) -> Any:
    deadline = time.monotonic() + patience(limit_s)
    while not (answer := question()):
        assert time.monotonic() < deadline, what
        time.sleep(0.2)
    return answer


def _site(folder: Path, *, port: int, proxy: Proxy) -> Path:
    """Write the site, with the shipped charter, which all but alix have accepted."""
    cluster = {**CLUSTER, "memory_gb": 20.0}
    site = cluster_json(folder, cluster=cluster, url=f"http://127.0.0.1:{proxy.port}/")
    site["addresses"] = {
        "proxy": f"http://127.0.0.1:{proxy.port}",
        "proxy_api": f"http://127.0.0.1:{proxy.api}",
        "hub": f"http://127.0.0.1:{port}",
        "hub_for_sessions": f"http://127.0.0.1:{port}",
    }
    accepted = [json.dumps({"login": one, "version": "1"}) for one in ("rose", "claire")]
    (folder / "charter.jsonl").write_text("\n".join(accepted) + "\n")
    (folder / "site.json").write_text(json.dumps(site))
    return folder / "site.json"


# The configuration as it is, but where the charter lies: /etc/site is the image's.
HERE = f"""
load_subconfig({str(CONFIGURATION / "jupyterhub_config.py")!r})
import os, sys
from pathlib import Path

import pod_spawner, steps

steps.charter = lambda settings: steps.read_charter(Path(os.environ["PAGES"]))
sys.modules["step_pages"].charter = steps.charter
get_config().JupyterHub.log_level = 20
get_config().Spawner.start_timeout = 20
get_config().Spawner.poll_interval = 1
pod_spawner.IN_VAIN_S = 1.0
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    if node() is None:
        pytest.skip("no Node.js on this machine")
    with tempfile.TemporaryDirectory(prefix="cluster-hub-") as name, ExitStack() as afterwards:
        folder, port = Path(name), free_port()
        (folder / "pages").mkdir()
        (folder / "pages/charte.md").write_text("# Charte\n\nVersion 1\n\n1. **Une** règle.\n")
        (folder / "config.py").write_text(HERE)
        cluster = afterwards.enter_context(fake_cluster(folder, port=free_port()))
        proxy = afterwards.enter_context(proxying(port, domain=None))
        environment = {
            **os.environ,
            "JUPYTERHUB_SITE": str(_site(folder, port=port, proxy=proxy)),
            "KUBECONFIG": str(folder / "kubeconfig"),
            "PAGES": str(folder / "pages"),
            "CONFIGPROXY_AUTH_TOKEN": TOKEN,
            "CULLER_API_TOKEN": "0" * 32,
            "SESSION_GATE_SECRET": SECRET,
            "DEMONSTRATION_PASSWORD": PASSWORD,
        }
        command = [sys.executable, "-m", "jupyterhub", "--config", str(folder / "config.py")]

        def start_hub() -> AbstractContextManager[None]:
            return running(command, port=port, env=environment, cwd=folder, log=folder / "hub.log")

        hub = afterwards.enter_context(ExitStack())
        hub.enter_context(start_hub())
        url = f"http://127.0.0.1:{proxy.port}"
        _wait(lambda: requests.get(f"{url}/hub/health", timeout=10).ok, "no route to the hub")
        yield Place(url, cluster, folder / "hub.log", folder, start_hub, hub)


@pytest.fixture(autouse=True)
def as_before(place: Place) -> Iterator[None]:
    """Leave no session, and a cluster that does what it is asked."""
    yield
    cluster = place.cluster
    cluster.away, cluster.starts, cluster.waiting, cluster.forbids = False, True, None, ""
    for login in PEOPLE:
        _leave(place.browser(login))


def _leave(hub: Hub) -> None:
    if hub.is_running():
        hub.stop()
    _wait(lambda: not hub.is_starting(), f"the session of {hub.login} is still pending")


def pod_of(place: Place, login: str) -> dict[str, Any]:
    found: dict[str, Any] = place.cluster.objects[PODS][f"session-{login}"]
    return found


def test_a_session_goes_from_the_login_to_its_stop(place: Place) -> None:
    hub = place.browser("rose")
    before = len(place.cluster.posted)
    hub.start("grande", project="variations")
    claim, pod = place.cluster.posted[before:]
    assert claim["kind"] == "PersistentVolumeClaim"
    assert claim["metadata"]["name"] == "home-rose.variations"
    assert pod["metadata"]["labels"]["bigdata.openchronic/project"] == "variations"
    assert pod["spec"]["securityContext"]["runAsUser"] == CLUSTER["accounts"]["rose"]["uid"]
    variables = {one["name"]: one.get("value", "") for one in pod["spec"]["containers"][0]["env"]}
    assert variables["JUPYTERHUB_API_TOKEN"]
    assert variables["MEM_LIMIT"] == str(int(4.5 * 2**30))
    assert json.loads(variables["OPENCHRONIC_PROJECTS"]).keys() == {"variations", "parcours"}
    assert hub.get("/user/rose/lab").text == "the session"
    hub.stop()
    assert "session-rose" not in place.cluster.objects[PODS]
    assert "home-rose.variations" in place.cluster.objects[CLAIMS], "a home stays"
    said = place.said()
    assert "A session of rose opens for the project variations: session-rose" in said
    assert "the typed tables of the base demo are open to rose in session-rose" in said


def test_the_hub_asks_for_nothing_beyond_its_rights(place: Place) -> None:
    hub = place.browser("claire")
    hub.start("petite", project="variations")
    hub.stop()
    assert place.cluster.refused == []
    assert {kind for _, kind in place.cluster.asked} == {PODS, CLAIMS}


def test_the_page_waits_while_the_pod_does(place: Place) -> None:
    place.cluster.starts = False
    hub = place.browser("rose")
    assert hub.submit("/hub/spawn", {"profile": "petite", "project": "parcours"}).status_code == 302
    _wait(hub.is_starting, "no session is pending")
    assert "spawn-pending" in hub.get("/hub/spawn-pending/rose").url
    place.cluster.run(
        _wait(lambda: place.cluster.objects[PODS].get("session-rose"), "no pod was made")
    )
    _wait(hub.is_running, "the session does not come to run")


def test_what_a_start_lacks_is_said_in_french(place: Place) -> None:
    for told, words in {
        "exceeded quota: sessions": "prennent toute la mémoire",
        'policy "sessions" denied the request': "Une règle du cluster refuse cette session",
    }.items():
        place.cluster.forbids = told
        answer = place.browser("rose").submit("/hub/spawn", {"profile": "petite", "project": "parcours"})  # fmt: skip
        assert answer.status_code == 503
        assert words in html.unescape(answer.text)
        assert told.replace(chr(34), chr(92) + chr(34)) in place.said()


def test_an_image_that_is_not_there_is_not_waited_for(place: Place) -> None:
    reason = {"waiting": {"reason": "ErrImageNeverPull"}}
    waiting = {**STATUS, "ready": False, "state": reason}
    place.cluster.starts = False
    place.cluster.waiting = {"containerStatuses": [waiting]}
    with pytest.raises(HubError):
        place.browser("rose").start("petite", project="parcours")
    assert "image: ErrImageNeverPull" in place.said()
    assert "session-rose" not in place.cluster.objects[PODS], "nothing is left waiting"


def test_a_pod_without_a_node_is_given_up_with_its_reason(place: Place) -> None:
    place.cluster.starts = False
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/2 nodes are available",
    }
    place.cluster.waiting = {"conditions": [condition]}
    with pytest.raises(HubError):
        place.browser("rose").start("petite", project="parcours")
    assert "room: 0/2 nodes are available" in place.said()


def test_what_all_hold_together_has_a_limit(place: Place) -> None:
    rose, alix = place.browser("rose"), place.browser("alix")
    if alix.step():
        alix.accept_charter()
    rose.start("cartes", project="parcours")
    with pytest.raises(HubError, match="en demande 16"):
        alix.start("cartes", project="parcours")
    alix.start("petite", project="parcours")


def test_a_session_outlives_the_hub(place: Place) -> None:
    hub = place.browser("rose")
    hub.start("petite", project="parcours")
    uid = pod_of(place, "rose")["metadata"]["uid"]
    place.restart()
    _wait(hub.is_running, "the hub has forgotten the session")
    assert pod_of(place, "rose")["metadata"]["uid"] == uid
    assert hub.get("/user/rose/lab").text == "the session"


def test_a_session_that_a_lost_database_had_is_taken_up_again(place: Place) -> None:
    place.browser("rose").start("petite", project="parcours")
    uid = pod_of(place, "rose")["metadata"]["uid"]
    place.restart(lose_database=True)
    hub = place.browser("rose")
    assert not hub.is_running()
    hub.start("grande", project="variations")
    assert pod_of(place, "rose")["metadata"]["uid"] == uid
    assert hub.profile == "petite"
    assert "session-rose runs already: it is taken up again" in place.said()


def test_a_session_that_today_would_be_another_is_not_taken_up(place: Place) -> None:
    place.browser("rose").start("petite", project="parcours")
    pod = pod_of(place, "rose")
    uid = pod["metadata"]["uid"]
    pod["spec"]["securityContext"]["supplementalGroups"].append(0)
    place.restart(lose_database=True)
    place.browser("rose").start("petite", project="parcours")
    assert pod_of(place, "rose")["metadata"]["uid"] != uid


def test_a_cluster_that_does_not_answer_ends_no_session(place: Place) -> None:
    hub = place.browser("rose")
    hub.start("petite", project="parcours")
    place.cluster.away = True
    time.sleep(5)
    assert hub.is_running()
    place.cluster.away = False
    # It sees again what happens there.
    place.cluster.end("session-rose", exitCode=0, reason="Completed")
    _wait(lambda: not hub.is_running(), "the hub does not see that the session ended")


def test_a_session_that_ended_for_lack_of_memory_says_so(place: Place) -> None:
    hub = place.browser("rose")
    hub.start("petite", project="parcours")
    at = "2026-03-02T12:00:00Z"
    place.cluster.end("session-rose", exitCode=137, reason="OOMKilled", finishedAt=at)
    _wait(lambda: not hub.is_running(), "the hub does not see that the session ended")
    assert "session-rose ended for lack of memory (profile petite)" in place.said()
    page = hub.get("/hub/home").content.decode()
    assert "sa mémoire (2\u00a0Gio) était épuisée" in page


def test_a_right_that_is_taken_away_ends_the_session(place: Place) -> None:
    hub = place.browser("rose")
    hub.start("petite", project="parcours")
    site = json.loads((place.folder / "site.json").read_text())
    whole = json.dumps(site)
    site["projects"][1]["members"].pop("rose")
    (place.folder / "site.json").write_text(json.dumps(site))
    try:
        place.restart()
        _wait(lambda: "session-rose" not in place.cluster.objects[PODS], "the session goes on")
        assert "The right to its project was taken away" in place.said()
    finally:
        (place.folder / "site.json").write_text(whole)
        place.restart()


@pytest.mark.parametrize(
    ("login", "password"), [("rose", "wrong"), ("parti", PASSWORD), ("root", PASSWORD)]
)
def test_nobody_else_gets_in(place: Place, login: str, password: str) -> None:
    """A wrong password, an account that has ended, and none of the site's."""
    assert not Hub(place.url, trust=Path("/nonexistent")).log_in(login, password)


def test_there_are_no_passwords_to_change_here(place: Place) -> None:
    hub = place.browser("claire")
    assert "Changer mon mot de passe" not in hub.get("/hub/home").text
    assert hub.get("/hub/password").status_code == 404
    assert hub.get("/hub/second-factor").status_code == 404


def test_the_broker_learns_who_a_session_is(place: Place) -> None:
    place.browser("rose").start("petite", project="parcours")
    container = pod_of(place, "rose")["spec"]["containers"][0]
    (own,) = [one["value"] for one in container["env"] if one["name"] == "JUPYTERHUB_API_TOKEN"]
    assert asyncio.run(owner_of(own, hub=place.url)) == "rose"
    culler = "0" * 32
    for token in (culler, "1" * 32, ""):
        assert asyncio.run(owner_of(token, hub=place.url)) is None
    assert requests.get(
        f"{place.url}/hub/api/user", headers={"Authorization": f"token {culler}"}, timeout=10
    ).ok, "the hub knows the culler, which is no session"
