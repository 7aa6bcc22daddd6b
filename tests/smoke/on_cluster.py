"""The smoke test of a site on a cluster: by the demonstration's password, which a deploy makes."""

import base64
import tempfile
import time
from typing import Any

from infra.cluster.reaching import Cluster
from infra.settings.accounts import SMOKE_COLLEAGUE, SMOKE_LOGIN, SMOKE_LOGINS
from infra.settings.cluster_site import ClusterSite
from tests.smoke import chromium
from tests.smoke.doorway import Doorway
from tests.smoke.given import Given
from tests.smoke.running import CannotRun, run, undisturbed, verdict
from tests.smoke.trust import NoAuthority, authorities

SECRET, PASSWORD = "bigdata-hub", "DEMONSTRATION_PASSWORD"
GONE_S = 60


def check(site: ClusterSite, **asked: Any) -> int:
    """Run all checks of a site on a cluster; return 0 if all pass. Raises CannotRun, ClusterError."""
    _refuse_what_cannot_work(site, browser=asked["browser"])
    cluster = Cluster(site)
    cluster.reach()
    if cluster.release() is None:
        raise CannotRun(f"nothing is deployed there yet: make deploy SITE={site.name}")
    found = cluster.read("secret", SECRET, "--namespace", cluster.namespace)["data"][PASSWORD]
    password = base64.b64decode(found).decode()
    started = time.monotonic()
    print(f"The promises of « {site.title} » ({site.url}):", flush=True)
    _end_sessions(cluster)
    with tempfile.TemporaryDirectory(prefix="smoke-") as folder:
        given = Given(
            site=site.name,
            login=SMOKE_LOGIN,
            password=password,
            secret="",
            colleague=SMOKE_COLLEAGUE,
            colleagues_password=password,
            colleagues_secret="",
            folder=folder,
            on_cluster=True,
            doorway=str(Doorway.of(cluster) or ""),
            **asked,
        )
        try:
            status = run(given)
        finally:
            with undisturbed():
                _end_sessions(cluster)
    return verdict(status, given, seconds=time.monotonic() - started)


def _refuse_what_cannot_work(site: ClusterSite, *, browser: bool) -> None:
    if not site.is_demonstration:
        raise CannotRun(
            "analysts of this site log in at their provider ([logins] kind), where the test has no account: open a session "
            f"yourself, and look at `make status SITE={site.name}`."
        )
    if browser and (reason := chromium.missing()):
        raise CannotRun(f"{reason}. Install it, or say BROWSER=0 to do without.")
    try:
        authorities(site)
    except NoAuthority as error:
        raise CannotRun(str(error)) from None


def _end_sessions(cluster: Cluster) -> None:
    """End the sessions of the test's accounts that an earlier run left."""
    names = [f"session-{login}" for login in SMOKE_LOGINS]
    words = ("delete", "pod", *names, "--ignore-not-found", f"--timeout={GONE_S}s")
    cluster.kubectl(*words, "--namespace", cluster.work, answer_s=0)
