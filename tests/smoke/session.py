"""Probes from inside a session: connect to an address, resolve a name, write a file."""

from typing import Any

from tests.smoke.kernel import Kernel

# Runs in the session, with an analyst's rights.
_PROBES = '''
import concurrent.futures, os, pathlib, shutil, socket, subprocess, urllib.error, urllib.request

def reach(host, port, timeout=4):
    try:
        socket.create_connection((host, port), timeout=timeout).close()
        return "open"
    except TimeoutError:
        return "no answer"
    except OSError as error:
        return error.strerror or str(error)

def reach_all(host, ports):
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        return dict(zip(map(str, ports), pool.map(lambda port: reach(host, port), ports)))

def look_up(name):
    try:
        return socket.getaddrinfo(name, 443)[0][4][0]
    except OSError as error:
        return "no address"

def ask_udp(host, timeout=4):
    """A DNS question in one datagram, to a resolver of the asker's choice."""
    question = bytes.fromhex("abcd01000001000000000000") + b"\\x07example\\x03org\\x00\\x00\\x01\\x00\\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        datagram.settimeout(timeout)
        try:
            datagram.sendto(question, (host, 53))
            return "open" if datagram.recv(512) else "empty"
        except TimeoutError:
            return "no answer"
        except OSError as error:
            return error.strerror or str(error)

def write(path):
    try:
        with open(path, "w") as file:
            file.write("smoke test")
        os.unlink(path)
        return "written"
    except OSError as error:
        return error.strerror

def get(url, token=None):
    headers = {"Authorization": f"token {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return str(error)
'''


class Session:
    """A user's session with the probes loaded in its kernel."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        kernel.run(_PROBES)

    def value(self, expression: str, *, timeout_s: float = 60) -> Any:
        return self.kernel.value(expression, timeout_s=timeout_s)

    def run(self, code: str, *, timeout_s: float = 60) -> str:
        return self.kernel.run(code, timeout_s=timeout_s)

    def reach(self, host: str, port: int) -> str:
        """Return `open`, or why the port is not reachable."""
        return str(self.value(f"reach({host!r}, {port})"))

    def open_ports(self, host: str, ports: list[int]) -> list[int]:
        answers: dict[str, str] = self.value(f"reach_all({host!r}, {ports!r})", timeout_s=120)
        return [int(port) for port, answer in answers.items() if answer == "open"]

    def look_up(self, name: str) -> str:
        return str(self.value(f"look_up({name!r})"))

    def ask_udp(self, host: str) -> str:
        return str(self.value(f"ask_udp({host!r})"))

    def write(self, path: str) -> str:
        """Return `written`, or why the file could not be written."""
        return str(self.value(f"write({path!r})"))
