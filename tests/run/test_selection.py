"""ONLY and CHANGED select a folder, a file or a word; a partial run says so; an empty selection is refused."""

import pytest

from tests.run import selection
from tests.run.selection import ON_A_BOX, NothingSelected, select


def test_without_a_word_everything_runs() -> None:
    whole = select(only="", changed=False)
    assert whole.units is not None
    assert whole.units[0] == "tests"
    assert whole.server == ON_A_BOX
    assert whole.partial == ""


def test_a_folder_of_unit_tests_needs_no_box() -> None:
    found = select(only="tests/infra/box/", changed=False)
    assert (found.units, found.server) == (("tests/infra/box",), None)
    assert found.partial == "ONLY=tests/infra/box/"


def test_a_file_on_a_box_runs_there_alone() -> None:
    found = select(only="tests/server/test_idle.py", changed=False)
    assert (found.units, found.server) == (None, ("tests/server/test_idle.py",))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Let a file stand for all unit tests, and one for all on a box: to collect all takes long."""
    here, there = "tests/run/test_selection.py", "tests/server/test_deploy.py"
    monkeypatch.setattr(selection, "UNITS", (here,))
    monkeypatch.setattr(selection, "ON_A_BOX", (there,))
    return here, there


def test_a_word_is_looked_for_in_both(few: tuple[str, str]) -> None:
    found = select(only="looked_for_in_both", changed=False)
    assert (found.units, found.server) == ((few[0], "-k", "looked_for_in_both"), None)
    found = select(only="second_deploy", changed=False)
    assert (found.units, found.server) == (None, (few[1], "-k", "second_deploy"))


@pytest.mark.usefixtures("few")
def test_what_no_test_answers_to_is_refused() -> None:
    with pytest.raises(NothingSelected, match="no test has « nonesuch »"):
        select(only="nonesuch", changed=False)


def test_a_folder_without_tests_is_refused() -> None:
    with pytest.raises(NothingSelected, match="infra/components/web holds no test"):
        select(only="infra/components/web", changed=False)


def test_a_change_of_prose_runs_who_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "changed_files", lambda: ["README.md"])
    found = select(only="", changed=True)
    assert found.units is not None
    assert "tests/infra/test_makefile.py" in found.units
    assert found.server is None
    assert "1 files differ from main" in found.partial


def test_no_change_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "changed_files", list)
    with pytest.raises(NothingSelected, match="nothing differs from main"):
        select(only="", changed=True)
