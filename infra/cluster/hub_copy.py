"""Copies the hub's database on its volume before an upgrade, by SQLite's backup, during which the hub may write.

A migration keeps a copy by itself and a rolled back hub puts it back (migrate_database.py in the hub's image); this copy is
for what no program foresaw.
"""

from infra.cluster.reaching import Cluster
from infra.settings import layout

PLACE = f"{layout.HUB_STATE}/before-deploy.sqlite"
PROGRAM = f"""
import contextlib, os, sqlite3, sys
if not os.path.exists({layout.HUB_DATABASE!r}):
    sys.exit("none")
partial = {PLACE!r} + ".partial"
with contextlib.suppress(FileNotFoundError):
    os.unlink(partial)
with contextlib.closing(sqlite3.connect({layout.HUB_DATABASE!r})) as old:
    with contextlib.closing(sqlite3.connect(partial)) as new:
        old.backup(new)
        found = new.execute("PRAGMA quick_check(1)").fetchone()[0]
if found != "ok":
    sys.exit("damaged: " + found)
os.replace(partial, {PLACE!r})
"""


def copy_database(cluster: Cluster) -> str | None:
    """Copy the database, and return a line; None where no hub runs. Raises ClusterError where it cannot be copied."""
    hub = ("--namespace", cluster.namespace, "deployment/hub")
    if not cluster.has("deployment", "hub", namespace=cluster.namespace):
        return None
    ready = cluster.kubectl("get", *hub, "--output=jsonpath={.status.readyReplicas}").strip()
    if ready in ("", "0"):
        return "the hub does not run: its database stays as it is, uncopied"
    cluster.kubectl("exec", *hub, "--", "/opt/jupyterhub/bin/python", "-c", PROGRAM, answer_s=0)
    return f"copied the hub's database to {PLACE} on its volume"
