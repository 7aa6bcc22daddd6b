"""Runs the real hub with our configuration and pages, and stand-ins for PAM, the shadow file, the helper and the proxy."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.infra.components.web.front import free_port
from tests.jupyterhub_conf.conftest import CONFIGURATION, EVER, SITE, write_site
from tests.pace import patience
from tests.smoke.hub import Hub

FIRST, OWN = "Premier-7-Mot-de-passe", "Le-mien-8-Montagnes"
STAND_INS = f"""
import asyncio, base64, grp, json, os, socketserver, threading
from pathlib import Path

load_subconfig({str(CONFIGURATION / "jupyterhub_config.py")!r})
import accounts, authenticator, credentials, passwords, pyotp, sessions, spawner
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner

folder = Path(os.environ["FOLDER"])
grp.getgrnam = lambda name: grp.struct_group((name, "x", 1600, []))
word = lambda login: (folder / f"password-{{login}}").read_text()
used = set()


def is_right(login, secret, *, service):
    if service == "jupyterhub":
        return secret == word(login)
    place = folder / ("second-factors" if service.endswith("code") else "enrolments") / login
    key = base64.b32encode(bytes.fromhex(place.read_text().split()[3])).decode()
    if (login, secret) in used or not pyotp.TOTP(key).verify(secret, valid_window=1):
        return False
    used.add((login, secret))
    return True


credentials.is_right = is_right
credentials.why_closed = lambda login, **_: ""
passwords.must_change.__kwdefaults__["shadow"] = folder / "shadow"
person = lambda login, **_: sessions.Person(
    login=login, uid=20001, gid=20001, analysts_gid=1500
) if login in ("demo", "alix") else None
accounts.find_person = spawner.find_person = person
accounts.is_locked = lambda login, **_: (folder / f"locked-{{login}}").exists()
authenticator.REFUSAL_S = 0.1


class Helper(socketserver.StreamRequestHandler):
    def handle(self):
        asked = json.loads(self.rfile.readline())
        if asked["old"] != word(asked["login"]):
            answer = {{"refused": "old"}}
        elif len(asked["new"]) < 15:
            answer = {{"refused": "length"}}
        else:
            (folder / f"password-{{asked['login']}}").write_text(asked["new"])
            (folder / "shadow").write_text("".join(f"{{n}}:x:20000:0::::\\n" for n in ("demo", "alix")))
            answer = {{"changed": True}}
        self.wfile.write((json.dumps(answer) + "\\n").encode())


server = socketserver.ThreadingUnixStreamServer(str(folder / "password.sock"), Helper)
threading.Thread(target=server.serve_forever, daemon=True).start()


class NoProxy(Proxy):
    should_start = False

    async def add_route(self, *_): pass
    async def delete_route(self, *_): pass
    async def get_all_routes(self): return {{}}


class Recorded(spawner.SessionSpawner):
    async def start(self):
        (folder / "started").write_text(self.user.name)
        raise RuntimeError("no session starts here")

    async def poll(self): return 0
    async def stop(self, now=False): pass


c = get_config()
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.spawner_class = Recorded
c.Authenticator.delete_invalid_users = False
c.LocalAuthenticator.create_system_users = False
authenticator.AnalystAuthenticator.system_user_exists = lambda self, user: True
c.JupyterHub.hub_bind_url = c.JupyterHub.hub_connect_url = os.environ["HUB"]
"""


class StepHub:
    """A running hub, and what its stand-ins know."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def forget(self) -> None:
        """Make all as on the first day: own passwords, no second factor, nothing accepted, a charter of version 1."""
        for place in (
            *self.folder.glob("second-factors/*"),
            *self.folder.glob("enrolments/*"),
            *self.folder.glob("locked-*"),
        ):
            place.unlink()
        for name in ("charter.jsonl", "started"):
            (self.folder / name).unlink(missing_ok=True)
        (self.folder / "onboarding/charte.md").write_text("# Charte\n\nVersion 1\n\n1. **Une**.\n")
        for login in ("demo", "alix"):
            self.settle(login)

    def settle(self, login: str = "demo", *, password: str = OWN, first: bool = False) -> None:
        (self.folder / f"password-{login}").write_text(password)
        (self.folder / "shadow").write_text(f"{login}:x:{0 if first else 20_000}:0::::\n")

    def browser(self) -> Hub:
        hub = Hub(self.url, trust=Path("unused"))
        hub.http.verify = False
        return hub

    @property
    def started(self) -> bool:
        return (self.folder / "started").exists()


@contextmanager
def serving(
    folder: Path,
    *,
    second_factor: bool,
    port: int | None = None,
    oidc: dict[str, Any] | None = None,
    more: str = "",
) -> Iterator[StepHub]:
    """Run the hub, with logins at a provider if `oidc` says which; `more` is configuration after the stand-ins."""
    (folder / "config.py").write_text(STAND_INS + more)
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    # Without HTTPS: a browser would not send cookies that are for HTTPS alone.
    theirs = {**SITE["projects"][1], "members": {"demo": EVER, "alix": EVER}}
    place = write_site(folder, url=f"{url}/", projects=[theirs])
    site = json.loads(place.read_text())
    site["logins"] |= {"second_factor": second_factor, "oidc": oidc}
    place.write_text(json.dumps(site))
    environment = {
        **os.environ,
        "FOLDER": str(folder),
        "HUB": url,
        "JUPYTERHUB_SITE": str(place),
        "CULLER_API_TOKEN": "0" * 32,
        "SESSION_GATE_SECRET": "s",
    }
    found = StepHub(folder, url)
    found.forget()
    command = [sys.executable, "-m", "jupyterhub", "--config", str(folder / "config.py")]
    with (folder / "log").open("w") as log, subprocess.Popen(
        command, env=environment, cwd=folder, stdout=log, stderr=log
    ) as hub:  # fmt: skip
        try:
            _wait(url, hub, folder / "log")
            yield found
        finally:
            hub.kill()


def _wait(url: str, hub: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + patience(90)
    while True:
        try:
            if requests.get(f"{url}/hub/health", timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        waits = hub.poll() is None and time.monotonic() < deadline
        assert waits, log.read_text()[-3000:]
        time.sleep(0.3)
