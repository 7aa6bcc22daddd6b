"""The pods that the hub and the broker make for the chart's own demonstration, as they post them: by their own code."""

import copy
import datetime
import json
import sys
from pathlib import Path
from typing import Any

from infra.settings.settings_file import ROOT
from tests.charts.rendering import Manifest, find, own_manifests

NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
TOKEN = {"JUPYTERHUB_API_TOKEN": "0" * 32}


def session(folder: Path, *, login: str = "demo", project: str = "variations", profile: str = "petite") -> Manifest:  # fmt: skip
    """Return the pod that the hub makes, given the site.json of the chart."""
    _on_path()
    from pods import find_account, session_pod
    from settings import load_settings

    place = folder / "site.json"
    place.write_text(find(own_manifests(), "ConfigMap", "site")["data"]["site.json"])
    site = load_settings(place)
    person = find_account(login, site)
    assert person is not None
    mine = [one for one in site.projects if login in one.members]
    (chosen,) = (one for one in mine if one.slug == project)
    (size,) = (one for one in site.profiles if one.slug == profile)
    pod: Manifest = session_pod(person, chosen, size, site, mine=mine, now=NOW, environment=TOKEN)
    # As it is on its way: numbers are JSON's.
    made: Manifest = json.loads(json.dumps(pod))
    return made


def executor(pod: Manifest, *, component: str = "executor") -> Manifest:
    """Return the executor or the worker that the broker makes of a session's pod."""
    _on_path()
    from broker.templates import Part, pod_of

    running = copy.deepcopy(pod)
    running["metadata"]["uid"] = "3f0e6c1e-0000-4000-8000-000000000000"
    part = Part(
        name=f"{component}-{pod['metadata']['labels']['bigdata.openchronic/owner']}-app1-1",
        component=component,
        command=["/usr/local/bin/start-executor"],
        environment={"SPARK_EXECUTOR_ID": "1"},
        labels={"spark-role": "executor"},
    )
    made: Manifest = json.loads(json.dumps(pod_of(running, part, scratch_gb=20)))
    return made


def home(folder: Path, *, login: str = "demo", project: str = "variations") -> dict[str, Any]:
    _on_path()
    from pods import find_account, home_claim
    from settings import load_settings

    session(folder)
    site = load_settings(folder / "site.json")
    person = find_account(login, site)
    assert person is not None
    (chosen,) = (one for one in site.projects if one.slug == project)
    made: dict[str, Any] = json.loads(json.dumps(home_claim(person, chosen, site)))
    return made


def _on_path() -> None:
    # A folder that is no package, as the hub has it.
    place = str(ROOT / "jupyterhub-conf")
    if place not in sys.path:
        sys.path.insert(0, place)
