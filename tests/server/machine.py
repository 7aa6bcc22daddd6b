"""Runs commands on a server under test: `server.succeed("…")`, `server.fail("…")`, `server.wait_for_unit("…")`."""

import shlex
import subprocess
import time
from dataclasses import dataclass, field

from infra.operations import ssh
from infra.settings.site import Site
from tests.pace import patience
from tests.server.connection import SharedConnection

SSH_ITSELF_FAILED = 255
# A server that waits by itself asks five times a second without a connection each time. After these seconds it answers, so
# that a connection that was lost meanwhile is not waited for.
ROUND_S = 15
EVERY_S = 0.2


class Unreachable(Exception):
    """SSH could not run the command on the server."""


class CommandError(AssertionError):
    """A command failed that should have succeeded, or the reverse; the message has its output."""


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    def __str__(self) -> str:
        said = "\n".join([*self.out.splitlines()[-15:], *self.err.splitlines()[-15:]])
        return f"status {self.status}" + (f":\n{said}" if said else ", without a word")


@dataclass(frozen=True)
class Machine:
    """A server on which every command runs as root, through the operator's SSH and sudo."""

    site: Site
    connection: SharedConnection | None = field(default=None, compare=False)
    """Without one, each command connects by itself."""

    def execute(self, command: str, *, stdin: str = "", timeout_s: float = 120) -> Result:
        *through, destination = ssh.ssh_command(self.site)
        options = self.connection.options() if self.connection else []
        # Files that a test makes as root must be readable for others, unlike with the operators' umask.
        as_root = f"sudo --non-interactive bash -c {shlex.quote(f'umask 022; {command}')}"
        try:
            done = subprocess.run(
                [*through, *options, destination, as_root],
                input=stdin,
                capture_output=True,
                text=True,
                timeout=patience(timeout_s),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CommandError(f"no end within {patience(timeout_s):.0f} s: {command}") from None
        if done.returncode == SSH_ITSELF_FAILED:
            raise Unreachable(done.stderr.strip() or "SSH gave no reason")
        return Result(done.returncode, done.stdout, done.stderr)

    def succeed(self, command: str, *, stdin: str = "", timeout_s: float = 120) -> str:
        """Run a command and return its output. Raises CommandError when it fails."""
        result = self.execute(command, stdin=stdin, timeout_s=timeout_s)
        if result.status != 0:
            raise CommandError(f"`{command}` should succeed: {result}")
        return result.out.strip()

    def fail(self, command: str, *, timeout_s: float = 120) -> str:
        """Run a command that must fail and return its output. Raises CommandError when it succeeds."""
        result = self.execute(command, timeout_s=timeout_s)
        if result.status == 0:
            raise CommandError(f"`{command}` should fail: {result}")
        return (result.out + result.err).strip()

    def wait_until_succeeds(self, command: str, *, timeout_s: float = 60) -> str:
        """Repeat a command until it succeeds, also while the server does not answer; return its output."""
        deadline = time.monotonic() + patience(timeout_s)
        while True:
            try:
                return self.succeed(repeated(command, until="true", deadline=deadline))
            except (CommandError, Unreachable) as error:
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"not within {timeout_s:.0f} s: {command}: {error}"
                    ) from None
                if isinstance(error, Unreachable):
                    time.sleep(EVERY_S)

    def wait_until_fails(self, command: str, *, timeout_s: float = 60) -> None:
        deadline = time.monotonic() + patience(timeout_s)
        while self.execute(repeated(command, until="false", deadline=deadline)).status == 0:
            if time.monotonic() > deadline:
                raise CommandError(f"`{command}` still succeeds after {timeout_s:.0f} s")

    def wait_for_unit(self, unit: str, *, timeout_s: float = 60) -> None:
        """Wait until a unit is active. Raises CommandError when it fails or the time is over."""
        deadline = time.monotonic() + patience(timeout_s)
        settled = f"systemctl is-active {shlex.quote(unit)} | grep -xE 'active|failed'"
        while (
            state := self.execute(repeated(settled, until="true", deadline=deadline)).out.strip()
        ) != "active":
            if state == "failed" or time.monotonic() > deadline:
                journal = self.execute(f"journalctl --unit={unit} --lines=20 --no-pager -o cat").out
                state = state or self.unit_state(unit)
                raise CommandError(f"{unit} is {state}; its journal ends with:\n{journal}")

    def unit_state(self, unit: str) -> str:
        return self.execute(f"systemctl is-active {shlex.quote(unit)}").out.strip()

    def unit_property(self, unit: str, name: str) -> str:
        return self.succeed(f"systemctl show --property={name} --value {shlex.quote(unit)}")

    def reads_at(self, host: str, port: int) -> bool:
        """Whether a port answers the server itself."""
        probe = f"timeout 3 bash -c '</dev/tcp/{host}/{port}'"
        return self.execute(probe).status == 0


def repeated(command: str, *, until: str, deadline: float) -> str:
    """Return a command that runs another one again and again on the server, until it succeeds (`until`: true) or fails
    (false), the deadline of this machine's monotonic clock is past, or a round of some seconds is over.

    It prints what the last run printed, and has its exit status.
    """
    seconds = min(ROUND_S, max(0.0, deadline - time.monotonic()))
    done = {"true": "[ $status = 0 ]", "false": "[ $status != 0 ]"}[until]
    return (
        f"end=$(( $(date +%s%3N) + {1000 * seconds:.0f} )); while :; do said=$(\n{command}\n); status=$?; "
        f'{{ {done} || [ $(date +%s%3N) -ge $end ]; }} && break; sleep {EVERY_S}; done; printf "%s\\n" "$said"; exit $status'
    )
