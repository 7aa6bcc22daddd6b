"""Runs three cells at once in a session's server, the second of which takes more memory than there is; prints, as JSON,
what stands under which cell, on each of the protocols that browsers speak."""

import json
import subprocess
import time
import urllib.request
import uuid
from typing import Any

import websocket
from jupyter_server.services.kernels.connection.base import (  # type: ignore[import-not-found]
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

V1 = "v1.kernel.websocket.jupyter.org"
# By pieces: of more than the machine has at once, the system says no, and Python only a MemoryError.
CELLS = ("1 + 1", "held = []\nwhile True: held.append(b'x' * 2**26)", "2 + 2")


def ask(path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:8888/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "token trial"},
    )
    return json.load(urllib.request.urlopen(request))  # noqa: S310


def wait_for_it() -> None:
    for _ in range(180):
        try:
            ask("api/status")
        except OSError:
            time.sleep(1)
        else:
            return


def sent(code: str, socket: Any, protocol: str | None) -> str:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3", "date": "2026-01-01T00:00:00Z"}  # fmt: skip
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}  # fmt: skip
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    if protocol:
        pack = lambda part: json.dumps(part).encode()  # noqa: E731
        socket.send_binary(serialize_msg_to_ws_v1(message, "shell", pack))
    else:
        socket.send(json.dumps({**message, "channel": "shell", "buffers": []}))
    return header["msg_id"]


def received(socket: Any, protocol: str | None) -> tuple[str, str | None, dict[str, Any]]:
    """Return the type, the cell and the content of a message."""
    told = socket.recv()
    if protocol:
        _, parts = deserialize_msg_from_ws_v1(told)
        header, parent, _, content = (json.loads(part) for part in parts[:4])
    else:
        header, parent, content = (json.loads(told)[one] for one in ("header", "parent_header", "content"))  # fmt: skip
    return header["msg_type"], parent.get("msg_id"), content


def said_under_cells(protocol: str | None) -> dict[str, object]:
    kernel = ask("api/kernels", {"name": "python3"})["id"]
    socket = websocket.create_connection(
        f"ws://127.0.0.1:8888/api/kernels/{kernel}/channels?token=trial",
        subprotocols=[protocol] if protocol else None,
        timeout=240,
    )
    cells = [sent(code, socket, protocol) for code in CELLS]
    under: list[tuple[int, str]] = []
    while True:
        kind, cell, content = received(socket, protocol)
        if kind == "stream" and cell in cells:
            under.append((cells.index(cell), content["text"]))
        if kind == "status" and content["execution_state"] == "restarting":
            socket.close()
            return {"under": under, "goes_on": ask("api/status")["kernels"]}


server = subprocess.Popen(
    ["start-session", "--IdentityProvider.token=trial"],
    stderr=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL,
)
wait_for_it()
found = {protocol or "json": said_under_cells(protocol) for protocol in (None, V1)}
print(json.dumps(found))
# It would wait for the kernels that start again.
server.kill()
