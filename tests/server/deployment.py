"""Runs deploys and plans of the test box, by the operators' command."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.settings.settings_file import ROOT
from infra.settings.site_file import SITES
from tests.pace import patience

# The site that is deployed to test boxes.
SITE = "test"
# The environment variable with the purpose of this process's test box.
TEST_BOX = "TEST_BOX"
PURPOSE = os.environ.get(TEST_BOX) or "test"
PYINFRA = (sys.executable, "-m", "pyinfra", "infra/inventory.py", "infra/deploy.py")
LIMIT_S = 1800


@dataclass(frozen=True)
class Deployment:
    status: int
    seconds: float
    changed: tuple[str, ...]
    """Names of the operations that changed something."""
    looked_at: int
    """Number of operations that ran."""
    output: str

    def __str__(self) -> str:
        ending = "\n".join(self.output.splitlines()[-25:])
        return f"status {self.status}, changed {list(self.changed)}; it ends with:\n{ending}"


def environment(site: str = SITE) -> dict[str, str]:
    return {**os.environ, "SITE": site, "BOX": PURPOSE}


def deploy(site: str = SITE) -> Deployment:
    """Deploy the site to the test box; the caller checks the status."""
    status, seconds, output, found = _pyinfra("-y", site=site)
    operations = found["results"]["operations"] if found else []
    changed = tuple(row["name"] for row in operations if row["success"])
    return Deployment(status, seconds, changed, len(operations), output)


def plan() -> tuple[str, ...]:
    """Return the names of the operations that a deploy would change."""
    status, _, output, found = _pyinfra("--dry")
    assert status == 0, f"the plan failed: {output[-2000:]}"
    assert found["plan"], "the plan looks at nothing"
    return tuple(row["name"] for row in found["plan"] if row["hosts_with_change"])


def start_deploy(*, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a deploy in the background, in a process group of its own, so that a test can kill it."""
    with (log or Path(os.devnull)).open("wb") as said:
        return subprocess.Popen(
            [*PYINFRA, "-y"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


@contextmanager
def variant(replacements: dict[str, str], *, name: str) -> Iterator[str]:
    """Give the name of a site that is the test box's with some text replaced; its file is removed at the end."""
    text = (SITES / f"{SITE}.toml").read_text()
    for old, new in replacements.items():
        assert text.count(old) == 1, f"{SITE}.toml holds « {old} » {text.count(old)} times"
        text = text.replace(old, new)
    file = SITES / f"{name}.local.toml"
    file.write_text(text)
    try:
        yield file.stem
    finally:
        file.unlink()


@contextmanager
def toml_file(what: str, text: str) -> Iterator[str]:
    """Give the path of an accounts or projects file in the build folder, as a site names it."""
    file = Path("build", f"test-{what}.toml")
    (ROOT / file).parent.mkdir(exist_ok=True)
    (ROOT / file).write_text(text)
    try:
        yield str(file)
    finally:
        (ROOT / file).unlink()


def _pyinfra(*options: str, site: str = SITE) -> tuple[int, float, str, dict[str, Any]]:
    started = time.monotonic()
    done = subprocess.run(
        [*PYINFRA, *options, "--json"],
        cwd=ROOT,
        env=environment(site),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience(LIMIT_S),
        check=False,
    )
    output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    # A failed deploy prints no JSON.
    found = json.loads(done.stdout) if done.returncode == 0 else {}
    return done.returncode, time.monotonic() - started, output, found
