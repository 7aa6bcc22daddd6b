"""Tries continuously, from inside a session, to reach what it must not reach."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from infra.settings import layout
from tests.pace import patience
from tests.server.escapes.conftest import GATEWAY
from tests.server.machine import Machine
from tests.smoke.session import Session

NEIGHBOUR = "faults-neighbour"
# Runs in the session: it tries each closed port again and again, and counts the answers.
_PROBER = """
import socket, threading, time
def _try(door):
    try:
        socket.create_connection(door, timeout=0.5).close()
        return True
    except OSError:
        return False
def _probe(door):
    while not _stop.is_set():
        found = _try(door)
        _tries[door] += 1
        _opened[door] += found
        time.sleep(0.05)
_doors = [tuple(door) for door in {doors!r}]
_stop, _tries, _opened = threading.Event(), dict.fromkeys(_doors, 0), dict.fromkeys(_doors, 0)
_threads = [threading.Thread(target=_probe, args=(door,), daemon=True) for door in _doors]
for _thread in _threads: _thread.start()
"""


@dataclass(frozen=True)
class Probing:
    session: Session
    doors: dict[str, tuple[str, int]]

    def opened(self) -> list[str]:
        """Return the ports that answered since the last call, in which time each was tried at least twice."""
        self._counts("_tries")
        self.session.run("for _door in _doors: _tries[_door] = _opened[_door] = 0")
        deadline = time.monotonic() + patience(60)
        while min(self._counts("_tries").values()) < 3:
            assert time.monotonic() < deadline, "the session probes nothing"
            time.sleep(0.2)
        return self.opened_so_far()

    def opened_so_far(self) -> list[str]:
        counts = self._counts("_opened")
        return [name for name in self.doors if counts[name]]

    def forget(self) -> None:
        """Reset the counts."""
        self.session.run("for _door in _doors: _tries[_door] = _opened[_door] = 0")

    def hub_answers(self) -> bool:
        """Whether the hub's API, the only open port, answers: a control of the probe."""
        return self.session.reach(GATEWAY, layout.SESSIONS_API_PORT) == "open"

    def _counts(self, which: str) -> dict[str, int]:
        found = self.session.value(f"[{which}[door] for door in _doors]")
        return dict(zip(self.doors, found, strict=True))


@contextmanager
def probing(server: Machine, session: Session, *, image: str) -> Iterator[Probing]:
    """Make the session try ports of the host and of a neighbouring container during the block."""
    server.execute(f"docker rm --force {NEIGHBOUR}")
    server.succeed(
        f"docker run --detach --rm --name {NEIGHBOUR} --network {layout.SESSIONS_NETWORK} --user 65534:65534 "
        "--cap-drop ALL --security-opt no-new-privileges --read-only --memory 256m --pids-limit 64 "
        f"{image} python3 -m http.server --directory /usr/share/doc {layout.SESSION_PORT}"
    )
    try:
        show = f"{{{{.NetworkSettings.Networks.{layout.SESSIONS_NETWORK}.IPAddress}}}}"
        address = server.succeed(f"docker inspect --format '{show}' {NEIGHBOUR}")
        server.wait_until_succeeds(
            f"timeout 3 bash -c '</dev/tcp/{address}/{layout.SESSION_PORT}'", timeout_s=30
        )
        doors = {
            "the host's SSH": (GATEWAY, 22),
            "the host's web server": (GATEWAY, 443),
            "a neighbour": (address, layout.SESSION_PORT),
        }
        session.run(_PROBER.replace("{doors!r}", repr([list(door) for door in doors.values()])))
        yield Probing(session, doors)
    finally:
        server.wait_until_succeeds(f"docker rm --force {NEIGHBOUR}")
        session.run("_stop.set()")


def walls(server: Machine) -> str:
    """Return the firewall rules that isolate sessions, ours and Docker's, and their network, sorted."""
    rules = server.succeed(
        "nft --terse list table inet site; nft --terse list table bridge site; "
        f"iptables-save | grep {layout.SESSIONS_BRIDGE} | sort"
    )
    network = server.succeed(
        f"docker network inspect {layout.SESSIONS_NETWORK} --format '{{{{.Internal}}}} {{{{json .Options}}}} {{{{json .IPAM.Config}}}}'"
    )
    return f"{rules}\n{network}"
