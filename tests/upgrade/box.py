"""The box of the other checkout, driven by that checkout's own verbs, whatever commit it is at."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.box.__main__ import destroy
from infra.settings.box_identity import BoxIdentity, box_identity
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.smoke import chromium

PURPOSE = "up"
LIMIT_S = 3600
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class StepFailed(Exception):
    """A verb of a commit failed, with the last of what it said."""


@dataclass(frozen=True)
class Box:
    """The verbs, as an operator types them in that folder."""

    checkout: Path
    log: Path
    """All that they say."""

    @property
    def identity(self) -> BoxIdentity:
        return box_identity(PURPOSE, checkout=self.checkout)

    def site(self) -> Site:
        """The site as this process reaches it: the other box's address and keys, its authority as a file."""
        ours, box = load_site("box"), self.identity
        ssh = ours.server.ssh.model_copy(update={"key": box.key, "known_hosts": box.known_hosts})
        server = ours.server.model_copy(update={"address": box.address, "ssh": ssh})
        authority = {"ca_certificates": (box.state / "ca.pem",)}
        return ours.model_copy(
            update={
                "server": server,
                "tls": ours.tls.model_copy(update={"authority": "files"}),
                "packages": ours.packages.model_copy(update=authority),
            }
        )

    def boot(self) -> None:
        self._say("infra/bootstrap", "box")
        self._python("-m", "infra.box", "start", "--purpose", PURPOSE)

    def deploy(self) -> tuple[str, ...]:
        """The operations that changed something."""
        self._say("infra/bootstrap", "deploy")
        found = self._pyinfra("-y")
        return tuple(row["name"] for row in found["results"]["operations"] if row["success"])

    def plan(self) -> tuple[str, ...]:
        found = self._pyinfra("--dry")
        if not found["plan"]:
            raise StepFailed("the plan looks at nothing")
        return tuple(row["name"] for row in found["plan"] if row["hosts_with_change"])

    def smoke_test(self) -> None:
        self._say("infra/bootstrap", "smoke")
        browser = ["--no-browser"] if chromium.missing() else []
        said = self._python("-m", "tests.smoke", "--site", "box", *browser)
        print("\n".join(said.splitlines()[-3:]), flush=True)

    def destroy(self) -> None:
        """By this process's own code: the other checkout may be gone, or broken."""
        destroy(self.identity)

    def _pyinfra(self, mode: str) -> dict[str, Any]:
        command = ("-m", "pyinfra", "infra/inventory.py", "infra/deploy.py", mode, "--json")
        found: dict[str, Any] = json.loads(self._python(*command))
        return found

    def _python(self, *arguments: str) -> str:
        return self._say(".venv/bin/python", *arguments)

    def _say(self, *command: str) -> str:
        """What it printed; all that it said goes to the log."""
        done = subprocess.run(
            command,
            cwd=self.checkout,
            env={**os.environ, "SITE": "box", "BOX": PURPOSE},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        said = COLOURS.sub("", done.stdout + done.stderr)
        with self.log.open("a") as log:
            log.write(f"$ {' '.join(command)}\n{said}\n")
        if done.returncode != 0:
            ending = "\n".join(said.splitlines()[-30:])
            raise StepFailed(f"`{' '.join(command)}` failed (all of it: {self.log}):\n{ending}")
        return done.stdout
