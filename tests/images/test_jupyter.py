"""Tests that the images of sessions must pass."""

import json
from collections.abc import Callable

import pytest

from infra.settings import layout
from tests.images.conftest import RunIn
from tests.images.docker import Said

Inside = Callable[[str], str]
# The tutorials' mount and its variable, as the hub sets them.
PLACES = ("--tmpfs", layout.ONBOARDING, "--env", f"ONBOARDING={layout.ONBOARDING}")


@pytest.fixture(scope="module")
def lab(run_in: RunIn, image: str, inside: Inside) -> Said:
    """Give the output of lab.py, which starts a session's server without a hub."""
    return run_in(image, "python -", stdin=inside("lab.py"), options=PLACES)


@pytest.fixture(scope="module")
def answers(lab: Said) -> dict[str, object]:
    assert lab.status == 0, lab
    found: dict[str, object] = json.loads(lab.out.splitlines()[-1])
    return found


def test_jupyterlab_answers(answers: dict[str, object]) -> None:
    assert answers["lab"] == 200
    assert answers["healthy"] == 0
    assert answers["healthy_when_stopped"] != 0


def test_jupyterlab_speaks_french_and_brings_no_news(answers: dict[str, object]) -> None:
    assert answers["locale"] == "fr_FR"
    assert answers["french"] is True
    assert answers["news"] == "false"


def test_a_silent_computation_is_activity(answers: dict[str, object]) -> None:
    silent = answers["silent_seconds"]
    assert isinstance(silent, float)
    assert silent < 20, f"reported idle for {silent:.0f} s while its kernel computed"


def test_the_tutorials_and_the_spill_folder_are_there(answers: dict[str, object]) -> None:
    assert answers["onboarding"] == layout.ONBOARDING
    assert answers["temporary"] == "/tmp/.cache/session"


def test_its_log_warns_of_nothing(answers: dict[str, object]) -> None:
    assert answers["warnings"] == []


def test_a_full_home_still_opens(run_in: RunIn, image: str) -> None:
    """A home that cannot be written to stands for a full one; JupyterLab is replaced by a command."""
    done = run_in(
        image,
        "mkdir -m 500 /tmp/full; "
        "sed 's/jupyter lab.*/env/' /usr/local/bin/start-session > /tmp/start;"
        "HOME=/tmp/full sh /tmp/start | grep -c TMPDIR; HOME=/tmp sh /tmp/start | grep TMPDIR",
    )
    assert done.out.split() == ["0", "TMPDIR=/tmp/.cache/session"], done
    assert "temporary files go to memory" in done.err, done


def test_the_hubs_server_is_of_the_hubs_version(run_in: RunIn, image: str) -> None:
    assert run_in(image, "jupyterhub-singleuser --version").out.startswith("6.1"), (
        "see requirements.in"
    )


def test_starting_compiles_no_grammar(run_in: RunIn, image: str) -> None:
    said = run_in(
        image,
        "python -c 'import sys, jupyter_server.serverapp, jsonschema; "
        'print("jsonschema" in sys.modules, "lark" in sys.modules)\'',
    )
    assert said.out.split() == ["True", "False"], said
