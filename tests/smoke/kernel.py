"""Runs code in a kernel of an analyst's session, of Python if nothing else is said, through Jupyter's API."""

import json
import ssl
import time
import uuid
from typing import Any

import requests
import websocket

from tests.pace import patience
from tests.smoke.hub import Hub

TIMEOUT_S = 30


class KernelError(AssertionError):
    """Code in the session failed; the message has its error."""


class Kernel:
    """A kernel of the user's session, started and stopped with this object."""

    def __init__(self, hub: Hub, *, name: str = "python3") -> None:
        self.hub = hub
        self.path = f"/user/{hub.login}/api"
        hub.enter()
        self.id = str(self.api("POST", "/kernels", json={"name": name}).json()["id"])
        self.socket = self._connect()

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = self.hub.http.request(
            method,
            f"{self.hub.session_url}{self.path}{path}",
            headers=self.hub.session_headers(),
            timeout=patience(TIMEOUT_S),
            allow_redirects=False,
            **options,
        )
        if answer.status_code >= 300:
            raise KernelError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def _connect(self, timeout_s: float = TIMEOUT_S) -> websocket.WebSocket:
        address = self.hub.session_url.replace("https://", "wss://")
        channels = f"{self.path}/kernels/{self.id}/channels"
        try:
            return websocket.create_connection(
                f"{address}{channels}?session_id={uuid.uuid4().hex}",
                header=[f"Cookie: {self.hub.cookies_for(channels)}"],
                sslopt={"ca_certs": str(self.hub.http.verify), "cert_reqs": ssl.CERT_REQUIRED},
                timeout=timeout_s,
                http_no_proxy=["*"],
            )
        except (websocket.WebSocketException, OSError) as error:
            raise KernelError(f"no way to the kernel: {str(error)[:200]}") from None

    def run(self, code: str, *, timeout_s: float = 60) -> str:
        """Run code and return what it printed. Raises KernelError when the code raised or gave no answer in time."""
        message = str(uuid.uuid4())
        deadline = time.monotonic() + patience(timeout_s)
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
        """Return the next message; None for a ping. Jupyter keeps sending pings, so a timeout per message would never
        expire."""
        opcode, frame = self.socket.recv_data_frame(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise websocket.WebSocketConnectionClosedException("closed by the session")
        if opcode in (websocket.ABNF.OPCODE_PING, websocket.ABNF.OPCODE_PONG):
            return None
        message: dict[str, Any] = json.loads(frame.data)
        return message

    def value(self, expression: str, *, timeout_s: float = 60) -> Any:
        """Return the value of an expression, passed as JSON."""
        code = f"import json as _json; print(_json.dumps({expression}))"
        return json.loads(self.run(code, timeout_s=timeout_s))

    def start(self, code: str) -> None:
        """Start code without waiting for its end."""
        self.socket.send(json.dumps(_execute_request(str(uuid.uuid4()), code)))

    def close(self) -> None:
        self.socket.close()
        self.hub.http.delete(
            f"{self.hub.session_url}{self.path}/kernels/{self.id}",
            headers=self.hub.session_headers(),
            timeout=patience(TIMEOUT_S),
        )

    def reconnect(self, *, timeout_s: float = TIMEOUT_S) -> None:
        """Connect again to the same kernel after the connection was cut."""
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
