"""What becomes of sessions when the proxy, the node or a volume fails under them, on a real cluster."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from infra.box import machine
from infra.box.cluster import up
from infra.settings.box_identity import BoxIdentity
from tests.cluster.kubernetes import KubectlError
from tests.cluster.site import URL, DeployedSite, until
from tests.smoke.hub import Hub, HubError
from tests.smoke.kernel import Kernel, KernelError

pytestmark = pytest.mark.timeout(1800)


def test_a_killed_proxy_keeps_its_sessions(site: DeployedSite) -> None:
    with site.session("demo", project="variations") as (hub, kernel):
        kernel.run("kept = 41")
        before = site.pods("demo", component="session")[0]["metadata"]["uid"]
        site.cluster.kubectl(
            *("delete", "pod", "--namespace=bigdata", "--selector=app.kubernetes.io/component=proxy"),
            "--grace-period=0",
        )  # fmt: skip
        page = f"/user/{hub.login}/api/status"
        until(lambda: _status(hub, page) == 200, "the session is reached again", limit_s=120)
        kernel.reconnect()
        assert kernel.run("print(kept + 1)").strip() == "42"
        assert site.pods("demo", component="session")[0]["metadata"]["uid"] == before


def test_the_web_server_waits_for_the_clusters_names(site: DeployedSite, box: BoxIdentity) -> None:
    """As after a power cut, when the cluster's DNS comes back later: it does not end, so nobody waits for its next start."""
    names = ("--namespace=kube-system", "deployment/coredns")
    site.cluster.kubectl("scale", *names, "--replicas=0")
    try:
        until(lambda: not _pods(site, "kube-dns", label="k8s-app", namespace="kube-system"), "no name is answered")  # fmt: skip
        site.cluster.kubectl(
            *("delete", "pod", "--namespace=bigdata", "--selector=app.kubernetes.io/component=web"),
            "--wait=true",
        )
        until(lambda: "waiting until the cluster's DNS knows" in _log_of_web(site), "it waits")
        assert _restarts_of_web(site) == 0
    finally:
        site.cluster.kubectl("scale", *names, "--replicas=1")
    # Its pod is ready some seconds before the node's port leads to it.
    visitor = Hub(URL, trust=site.trust)
    until(lambda: _status(visitor, "/hub/health") == 200, "the site answers again", limit_s=120)
    assert _restarts_of_web(site) == 0


def test_a_full_home_is_told_and_harms_nobody_else(site: DeployedSite) -> None:
    """The home of `kube.toml` holds half a gigabyte."""
    fill = "open('fill', 'wb').write(bytes(600 * 2**20))"
    with (
        site.session("demo", project="variations") as (hub, kernel),
        site.session("alix", project="parcours") as (_, other),
    ):
        with pytest.raises(KernelError, match="OSError"):
            kernel.run(fill, timeout_s=120)
        # The session answers, and what was too much can be removed.
        assert kernel.run("import os; os.unlink('fill'); print(6 * 7)").strip() == "42"
        assert kernel.run("print(open('after', 'w').write('x'))").strip() == "1"
        assert other.run("print(open('mine', 'w').write('x'))").strip() == "1"
        assert hub.is_running()


@pytest.mark.parametrize("cut", [machine.stop, machine.kill], ids=["restarted", "power cut"])
def test_after_the_node_is_back_the_home_is_there_in_another_session(
    site: DeployedSite, box: BoxIdentity, cut: Callable[[BoxIdentity], None]
) -> None:
    """The session's memory is lost with the node. Its owner opens another one, and finds what was saved."""
    hub = site.user("demo", project="variations")
    kernel = Kernel(hub)
    kernel.run(
        "import os; f = open('saved', 'w'); f.write('here'); f.flush(); os.fsync(f.fileno())"
    )
    before = _restarts_of_web(site)
    cut(box)
    up.up(box)
    until(lambda: _status(hub, "/hub/health") == 200, "the hub is back", limit_s=300)
    # Begun anew with the node, and not once more for want of names.
    assert _restarts_of_web(site) <= before + 1
    until(lambda: _has_ended(hub), "the hub knows that the session has ended", limit_s=300)
    hub.start("petite", project="variations")
    try:
        assert Kernel(hub).run("print(open('saved').read())").strip() == "here"
    finally:
        hub.stop()


def _pods(
    site: DeployedSite,
    name: str,
    *,
    label: str = "app.kubernetes.io/component",
    namespace: str = "bigdata",
) -> list[dict[str, Any]]:
    found = site.cluster.ask("pods", f"--namespace={namespace}", f"--selector={label}={name}")
    items: list[dict[str, Any]] = found["items"]
    return items


def _restarts_of_web(site: DeployedSite) -> int:
    return sum(
        one["restartCount"]
        for pod in _pods(site, "web")
        for one in pod["status"].get("containerStatuses", ())
    )


def _log_of_web(site: DeployedSite) -> str:
    try:
        return site.cluster.kubectl("logs", "--namespace=bigdata", "deployment/web")
    except KubectlError:
        return ""


def _status(hub: Hub, page: str) -> int:
    try:
        return hub.get(page, allow_redirects=False).status_code
    except requests.RequestException:
        return 0


def _has_ended(hub: Hub) -> bool:
    try:
        return not hub.is_running() and not hub.is_starting()
    except (HubError, requests.RequestException):
        return False
