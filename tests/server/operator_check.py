"""`make smoke-test` as the operator of the test box runs it."""

import subprocess
import sys

from infra.settings.settings_file import ROOT
from tests.pace import patience
from tests.server.deployment import SITE, environment

SMOKE_S = 580


def smoke_test(promises: str) -> "subprocess.CompletedProcess[str]":
    """Some promises of the smoke test (pytest's -k), without a browser; what it printed is in ``stdout``."""
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
