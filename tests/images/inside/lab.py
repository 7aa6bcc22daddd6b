"""Starts a session's server and prints, as JSON, what the tests check."""

import datetime
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient  # type: ignore[import-not-found]

ADDRESS = "http://127.0.0.1:8888/"
LOG = Path("/tmp/lab.log")
COMPUTES_S = 60
MENU = "@jupyterlab/mainmenu-extension:plugin"
GAUGE = "@jupyter-server/resource-usage:topbar-item"
HELD = Path("/tmp/held")
HELP = {"command": "help:open", "args": {"text": "Aide", "url": "/aide.html"}}


def get(path: str, body: object = None) -> HTTPResponse:
    request = urllib.request.Request(  # noqa: S310
        ADDRESS + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "token trial"},
    )
    answer: HTTPResponse = urllib.request.urlopen(request)  # noqa: S310
    return answer


def ask(path: str, body: object = None) -> Any:
    return json.load(get(path, body))


def wait_for_it() -> None:
    for _ in range(120):
        try:
            ask("api/status")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
        else:
            return


def healthy() -> int:
    command = ["/usr/local/bin/healthy"]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode


def wait_for_kernel(client: BlockingKernelClient) -> None:
    """Wait for the kernel; on a busy machine it has no heartbeat at first, which its client reports as dead."""
    deadline = time.monotonic() + 240
    while True:
        try:
            client.wait_for_ready(timeout=60)
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return


def compute_in_silence() -> tuple[str, float]:
    """Return a kernel's temporary folder, and the seconds without activity that the server reports while it is busy."""
    kernel = ask("api/kernels", {"name": "python3"})["id"]
    client = BlockingKernelClient(connection_file=f"/tmp/jupyter-runtime/kernel-{kernel}.json")
    client.load_connection_file()
    client.start_channels()
    wait_for_kernel(client)
    wanted = {"folder": "tempfile.gettempdir()"}
    reply = client.execute("import tempfile", user_expressions=wanted, reply=True, timeout=60)
    folder = reply["content"]["user_expressions"]["folder"]["data"]["text/plain"].strip("'")
    client.execute(f"import time; time.sleep({COMPUTES_S})")
    client.stop_channels()
    time.sleep(COMPUTES_S - 20)
    last = datetime.datetime.fromisoformat(ask("api/status")["last_activity"])
    return folder, (datetime.datetime.now(datetime.UTC) - last).total_seconds()


def gauge() -> dict[str, object]:
    """Return what the gauge says before and after 60 MB were written to a file in memory."""
    before = ask("api/metrics/v1")
    HELD.write_bytes(b"x" * 60_000_000)
    after = ask("api/metrics/v1")
    HELD.unlink()
    return {"before": before, "after": after}


def look() -> dict[str, object]:
    language = ask("lab/api/settings/@jupyterlab/translation-extension:plugin")
    news = ask("lab/api/settings/@jupyterlab/apputils-extension:notification")
    menus = ask(f"lab/api/settings/{MENU}")["schema"]["properties"]["menus"]["default"]
    shown = ask(f"lab/api/settings/{GAUGE}")["schema"]["properties"]
    temporary, silent = compute_in_silence()
    return {
        "lab": get("lab").status,
        "healthy": healthy(),
        "locale": language["schema"]["properties"]["locale"]["default"],
        "french": "fr_FR" in ask("lab/api/translations")["data"],
        "news": news["schema"]["properties"]["fetchNews"]["default"],
        "onboarding": str(Path("~/onboarding").expanduser().readlink()),
        "software": str(Path("~/logiciels").expanduser().readlink()),
        "help": HELP in [item for menu in menus for item in menu["items"]],
        "gauge": gauge(),
        "gauge_shown": [
            shown["enable"]["default"],
            *(shown[one]["default"]["label"] for one in ("memory", "cpu")),
        ],
        "temporary": temporary,
        "silent_seconds": silent,
        "warnings": re.findall(r".*(?:\[[WEC] |WARN|ERROR).*", LOG.read_text()),
    }


# A setting of the site, beside the tutorials.
given = Path(os.environ["ONBOARDING"], ".jupyter/labconfig/default_setting_overrides.json")
given.parent.mkdir(parents=True)
given.write_text(json.dumps({MENU: {"menus": [{"id": "jp-mainmenu-help", "items": [HELP]}]}}))
with LOG.open("w") as log:
    server = subprocess.Popen(
        ["start-session", "--IdentityProvider.token=trial"], stderr=log, stdout=log
    )
wait_for_it()
answers = look()
server.terminate()
server.wait(timeout=60)
print(json.dumps({**answers, "healthy_when_stopped": healthy()}))
