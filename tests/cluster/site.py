"""The demonstration on a cluster (infra/sites/kube.toml), deployed by the operators' own command, and its users."""

import base64
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.cluster.images_record import ImagesMissing, all_pushed, state
from infra.cluster.reaching import Cluster as Operators
from infra.settings.cluster_file import load_cluster_site
from infra.settings.settings_file import ROOT
from tests.cluster.kubernetes import Cluster
from tests.pace import patience
from tests.smoke.doorway import Doorway
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel

SITE = "kube"
URL = "https://bigdata.test"
OWNER = "bigdata.openchronic/owner"


@dataclass(frozen=True)
class DeployedSite:
    cluster: Cluster
    trust: Path
    password: str

    def user(self, login: str, *, project: str | None, profile: str = "petite") -> Hub:
        """Log somebody in by the demonstration's password, and open their session."""
        hub = Hub(URL, trust=self.trust)
        assert hub.log_in(login, self.password), login
        hub.start(profile, project=project)
        return hub

    def pods(self, login: str, *, component: str) -> list[dict[str, Any]]:
        selector = f"{OWNER}={login},app.kubernetes.io/component={component}"
        told = self.cluster.ask("pods", "--namespace=bigdata-work", f"--selector={selector}")
        items: list[dict[str, Any]] = told["items"]
        return items

    @contextmanager
    def session(self, login: str, *, project: str | None) -> Iterator[tuple[Hub, Kernel]]:
        """Open a session and a kernel in it; the session is stopped at the end."""
        hub = self.user(login, project=project)
        try:
            yield hub, Kernel(hub)
        finally:
            hub.stop()
            until(lambda: not self.pods(login, component="session"), "the session's pod is gone")


def until(question: Callable[[], Any], what: str, *, limit_s: float = 60) -> None:
    deadline = time.monotonic() + patience(limit_s)
    while not question():
        assert time.monotonic() < deadline, (
            f"after {patience(limit_s):.0f} s this is not so: {what}"
        )
        time.sleep(1)


def deploy(cluster: Cluster) -> DeployedSite:
    """Deploy the demonstration, and build its base where no release is. Skips where its images were never pushed."""
    settings = load_cluster_site(SITE)
    try:
        all_pushed(settings)
    except ImagesMissing as error:
        pytest.skip(str(error))
    _verb("deploy", cluster)
    build(cluster, "demo")
    secret = cluster.ask("secret", "bigdata-hub", "--namespace=bigdata")["data"]
    password = base64.b64decode(secret["DEMONSTRATION_PASSWORD"]).decode()
    return DeployedSite(cluster, state(settings) / "ca.pem", password)


def _verb(verb: str, cluster: Cluster) -> None:
    done = subprocess.run(
        ["make", "--silent", verb, f"SITE={SITE}", "DIRTY=1"],
        cwd=ROOT,
        env={**os.environ, "KUBECONFIG": str(cluster.kubeconfig)},
        capture_output=True,
        text=True,
        timeout=patience(600),
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def build(cluster: Cluster, base: str) -> None:
    """Run the base's CronJob now, once in the life of a cluster."""
    work = "--namespace=bigdata-work"
    name = f"build-{base}-now"
    if name not in cluster.kubectl("get", "jobs", work, "--output=name"):
        cluster.kubectl("create", "job", work, f"--from=cronjob/build-{base}", name)
    limit = int(patience(300))
    cluster.kubectl(
        *("wait", work, "--for=condition=Complete", f"job/{name}", f"--timeout={limit}s"),
        timeout_s=limit + 10,
    )


@contextmanager
def its_name_known(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process find the site by its name, at its node's port: no DNS here knows it."""
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    doorway = Doorway.of(Operators(load_cluster_site(SITE)))
    assert doorway is not None, "the demonstration's web server has a port of every node"
    monkeypatch.setattr(socket, "getaddrinfo", doorway.look_up(socket.getaddrinfo))
    yield
