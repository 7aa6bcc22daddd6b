"""The verbs of the Makefile: each is in the help and has a recipe that make accepts."""

import re
import subprocess

import pytest

from infra.settings.settings_file import ROOT

VERBS = (
    *("help", "box", "box-stop", "box-destroy", "demo", "plan", "deploy", "password"),
    "second-factor",
    *(
        "migrate-projects",
        "access-review",
        "remove-ended",
        "status",
        "smoke-test",
        "values",
        "images",
        "images-push",
        "test",
        "faults",
        "mutations",
        "upgrade-test",
        "gpu-image",
        "planted-truths",
        "test-cluster",
        "bench",
        "lint",
        "format",
        "lock",
    ),
)


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_verb_once() -> None:
    shown = re.findall(r"^  make (\S+) +\S", make().stdout, re.M)
    assert shown == list(VERBS)


def test_every_verb_is_phony() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert phony is not None
    assert phony[1].split() == list(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_a_recipe(verb: str) -> None:
    done = make("--dry-run", verb, "LOGIN=demo")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_readme_names_every_verb() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [verb for verb in VERBS if f"make {verb}" not in readme] == []


def test_password_wants_a_login() -> None:
    done = make("password")
    assert done.returncode == 2
    assert "usage: make password LOGIN=name" in done.stderr


def test_the_site_reaches_the_recipes() -> None:
    assert "SITE" in make("--print-data-base", "--dry-run", "plan", "SITE=essai").stdout
