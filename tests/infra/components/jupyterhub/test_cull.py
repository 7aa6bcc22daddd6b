"""The culler of idle sessions: its journal does not hold its token, and it ends when a check fails."""

import subprocess
import sys

from infra.components.jupyterhub import FILES
from infra.settings import layout
from tests.pace import patience

SAY = """
import functools, logging, runpy, sys
cull = runpy.run_path({script!r})
logging.setLogRecordFactory(cull["record"])
logging.basicConfig(stream=sys.stdout)
logging.error("Exception in callback %s", functools.partial(print, api_token="not-to-be-seen"))
logging.error("100 %% of not-to-be-seen")
"""


def test_the_cullers_token_is_not_in_its_journal() -> None:
    """If the hub does not answer, the culler logs the failed call with its arguments."""
    said = subprocess.run(
        [sys.executable, "-c", SAY.format(script=str(FILES / "cull.py"))],
        env={"JUPYTERHUB_API_TOKEN": "not-to-be-seen", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "not-to-be-seen" not in said
    assert "api_token='[secret]'" in said
    assert "100 %" in said


def test_a_culler_that_fails_ends_and_is_started_anew() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            SAY.format(script=str(FILES / "cull.py")) + "import time\ntime.sleep(600)\n",
        ],
        env={"JUPYTERHUB_API_TOKEN": "not-to-be-seen", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
        timeout=patience(25),
    )
    assert done.returncode == 1
    assert "Restart=always" in (FILES / layout.CULLER_UNIT).read_text()
