"""Tests that the images of sessions must pass."""

import json
import re
from collections.abc import Callable

import pytest

from infra.settings import layout
from tests.images.conftest import RunIn
from tests.images.docker import Said
from tests.typography import faults

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


def test_a_setting_of_the_site_beside_the_tutorials_is_read(answers: dict[str, object]) -> None:
    assert answers["help"] is True


def test_a_silent_computation_is_activity(answers: dict[str, object]) -> None:
    silent = answers["silent_seconds"]
    assert isinstance(silent, float)
    assert silent < 20, f"reported idle for {silent:.0f} s while its kernel computed"


def test_the_tutorials_and_the_spill_folder_are_there(answers: dict[str, object]) -> None:
    assert answers["onboarding"] == layout.ONBOARDING
    assert answers["temporary"] == "/tmp/.cache/session"


def test_its_log_warns_of_nothing(answers: dict[str, object]) -> None:
    assert answers["warnings"] == []


def test_a_kernel_without_memory_says_so_in_french_under_its_cell(
    run_in: RunIn, image: str, inside: Inside
) -> None:
    """Under the cell that ran, and not under the one that waited; the server goes on."""
    limit = ("--memory", "900m", "--memory-swap", "900m", "--env", f"MEM_LIMIT={900 * 2**20}")
    done = run_in(
        image,
        "python -",
        stdin=inside("out_of_memory.py"),
        options=(*PLACES, *limit),
        timeout_s=600,
    )
    assert done.status == 0, done
    for protocol, found in json.loads(done.out.splitlines()[-1]).items():
        ((cell, text),) = found["under"]
        assert cell == 1, protocol
        assert "la mémoire de la session (0,9\u00a0Gio) était épuisée" in text, protocol
        assert "un profil plus grand" in text, protocol


def test_work_goes_on_by_itself_and_a_notebook_is_not_written_over(
    run_in: RunIn, image: str, inside: Inside
) -> None:
    done = run_in(image, "python -", stdin=inside("runs.py"))
    assert done.status == 0, done
    found = json.loads(done.out.splitlines()[-1])
    assert found["states"]["long.py"] == "done", found
    assert found["states"]["étude.ipynb"] == "failed", found
    assert found["outputs"] == [[], ["42\n"], ["ValueError"], []]
    assert found["untouched"]
    assert found["left"] == "0", "a kernel is left"
    assert found["busy"] == [False, True, False], "the session would be idle, or never"
    if found["r"]:
        assert found["states"]["court.R"] == "done", found
    else:
        assert found["asked"][2] == 1
        assert "there is no R in this session" in found["said"][2]


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


def test_the_hubs_server_is_of_the_hubs_version(look_in: RunIn, image: str) -> None:
    assert look_in(image, "jupyterhub-singleuser --version").out.startswith("6.1"), (
        "see requirements.in"
    )


def test_starting_compiles_no_grammar(look_in: RunIn, image: str) -> None:
    said = look_in(
        image,
        "python -c 'import sys, jupyter_server.serverapp, jsonschema; "
        'print("jsonschema" in sys.modules, "lark" in sys.modules)\'',
    )
    assert said.out.split() == ["True", "False"], said


def test_the_gauge_counts_files_in_memory(answers: dict[str, object]) -> None:
    gauge = answers["gauge"]
    assert isinstance(gauge, dict)
    before, after = gauge["before"], gauge["after"]
    assert after["rss"] - before["rss"] > 55e6, gauge
    assert before["limits"]["memory"] == {"rss": 3 * 2**30, "warn": False}
    assert 0 <= after["cpu_percent"] <= 100
    assert after["cpu_count"] > 0


def test_the_gauge_is_the_sessions_own(answers: dict[str, object]) -> None:
    """The package whose display is used answers nothing, and its other displays are off."""
    assert answers["gauge_shown"] == [True, "Mémoire\u00a0: ", "Processeurs\u00a0: "]


def test_a_page_on_each_language_says_in_french_what_is_installed(
    look_in: RunIn, image: str, answers: dict[str, object]
) -> None:
    assert answers["software"] == "/usr/share/openchronic/logiciels"
    pages = {
        language: look_in(image, f"cat /usr/share/openchronic/logiciels/{language}.md").out
        for language in ("Python", "R")
    }
    for language, page in pages.items():
        assert page.startswith(f"# Ce qui est installé\u00a0: {language}\n")
        assert faults(page.partition("| Paquet")[0].replace("`library()`", "")) == []
    assert re.search(r"^\| lifelines \| \d\S+ \| \S", pages["Python"], re.M)
    assert re.search(r"^\| openchronic \| \d", pages["Python"], re.M)
    assert re.search(r"^\| survival \| 3\S+ \| Survival Analysis \|", pages["R"], re.M)
