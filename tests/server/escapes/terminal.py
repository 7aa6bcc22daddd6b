"""A terminal of JupyterLab in a user's session, typed into as its page does."""

import json
import ssl
import time

import websocket

from tests.pace import patience
from tests.smoke.hub import Hub
from tests.smoke.kernel import TIMEOUT_S

END = "typed-to-the-end"


def typed(hub: Hub, command: str) -> str:
    """Type a command into a new terminal of the user's session, and return what it shows until the command has ended."""
    hub.enter()
    base = f"{hub.session_url}/user/{hub.login}"
    headers = hub.session_headers()
    made = hub.http.post(f"{base}/api/terminals", headers=headers, timeout=patience(TIMEOUT_S))
    assert made.status_code == 200, f"no terminal: {made.status_code}"
    name = made.json()["name"]
    path = f"/user/{hub.login}/terminals/websocket/{name}"
    wire = websocket.create_connection(
        f"{hub.session_url.replace('https://', 'wss://')}{path}",
        header=[f"Cookie: {hub.cookies_for(path)}"],
        sslopt={"ca_certs": str(hub.http.verify), "cert_reqs": ssl.CERT_REQUIRED},
        timeout=patience(TIMEOUT_S),
        http_no_proxy=["*"],
    )
    try:
        # The terminal shows what is typed: the end is written so that this is not it.
        wire.send(json.dumps(["stdin", f"{command}; echo {END[:5]}''{END[5:]}\r"]))
        shown = ""
        deadline = time.monotonic() + patience(TIMEOUT_S)
        while END not in shown:
            assert time.monotonic() < deadline, f"the command does not end: {shown[-500:]}"
            kind, *what = json.loads(wire.recv())
            shown += what[0] if kind == "stdout" else ""
        return shown
    finally:
        wire.close()
        hub.http.delete(
            f"{base}/api/terminals/{name}", headers=headers, timeout=patience(TIMEOUT_S)
        )
