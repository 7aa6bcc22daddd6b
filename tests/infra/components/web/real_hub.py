"""Runs the real hub, configured as on a server, with fakes that check passwords and start sessions."""

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from infra.components.jupyterhub import session_settings
from infra.components.logins import hub_settings
from infra.settings.grants import site_grants
from infra.settings.settings_file import ROOT
from infra.settings.site_file import load_site
from tests.infra.components.web.front import SECRET, TOKEN, Proxy, running
from tests.pace import patience

PASSWORD = "right"
CONFIGURATION = ROOT / "jupyterhub-conf"
# In the hub's folder: while there is the first, sessions do not end to start; the second has what was chosen last.
SLOW, CHOSEN = "slow", "chosen.json"
STAND_INS = f"""
import asyncio
import json
import os

load_subconfig({str(CONFIGURATION / "jupyterhub_config.py")!r})
from authenticator import AnalystAuthenticator
from jupyterhub.spawner import Spawner
import datetime
from pathlib import Path

import profiles
import projects
from room import Room
from settings import load_settings

site = load_settings()

told = json.loads(os.environ["TOLD"])
PYTORCH = {{"slug": "pytorch", "title": "PyTorch", "image": "pytorch-gpu", "gpus": 1, "projects": []}}
ABSENT = {{"slug": "absent", "title": "Avec un GPU", "image": "absent", "gpus": 1, "projects": []}}
FULL = Room(
    memory=2**30,
    memory_of_all=64 * 2**30,
    gpus=0,
    gpus_of_all=2,
    next_gpu=datetime.datetime(2026, 3, 9, 12, 0, tzinfo=datetime.UTC),
    images=frozenset({{"jupyter", "rstudio", "pytorch-gpu"}}),
)


class Anybody(AnalystAuthenticator):
    async def authenticate(self, handler, data):
        return data["username"] if data["password"] == {PASSWORD!r} else None

    def check_allowed(self, username, authentication=None):
        return username in told["sessions"]

    def system_user_exists(self, user):
        return True

    async def refresh_user(self, user, handler=None):
        return True


class StandIn(Spawner):
    # A full house, every kind of session, and a profile that is not ready.
    options_form = projects.form(site.projects) + profiles.form(
        [*site.profiles, *(site.profiles[0].model_copy(update=one) for one in (PYTORCH, ABSENT))],
        projects=site.projects,
        now=FULL,
    )
    running = False

    def options_from_form(self, fields):
        return {{name: values[0] for name, values in fields.items() if name != "_xsrf"}}

    async def start(self):
        self.running = True
        Path({CHOSEN!r}).write_text(json.dumps(self.user_options))
        while Path({SLOW!r}).exists():
            await asyncio.sleep(0.1)
        return "127.0.0.1", told["sessions"][self.user.name]

    async def stop(self, now=False):
        self.running = False

    async def poll(self):
        return None if self.running else 0


c = get_config()
c.JupyterHub.authenticator_class = Anybody
c.JupyterHub.spawner_class = StandIn
c.JupyterHub.bind_url = f"http://127.0.0.1:{{told['proxy']}}/"
c.JupyterHub.hub_bind_url = c.JupyterHub.hub_connect_url = f"http://127.0.0.1:{{told['hub']}}"
c.Spawner.hub_connect_url = c.JupyterHub.hub_connect_url
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{{told['api']}}"
"""


@contextmanager
def serving_hub(
    folder: Path,
    *,
    port: int,
    proxy: Proxy,
    sessions: Mapping[str, int],
    domain: str | None,
    log: Path | None = None,
) -> Iterator[None]:
    site = load_site("box")
    settings = session_settings(site, site_grants(site)) | {
        "url": f"https://{domain}/" if domain else f"http://127.0.0.1:{proxy.port}/",
        "session_domain": domain,
        "state": str(folder),
        "database": str(folder / "hub.sqlite"),
        "run": str(folder),
        "uses": str(folder / "uses"),
        "onboarding": str(ROOT / "onboarding"),
    }
    record = folder / "charter.jsonl"
    settings["logins"] = {**hub_settings(site), "acceptances": str(record)}
    version = re.search(r"(?m)^Version (\S+)", (ROOT / "onboarding/charte.md").read_text())
    assert version, "the charter says no version"
    accepted = [json.dumps({"login": login, "version": version[1]}) for login in sessions]
    record.write_text("\n".join(accepted) + "\n")
    (folder / "site.json").write_text(json.dumps(settings))
    (folder / "stand_ins.py").write_text(STAND_INS)
    told = {"hub": port, "proxy": proxy.port, "api": proxy.api, "sessions": dict(sessions)}
    environment = {
        **os.environ,
        "TOLD": json.dumps(told),
        "JUPYTERHUB_SITE": str(folder / "site.json"),
        "CONFIGPROXY_AUTH_TOKEN": TOKEN,
        "CULLER_API_TOKEN": "0" * 32,
        "SESSION_GATE_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "jupyterhub", "--config", str(folder / "stand_ins.py")]
    with running(command, port=port, env=environment, cwd=folder, log=log):
        _wait_for_its_route(proxy)
        yield


def _wait_for_its_route(proxy: Proxy) -> None:
    """Wait until the hub has added itself to the proxy, which it does a moment after it listens."""
    deadline = time.monotonic() + patience(60)
    while True:
        routes = requests.get(
            f"http://127.0.0.1:{proxy.api}/api/routes",
            headers={"Authorization": f"token {TOKEN}"},
            timeout=patience(10),
        ).json()
        if any(route.get("hub") for route in routes.values()):
            return
        assert time.monotonic() < deadline, f"no route to the hub: {routes}"
        time.sleep(0.05)
