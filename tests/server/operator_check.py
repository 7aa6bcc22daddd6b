"""Runs `make smoke-test` on the test box, as its operator does."""

import subprocess
import sys

from infra.settings.settings_file import ROOT
from tests.pace import patience
from tests.server.deployment import SITE, environment

SMOKE_S = 580


def smoke_test(promises: str) -> "subprocess.CompletedProcess[str]":
    """Run some checks of the smoke test (pytest's -k) without a browser; ``stdout`` has its report."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "tests.smoke", "--site", SITE),
            *("--no-browser", "--only", promises),
        ],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience(SMOKE_S),
        check=False,
    )
