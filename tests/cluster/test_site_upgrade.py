"""Deploys under a session at work: a sound one, and one whose hub never runs, from which the cluster goes back by itself."""

import json

import pytest

from infra.cluster import deploy as deploying
from infra.cluster.hub_copy import PLACE
from infra.cluster.images_record import FILE, record, state
from infra.cluster.reaching import ClusterError
from infra.settings import layout
from infra.settings.cluster_file import load_cluster_site
from tests.cluster.site import SITE, DeployedSite, until
from tests.smoke.kernel import Kernel, KernelError

pytestmark = pytest.mark.timeout(1800)
SERVICES = "--namespace=bigdata"
SOON = "90s"


def test_a_deploy_copies_the_hubs_database_and_leaves_sessions_alone(site: DeployedSite) -> None:
    with site.session("demo", project="variations") as (hub, kernel):
        kernel.run("kept = 41")
        before = site.pods("demo", component="session")[0]["metadata"]["uid"]
        assert deploying.deploy(load_cluster_site(SITE)) == 0
        assert _users_in(site, PLACE) >= 1
        until(hub.is_running, "the hub knows the session")
        assert kernel.run("print(kept + 1)").strip() == "42"
        assert site.pods("demo", component="session")[0]["metadata"]["uid"] == before


def test_a_hub_that_never_runs_is_taken_back_with_its_database(
    site: DeployedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_cluster_site(SITE)
    kept = state(settings) / FILE
    sound = json.loads(kept.read_text())
    broken = f"{sound['jupyterhub'].partition('@')[0]}@sha256:{'0' * 64}"
    monkeypatch.setattr(deploying, "PATIENCE", SOON)
    with site.session("demo", project="variations") as (hub, kernel):
        kernel.run("kept = 41")
        users = _users_in(site, layout.HUB_DATABASE)
        record(settings, {"jupyterhub": broken})
        try:
            with pytest.raises(ClusterError, match="the cluster is back to what it ran before"):
                deploying.deploy(settings)
        finally:
            kept.write_text(json.dumps(sound))
        until(hub.is_running, "the hub knows the session", limit_s=180)
        assert _users_in(site, layout.HUB_DATABASE) == users
        # The proxy is of the hub's image, and was replaced with it: what it carried was cut.
        until(lambda: _reconnected(kernel), "the session is reached again", limit_s=180)
        assert kernel.run("print(kept + 1)").strip() == "42"
    told = site.cluster.ask("deployment", "hub", SERVICES)["spec"]["template"]["spec"]
    assert told["containers"][0]["image"] == sound["jupyterhub"]


def _reconnected(kernel: Kernel) -> bool:
    try:
        kernel.reconnect()
    except KernelError:
        return False
    return True


def _users_in(site: DeployedSite, database: str) -> int:
    """Return how many users a database of the hub's volume knows."""
    program = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1]); "
        "print(connection.execute('SELECT count(*) FROM users').fetchone()[0])"
    )
    python = f"{layout.HUB_VENV}/bin/python"
    words = ("exec", SERVICES, "deployment/hub", "--", python, "-c", program, database)
    return int(site.cluster.kubectl(*words))
