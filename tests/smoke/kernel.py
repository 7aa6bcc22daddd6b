"""A Python kernel in an analyst's session: what code there says, through Jupyter's own API."""

import json
import ssl
import time
import uuid
from pathlib import Path
from typing import Any

import requests
import websocket

TIMEOUT_S = 30


class KernelError(AssertionError):
    """Code in the session failed, with what it said."""


class Kernel:
    """A kernel of the user's session, started and stopped with this object."""

    def __init__(self, url: str, *, login: str, token: str, trust: Path) -> None:
        self.url = f"{url.rstrip('/')}/user/{login}"
        self.trust = trust
        self.headers = {"Authorization": f"token {token}"}
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(trust)
        self.http.headers.update(self.headers)
        self.id = str(self.api("POST", "/kernels", json={"name": "python3"}).json()["id"])
        self.socket = self._connect()

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = self.http.request(
            method, f"{self.url}/api{path}", timeout=TIMEOUT_S, allow_redirects=False, **options
        )
        if answer.status_code >= 300:
            raise KernelError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def _connect(self, timeout_s: float = TIMEOUT_S) -> websocket.WebSocket:
        address = self.url.replace("https://", "wss://")
        try:
            return websocket.create_connection(
                f"{address}/api/kernels/{self.id}/channels?session_id={uuid.uuid4().hex}",
                header=[f"{name}: {value}" for name, value in self.headers.items()],
                sslopt={"ca_certs": str(self.trust), "cert_reqs": ssl.CERT_REQUIRED},
                timeout=timeout_s,
                http_no_proxy=["*"],
            )
        except (websocket.WebSocketException, OSError) as error:
            raise KernelError(f"no way to the kernel: {str(error)[:200]}") from None

    def run(self, code: str, *, timeout_s: float = 60) -> str:
        """What the code printed; KernelError when it raised."""
        message = str(uuid.uuid4())
        deadline = time.monotonic() + timeout_s
        try:
            self.socket.send(json.dumps(_execute_request(message, code)))
            return self._said(message, deadline)
        except websocket.WebSocketTimeoutException:
            raise KernelError(f"no end within {timeout_s:.0f} s: {code[:200]}") from None
        except (websocket.WebSocketException, OSError) as error:
            raise KernelError(f"the way to the kernel was cut: {error}") from None

    def _said(self, message: str, deadline: float) -> str:
        said: list[str] = []
        while True:
            if (left := deadline - time.monotonic()) <= 0:
                raise websocket.WebSocketTimeoutException("no end in time")
            self.socket.settimeout(left)
            if (reply := self._next()) is None:
                continue
            if reply.get("parent_header", {}).get("msg_id") != message:
                continue
            content = reply["content"]
            match reply["msg_type"]:
                case "stream" if content["name"] == "stdout":
                    said.append(content["text"])
                case "error":
                    raise KernelError(f"{content['ename']}: {content['evalue']}")
                case "status" if content["execution_state"] == "idle":
                    return "".join(said)

    def _next(self) -> dict[str, Any] | None:
        """The next message; None for a ping: Jupyter sends them for ever, each in time for a time limit of its own."""
        opcode, frame = self.socket.recv_data_frame(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise websocket.WebSocketConnectionClosedException("closed by the session")
        if opcode in (websocket.ABNF.OPCODE_PING, websocket.ABNF.OPCODE_PONG):
            return None
        message: dict[str, Any] = json.loads(frame.data)
        return message

    def value(self, expression: str, *, timeout_s: float = 60) -> Any:
        """The value of an expression, through JSON."""
        code = f"import json as _json; print(_json.dumps({expression}))"
        return json.loads(self.run(code, timeout_s=timeout_s))

    def start(self, code: str) -> None:
        """Send code and do not wait for its end."""
        self.socket.send(json.dumps(_execute_request(str(uuid.uuid4()), code)))

    def close(self) -> None:
        self.socket.close()
        self.http.delete(f"{self.url}/api/kernels/{self.id}", timeout=TIMEOUT_S)

    def reconnect(self, *, timeout_s: float = TIMEOUT_S) -> None:
        """Find the same kernel again after the way to it was cut."""
        self.socket = self._connect(timeout_s)


def _execute_request(message: str, code: str) -> dict[str, Any]:
    return {
        "header": {
            "msg_id": message,
            "msg_type": "execute_request",
            "username": "",
            "session": uuid.uuid4().hex,
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {},
        "channel": "shell",
        "content": {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
        },
    }
