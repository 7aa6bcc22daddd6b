"""One SSH connection for many commands: a connection of its own costs each a fifth of a second of both machines."""

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.operations import ssh
from infra.settings.site import Site
from tests.pace import patience

OPENS_S = 20


class SharedConnection:
    """Opens with the first command, and anew after its end. Where it does not open, ssh connects for the command alone."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._folder = tempfile.TemporaryDirectory(prefix="ssh-")
        self._socket = Path(self._folder.name) / "s"
        self._master: subprocess.Popen[bytes] | None = None
        self._apart = False
        self._opening = threading.Lock()

    def options(self) -> list[str]:
        """Return ssh's options that lead a command through it."""
        if self._apart:
            return []
        with self._opening:
            if self._master is None or self._master.poll() is not None:
                self._open()
        return ["-S", str(self._socket), "-o", "ControlMaster=no"]

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Let each command connect by itself, where a fault may break a connection without ending it."""
        self._close()
        before, self._apart = self._apart, True
        try:
            yield
        finally:
            self._apart = before

    def close(self) -> None:
        self._close()
        self._folder.cleanup()

    def _open(self) -> None:
        self._close()
        *command, destination = ssh.ssh_command(self._site)
        self._master = subprocess.Popen(
            [*command, "-M", "-N", "-S", str(self._socket), destination],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + patience(OPENS_S)
        while not self._socket.exists() and self._master.poll() is None:
            if time.monotonic() > deadline:
                self._close()
                return
            time.sleep(0.02)

    def _close(self) -> None:
        if self._master is not None:
            self._master.terminate()
            self._master.wait()
            self._master = None
        self._socket.unlink(missing_ok=True)
