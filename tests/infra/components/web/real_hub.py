"""Runs the real hub, configured as on a server, with fakes that check passwords and start sessions."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.components.jupyterhub import session_settings
from infra.settings.settings_file import ROOT
from infra.settings.site_file import load_site
from tests.infra.components.web.front import SECRET, TOKEN, Proxy, running

PASSWORD = "right"
CONFIGURATION = ROOT / "jupyterhub-conf"
STAND_INS = f"""
import json
import os

load_subconfig({str(CONFIGURATION / "jupyterhub_config.py")!r})
from authenticator import AnalystAuthenticator
from jupyterhub.spawner import Spawner

told = json.loads(os.environ["TOLD"])


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
    options_form = '<input type="hidden" name="profile" value="petite">'
    running = False

    async def start(self):
        self.running = True
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
    folder: Path, *, port: int, proxy: Proxy, sessions: Mapping[str, int], domain: str
) -> Iterator[None]:
    site = load_site("box")
    settings = session_settings(site) | {
        "url": f"https://{domain}/",
        "session_domain": domain,
        "state": str(folder),
        "database": str(folder / "hub.sqlite"),
        "run": str(folder),
    }
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
    with running(command, port=port, env=environment, cwd=folder):
        # The hub adds its routes to the proxy a moment after it listens.
        time.sleep(1)
        yield
