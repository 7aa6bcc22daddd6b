"""The tests that a change can affect are found by imports, by commands and by names; none is missed."""

import re
import subprocess
from pathlib import Path

import pytest

from infra.settings.settings_file import ROOT
from tests.run.touched import changed_files, touched_server, touched_units

PACKAGE = "openchronic_env/src/openchronic"
# This file is excluded, since it names the files that it asks about.
THIS = "tests/run/test_touched.py"


def test_a_command_touches_the_tests_that_run_it() -> None:
    found = touched_units([f"{PACKAGE}/commands/prune.py"])
    assert "tests/openchronic/commands/test_prune.py" in found
    assert "tests/infra/components/web/test_gate.py" not in found


def test_a_step_of_the_build_touches_all_that_build() -> None:
    found = set(touched_units([f"{PACKAGE}/models/query.py"]))
    builders = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests/openchronic").rglob("test_*.py")
        if re.search(r"\b(built|refused)\(", path.read_text())
    }
    assert len(builders) > 30
    assert builders <= found


def test_a_file_that_is_no_module_touches_what_the_modules_beside_it_do() -> None:
    query = next((ROOT / PACKAGE / "models").rglob("*.sql"))
    found = touched_units([str(query.relative_to(ROOT))])
    assert set(touched_units([f"{PACKAGE}/models/query.py"])) <= set(found)


def test_a_helper_of_tests_touches_those_that_import_it() -> None:
    name = "tests/openchronic/build/claim_lines.py"
    found = touched_units([name])
    importers = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests/openchronic").rglob("test_*.py")
        if "claim_lines import" in path.read_text()
    }
    assert importers
    assert set(found) - {THIS} == importers


def test_a_page_for_people_touches_who_names_it() -> None:
    found = touched_units(["README.md"])
    assert "tests/infra/test_makefile.py" in found
    assert [one for one in found if one.startswith("tests/openchronic")] == []
    assert touched_server(["README.md"]) == []


@pytest.mark.parametrize("name", ["pyproject.toml", "tests/conftest.py", "infra/requirements.txt"])
def test_what_every_test_runs_by_touches_all(name: str) -> None:
    every = touched_units([name])
    assert len(every) > 100
    assert "tests/infra/components/web/test_gate.py" in every
    assert touched_server([name]) == ["tests/images", "tests/server"]


def test_a_server_is_touched_by_what_it_is_made_of() -> None:
    assert touched_server(["jupyterhub-conf/gate.py"]) == ["tests/server"]
    assert touched_server(["images/spark/Dockerfile"]) == ["tests/images", "tests/server"]
    of_the_package = touched_server([f"{PACKAGE}/models/query.py"])
    assert of_the_package[0] == "tests/images"
    assert "tests/server/test_openchronic.py" in of_the_package
    assert "tests/server" not in of_the_package


def test_changes_are_those_since_main_new_files_included(tmp_path: Path) -> None:
    """A checkout of the test has changes that are committed on a branch, uncommitted and untracked."""

    def git(*words: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch=main")
    for name in ("kept", "edited", "committed"):
        (tmp_path / name).write_text("one")
    git("add", ".")
    git("commit", "--message=one")
    git("switch", "--create=work")
    (tmp_path / "committed").write_text("two")
    git("commit", "--all", "--message=two")
    (tmp_path / "edited").write_text("three")
    (tmp_path / "new").write_text("four")
    assert changed_files(tmp_path) == ["committed", "edited", "new"]
