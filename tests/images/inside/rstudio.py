"""Starts a session's server, opens RStudio in it as a browser would, and prints, as JSON, what it found.

TRAP names what to do wrong first: `slash` (a doubled slash in the root path), `service` (rserver without options), `port` (a
port instead of a socket).
"""

import http.cookiejar
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

BASE = "/user/claire/"
ADDRESS = f"http://127.0.0.1:8888{BASE}"
RSERVER = "/usr/lib/rstudio-server/bin/rserver"
WRONG = {
    "slash": ["--server-user=claire", "--www-root-path={base_url}/rstudio/", "--www-socket={unix_socket}", "--secure-cookie-key-file=/tmp/key"],
    "service": [],
    "port": ["--server-user=claire", "--www-root-path={base_url}rstudio/", "--www-port={port}", "--secure-cookie-key-file=/tmp/key"],
}  # fmt: skip
HEADERS = {"Authorization": "token trial"}


class NotFollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def listening() -> list[int]:
    """Return the TCP ports on which somebody listens."""
    rows = [
        row.split()
        for name in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return sorted({int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"})


def wrong_settings(trap: str) -> list[str]:
    if not trap:
        return []
    server = {"command": [RSERVER, *WRONG[trap]], "unix_socket": trap != "port", "timeout": 15}
    Path("/tmp/wrong.py").write_text(
        Path("/etc/jupyter/jupyter_server_config.py").read_text()
        + f"\nc.ServerProxy.servers = {{'rstudio': {server!r}}}\n"
    )
    return ["--config=/tmp/wrong.py"]


def asked(path: str, **headers: str) -> urllib.request.Request:
    return urllib.request.Request(ADDRESS + path, headers=HEADERS | headers)  # noqa: S310


def wait_for_it() -> None:
    for _ in range(480):
        try:
            urllib.request.urlopen(asked("api"))  # noqa: S310
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
        else:
            return


def opened(path: str) -> str:
    """Return the page, or the error, after all redirects."""
    try:
        return str(browser.open(asked(path), timeout=60).read().decode())
    except urllib.error.HTTPError as error:
        return f"error {error.code}: {error.reason}"


def redirected(scheme: str) -> str:
    """Return where a browser is sent first, whose scheme the web server forwards."""
    try:
        urllib.request.build_opener(NotFollowed()).open(
            asked("rstudio/", **{"X-Forwarded-Proto": scheme}), timeout=60
        )
    except urllib.error.HTTPError as error:
        return error.headers.get("Location", "")
    return ""


cookies = http.cookiejar.CookieJar()
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
with Path("/tmp/lab.log").open("w") as log:
    server = subprocess.Popen(
        ["start-session", "--IdentityProvider.token=trial", f"--ServerApp.base_url={BASE}", *wrong_settings(os.environ.get("TRAP", ""))],
        stderr=log,
        stdout=log,
    )  # fmt: skip
wait_for_it()
page = opened("rstudio/")
started = opened("rstudio/started")
answers: dict[str, Any] = {
    "page": page,
    "started": json.loads(started) if started.startswith("{") else started,
    "cookies": {cookie.name: cookie.path for cookie in cookies},
    "redirects": {scheme: redirected(scheme) for scheme in ("http", "https")},
    "listening": listening(),
    "launcher": opened("server-proxy/servers-info"),
}
if isinstance(answers["started"], dict):
    key = Path(answers["started"]["options"]["secure-cookie-key-file"])
    answers["key"] = [key.read_text(), oct(key.stat().st_mode & 0o777)]
server.terminate()
server.wait(timeout=60)
print(json.dumps(answers))
