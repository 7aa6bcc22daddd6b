"""Runs scripts in containers of a Docker on this machine or on another one over SSH."""

import io
import os
import shlex
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.pace import patience

USER = "12345:12345"
# As in every session: Java and the shell need a name for the uid that they run as.
PASSWD = b"root:x:0:0::/root:/bin/false\nclaire:x:12345:12345::/tmp:/bin/bash\n"
# Java's fast compiler only, for code that runs once. Where a build's own settings are under test, Java keeps its default.
BRIEF = (
    "--env",
    "JDK_JAVA_OPTIONS=-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC",
)


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"status {self.status}\n{self.out[-3000:]}\n{self.err[-3000:]}"


@dataclass(frozen=True)
class Docker:
    """A Docker. `command` is docker, or an ssh that runs it; words are then quoted for the remote shell."""

    command: tuple[str, ...]

    def __call__(self, *words: str, stdin: bytes = b"", timeout_s: float = 300) -> Said:
        remote = self.command[0] == "ssh"
        line = [*self.command, *(map(shlex.quote, words) if remote else words)]
        done = subprocess.run(
            line, input=stdin, capture_output=True, timeout=patience(timeout_s), check=False
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def run_in(
        self,
        image: str,
        script: str,
        *,
        stdin: str = "",
        user: str = USER,
        options: Sequence[str] = (),
        timeout_s: float = 300,
    ) -> Said:
        """Run a shell script in a container with a session's isolation and without a network.

        /etc/passwd is copied into it, since a file cannot be mounted if Docker is on another machine. So the root file
        system is not mounted read-only, but only root could write to it.
        """
        more = ("--interactive", "--user", user, *options)
        with self._made(image, "bash", "-c", script, options=more) as container:
            return self(
                "start",
                "--attach",
                "--interactive",
                container,
                stdin=stdin.encode(),
                timeout_s=timeout_s,
            )

    @contextmanager
    def standing(self, image: str) -> Iterator[str]:
        """Give a container as that of run_in(), in which look() runs one script after another."""
        with self._made(image, "sleep", "infinity", options=("--no-healthcheck",)) as container:
            started = self("start", container)
            assert started.status == 0, started
            yield container

    def look(self, container: str, script: str, *, stdin: str = "", user: str = USER) -> Said:
        """Run a script that leaves nothing behind in a standing container: a quarter of what a new one costs."""
        return self(
            *("exec", "--interactive", "--user", user, container, "bash", "-c", script),
            stdin=stdin.encode(),
        )

    @contextmanager
    def _made(self, image: str, *words: str, options: Sequence[str]) -> Iterator[str]:
        made = self(
            *("create", "--network", "none", "--hostname", "localhost"),
            *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--memory", "3g", "--memory-swap", "3g", "--tmpfs", "/tmp:exec,mode=1777"),
            *options,
            *(image, *words),
        )
        assert made.status == 0, made
        container = made.out.strip()
        try:
            copied = self("cp", "-", f"{container}:/etc", stdin=_passwd_tar())
            assert copied.status == 0, copied
            yield container
        finally:
            self("rm", "--force", container)


def _passwd_tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("passwd")
        entry.size = len(PASSWD)
        entry.mode = 0o644
        tar.addfile(entry, io.BytesIO(PASSWD))
    return packed.getvalue()


def from_environment() -> Docker | None:
    """Return the Docker that DOCKER_COMMAND names, or None."""
    words = shlex.split(os.environ.get("DOCKER_COMMAND", ""))
    return Docker(tuple(words)) if words else None
