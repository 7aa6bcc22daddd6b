"""`openchronic rejects`: rejected values are shown from the restricted zone, and stored nowhere else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.openchronic.front_door import build, openchronic
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import ALICE, claim, person, plain, write

WRONG_DAY, WRONG_EURO = "31/02/2021", "10.5O"


@pytest.fixture(scope="session")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A base in which three claims could not be read, and the output of its build; read only."""

    def make(folder: Path) -> None:
        files = plain()
        files["IR_BEN_R.CSV"] = [person(ALICE)]
        files["DCIR_2021/ER_PRS_F_2021.CSV"] = [
            claim(1, ALICE, "10/03/2021"),
            claim(2, ALICE, WRONG_DAY),
            claim(3, ALICE, "11/03/2021", PRS_PAI_MNT=WRONG_EURO),
            claim(4, ALICE, "2021-03-99"),
        ]
        answer = build(write(folder / "source", files), folder / "releases")
        assert answer.status == 0, answer.text
        (folder / "said.txt").write_text(answer.text)

    made = made_once(tmp_path_factory, "refusing", make)
    return made / "releases", (made / "said.txt").read_text()


def test_each_refused_value_is_shown_with_its_place_and_reason(refusing: tuple[Path, str]) -> None:
    releases, _ = refusing
    answer = openchronic("rejects", "--releases", releases, env={"COLUMNS": "200"})
    assert answer.status == 0, answer.text
    told = [line.split() for line in answer.out.splitlines()[1:]]
    assert [(one[0], one[2], one[3], one[-1]) for one in told] == [
        ("ER_PRS_F", "3", "EXE_SOI_DTD", f"'{WRONG_DAY}'"),
        ("ER_PRS_F", "5", "EXE_SOI_DTD", "'2021-03-99'"),
        ("ER_PRS_F", "4", "PRS_PAI_MNT", f"'{WRONG_EURO}'"),
    ]
    other = openchronic("rejects", "--releases", releases, "--table", "ER_PHA_F")
    assert "every line was read" in other.out


def test_no_refused_value_is_in_a_release_or_told_by_a_build(refusing: tuple[Path, str]) -> None:
    releases, said = refusing
    released = (releases / "snds" / "current").resolve()
    texts = [path.read_bytes() for path in released.rglob("*") if path.is_file()]
    assert texts
    for value in (WRONG_DAY, WRONG_EURO):
        assert value not in said
        assert not any(value.encode() in text for text in texts)


def test_who_has_no_store_is_told_whose_it_is(refusing: tuple[Path, str], releases: Path) -> None:
    shutil.copytree(refusing[0], releases, symlinks=True)
    (releases / "snds" / ".store").rename(releases / "aside")
    answer = openchronic("rejects", "--releases", releases)
    assert answer.status == 1
    assert "not for this account" in answer.err
    assert "Traceback" not in answer.text
