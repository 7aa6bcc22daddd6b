"""Deploys under a session at work: a sound one, and two whose hub never runs, from which the cluster goes back by itself."""

import time

import pytest

from infra.cluster import deploy as deploying
from infra.cluster.hub_copy import PLACE
from infra.cluster.images_record import FILE, all_pushed, record, state
from infra.cluster.reaching import ClusterError
from infra.settings import layout
from infra.settings.box_identity import BoxIdentity
from infra.settings.cluster_file import load_cluster_site
from tests.cluster.derived_image import derive
from tests.cluster.site import SITE, DeployedSite, until
from tests.pace import patience
from tests.smoke.kernel import Kernel, KernelError

pytestmark = pytest.mark.timeout(1800)
SERVICES = "--namespace=bigdata"
# What takes helm fifteen minutes to give up is certain much sooner.
SOON_S = 240
PYTHON = f"{layout.HUB_VENV}/bin/python"
NEWER = "0f7e57"
MIGRATION = f"""
import sqlalchemy
from alembic import op
revision, down_revision = "{NEWER}", "{{head}}"
def upgrade():
    op.add_column("users", sqlalchemy.Column("of_this_test", sqlalchemy.Integer))
def downgrade():
    pass
"""
HEAD = """
import sys; sys.path.insert(0, '/usr/local/lib/jupyterhub')
import alembic.script, migrate_database
folder = migrate_database.schema_folder()
print(folder, alembic.script.ScriptDirectory(str(folder)).get_current_head())
"""
SCHEMA = """
import pathlib, sqlite3
print(sqlite3.connect('{database}').execute('SELECT version_num FROM alembic_version').fetchone()[0],
      *sorted(one.stem for one in pathlib.Path('{copies}').glob('*.sqlite')))
"""


def test_a_deploy_copies_the_hubs_database_and_leaves_sessions_alone(site: DeployedSite) -> None:
    with site.session("demo", project="variations") as (hub, kernel):
        kernel.run("kept = 41")
        before = site.pods("demo", component="session")[0]["metadata"]["uid"]
        assert deploying.deploy(load_cluster_site(SITE)) == 0
        assert _users_in(site, PLACE) >= 1
        until(hub.is_running, "the hub knows the session")
        assert kernel.run("print(kept + 1)").strip() == "42"
        assert site.pods("demo", component="session")[0]["metadata"]["uid"] == before


def test_a_hub_whose_image_is_nowhere_is_taken_back_as_soon_as_that_is_certain(
    site: DeployedSite,
) -> None:
    settings = load_cluster_site(SITE)
    broken = f"{all_pushed(settings)['jupyterhub'].partition('@')[0]}@sha256:{'0' * 64}"
    with site.session("demo", project="variations") as (hub, kernel):
        kernel.run("kept = 41")
        users = _users_in(site, layout.HUB_DATABASE)
        told = _refused_deploy(broken)
        assert "cannot start: ErrImageNeverPull" in told
        until(hub.is_running, "the hub knows the session", limit_s=180)
        assert _users_in(site, layout.HUB_DATABASE) == users
        # The proxy is of the hub's image, and was replaced with it: what it carried was cut.
        until(lambda: _reconnected(kernel), "the session is reached again", limit_s=180)
        assert kernel.run("print(kept + 1)").strip() == "42"
    assert _image_of_hub(site) == all_pushed(settings)["jupyterhub"]


def test_a_newer_hub_that_migrates_and_then_ends_is_taken_back_with_the_database_of_before(
    site: DeployedSite, box: BoxIdentity
) -> None:
    """The newer one is today's with a migration more, and a configuration that ends it."""
    folder, head = _in_hub(site, HEAD).split()
    newer = derive(
        box,
        all_pushed(load_cluster_site(SITE))["jupyterhub"],
        {
            f"{folder}/versions/{NEWER}_of_this_test.py": MIGRATION.format(head=head),
            "/etc/jupyterhub/jupyterhub_config.py": "raise SystemExit('of this test')\n",
        },
    )
    with site.session("demo", project="variations") as (hub, kernel):
        kernel.run("kept = 41")
        users = _users_in(site, layout.HUB_DATABASE)
        told = _refused_deploy(newer)
        assert "the container hub of hub-" in told
        assert "CrashLoopBackOff" in told
        until(hub.is_running, "the hub knows the session", limit_s=180)
        copies = f"{layout.HUB_STATE}/schemas"
        now, *kept = _in_hub(
            site, SCHEMA.format(database=layout.HUB_DATABASE, copies=copies)
        ).split()
        # It was migrated, and is what it was: the newer one stays among the copies.
        assert now == head
        assert {NEWER, head} <= set(kept)
        assert _users_in(site, layout.HUB_DATABASE) == users
        said = site.cluster.kubectl("logs", SERVICES, "deployment/hub")
        assert f"putting back {copies}/{head}.sqlite" in said
        until(lambda: _reconnected(kernel), "the session is reached again", limit_s=180)
        assert kernel.run("print(kept + 1)").strip() == "42"


def _refused_deploy(jupyterhub: str) -> str:
    """Deploy with another image of the hub, from which the cluster goes back soon, and return what the operator is told."""
    settings = load_cluster_site(SITE)
    kept = state(settings) / FILE
    sound = kept.read_text()
    record(settings, {"jupyterhub": jupyterhub})
    began = time.monotonic()
    try:
        with pytest.raises(ClusterError, match="the cluster is back to what it ran before") as told:
            deploying.deploy(settings)
    finally:
        kept.write_text(sound)
    assert time.monotonic() - began < patience(SOON_S)
    return str(told.value)


def _image_of_hub(site: DeployedSite) -> str:
    told = site.cluster.ask("deployment", "hub", SERVICES)["spec"]["template"]["spec"]
    return str(told["containers"][0]["image"])


def _reconnected(kernel: Kernel) -> bool:
    try:
        kernel.reconnect()
    except KernelError:
        return False
    return True


def _users_in(site: DeployedSite, database: str) -> int:
    """Return how many users a database of the hub's volume knows."""
    program = (
        "import sqlite3; connection = sqlite3.connect({!r}); "
        "print(connection.execute('SELECT count(*) FROM users').fetchone()[0])"
    )
    return int(_in_hub(site, program.format(database)))


def _in_hub(site: DeployedSite, program: str) -> str:
    """Return what a program of Python prints in the hub's pod."""
    return site.cluster.kubectl("exec", SERVICES, "deployment/hub", "--", PYTHON, "-c", program)
