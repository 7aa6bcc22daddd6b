"""A file of the server with one setting made wrong, for as long as tests look at it; then as it was."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from infra.settings import layout
from tests.mutations.catalogue import Mutation
from tests.server.machine import CommandError

# On the server: a run that is killed leaves here what the next one puts back first.
NOTE = "/root/mutation"
READY_S = 90
WEB = "curl -s -o /dev/null --max-time 10 --insecure https://127.0.0.1/"
HUB = f"curl -sf -o /dev/null --max-time 10 {layout.PROXY_URL}/hub/health"
# Active is not yet at work.
READY = {
    "nginx.service": WEB,
    layout.HUB_UNIT: HUB,
    layout.PROXY_UNIT: HUB,
    "docker.service": f"docker info && {HUB}",
}


class NotMutated(Exception):
    """Why a mutation was not in force: then no test says anything about it."""


class Server(Protocol):
    """What is needed of a machine."""

    def succeed(self, command: str, *, stdin: str = "", timeout_s: float = 120) -> str: ...
    def wait_until_succeeds(self, command: str, *, timeout_s: float = 60) -> str: ...


@contextmanager
def mutated(server: Server, mutation: Mutation, *, note: str = NOTE) -> Iterator[None]:
    """Raises NotMutated when the file is not as expected, or the server does not run with it.

    An interrupt is heard when the file is back in its place.
    """
    file = shlex.quote(mutation.file)
    # Not `succeed`'s own output, which is stripped: a file is put back to the byte.
    text = server.succeed(f"cat {file} && echo .").removesuffix(".")
    if (count := text.count(mutation.before)) != 1:
        raise NotMutated(f"{mutation.file} holds « {mutation.before} » {count} times, not once")
    changed = text.replace(mutation.before, mutation.after)
    server.succeed(
        f"mkdir -m 700 {note} && cp -p {file} {note}/original && cat > {note}/steps && mv {note}/steps {note}/put-back",
        stdin=_put_back(mutation, note=note),
    )
    try:
        try:
            # In place: mode and owner stay.
            server.succeed(f"cat > {file}", stdin=changed)
            take_effect(server, mutation)
        except CommandError as error:
            raise NotMutated(f"the server does not run with it: {error}") from error
        yield
    finally:
        with _undisturbed():
            put_back(server, note=note)
            if mutation.unit in READY:
                server.wait_until_succeeds(READY[mutation.unit], timeout_s=READY_S)


def put_back(server: Server, *, note: str = NOTE) -> bool:
    """What a mutation left, by the steps that it noted on the server. False: nothing is out of its place."""
    if server.succeed(f"test -e {note}/put-back && echo noted || true") != "noted":
        server.succeed(f"rm -rf {note}")
        return False
    server.succeed(f"sh -e {note}/put-back && rm -rf {note}")
    return True


def take_effect(server: Server, mutation: Mutation) -> None:
    server.succeed("; ".join(["set -e", *_steps(mutation)]))
    if mutation.unit is not None:
        ready = READY.get(mutation.unit, "true")
        server.wait_until_succeeds(
            f"systemctl is-active --quiet {mutation.unit} && {ready}", timeout_s=READY_S
        )


def _put_back(mutation: Mutation, *, note: str) -> str:
    file = shlex.quote(mutation.file)
    lines = [f"cat {note}/original > {file}", f"touch -r {note}/original {file}"]
    return "\n".join([*lines, *_steps(mutation), ""])


def _steps(mutation: Mutation) -> list[str]:
    """How the file, whatever stands in it, comes into force."""
    steps = []
    if mutation.file.startswith(f"{layout.UNITS}/"):
        steps.append("systemctl daemon-reload")
    if mutation.unit is not None:
        unit = shlex.quote(mutation.unit)
        # However often it is restarted here: that it was is no failure of the unit.
        steps.append(f"systemctl reset-failed {unit} 2>/dev/null || true")
        steps.append(f"systemctl {mutation.how} {unit}")
    if mutation.new_session:
        steps.append("docker ps --quiet --filter name=^session- | xargs -r docker rm --force")
    return steps


@contextmanager
def _undisturbed() -> Iterator[None]:
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
