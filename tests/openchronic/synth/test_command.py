"""The command: the same seed gives the same bytes; refusals, output and remaining files."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from openchronic.synth import generating, writing
from openchronic.synth.folder import new_folder

Synth = Callable[..., int]

# The digest changes with the models, the code lists or the columns only: if it changes with a new
# DuckDB or another machine, a seed no longer gives the same patients.
DIGEST = "90f63052c30f94c871a018ca27ed09c668aa7cdb48ef618168500c2adb6e3ab4"


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(folder)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory, synth: Synth) -> Path:
    """The extraction of 50 patients of seed 7; read only."""
    folder = tmp_path_factory.mktemp("seven") / "snds"
    assert synth(folder, "--seed", "7") == 0
    return folder


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, synth: Synth, seven: Path) -> None:
    assert synth(tmp_path / "two", "--seed", "7") == 0
    assert synth(tmp_path / "other", "--seed", "8") == 0
    assert digest(seven) == digest(tmp_path / "two") != digest(tmp_path / "other")


def test_the_same_seed_gives_the_same_bytes_everywhere(seven: Path) -> None:
    assert digest(seven) == DIGEST


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(
    tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    connect = duckdb.connect

    def with_threads(**options: Any) -> duckdb.DuckDBPyConnection:
        connection = connect(**options)
        connection.execute(f"SET threads = {threads}")
        return connection

    monkeypatch.setattr(duckdb, "connect", with_threads)
    assert synth(tmp_path / "snds", "--seed", "7") == 0
    assert digest(tmp_path / "snds") == DIGEST


def test_a_patient_does_not_depend_on_the_block(
    tmp_path: Path, synth: Synth, seven: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generating, "BLOCK", 20)
    assert synth(tmp_path / "several", "--seed", "7") == 0
    for path in seven.rglob("*.CSV"):
        blocks = tmp_path / "several" / path.relative_to(seven)
        assert sorted(path.read_bytes().splitlines()) == sorted(blocks.read_bytes().splitlines())


@pytest.mark.parametrize("format_", ["csv.gz", "parquet"])
def test_blocks_made_at_the_same_time_give_the_same_bytes(
    tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    monkeypatch.setattr(generating, "BLOCK", 10)
    for threads in ("1", "3"):
        options = ("--format", format_, "--threads", threads, "--years", "1")
        assert synth(tmp_path / threads, *options, patients=30) == 0
    assert digest(tmp_path / "1") == digest(tmp_path / "3")


def test_a_practice_is_delivered_once_whatever_the_blocks(
    tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generating, "BLOCK", 18)
    assert synth(tmp_path / "snds", "--years", "1") == 0
    lines = (tmp_path / "snds" / "DA_PRA_R_2016.CSV").read_text().splitlines()
    assert len(lines) == len(set(lines)) > 40


def test_the_table_shows_what_the_report_holds(
    tmp_path: Path, synth: Synth, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", "160")
    assert synth(tmp_path / "snds", "--years", "1") == 0
    shown = capsys.readouterr()
    report = json.loads((tmp_path / "snds" / "synth.json").read_text())
    assert report["patients"] == 50
    assert report["years"] == 1
    assert report["first_year"] == 2016
    for number in report["planted"].values():
        assert f" {number:,} " in shown.out
    assert "claim lines per patient-year" in shown.out
    # Without a terminal there is no bar: one line is enough.
    assert shown.err == "synth: 50 of 50 patients\n"


def test_after_2017_no_stay_is_declared_twice(tmp_path: Path, synth: Synth) -> None:
    assert synth(tmp_path / "snds", "--first-year", "2018", "--years", "1", patients=400) == 0
    report = json.loads((tmp_path / "snds" / "synth.json").read_text())
    assert report["planted"]["stays"] > 0
    assert report["planted"]["copied"] == 0


def test_one_patient_is_enough(tmp_path: Path, synth: Synth) -> None:
    assert synth(tmp_path / "snds", patients=1) == 0
    assert len((tmp_path / "snds" / "IR_BEN_R.CSV").read_text().splitlines()) in (2, 3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--patients", "0"), "--patients must be between 1 and 10000000, not 0"),
        (("--years", "0"), "--years must be between 1 and 12, not 0"),
        (("--years", "13"), "--years must be between 1 and 12, not 13"),
        (("--first-year", "1990"), "--first-year must be between 2010 and 2030, not 1990"),
        (("--seed", "-1"), "--seed must be between 0"),
        (("--threads", "0"), "--threads 0: 1 or more"),
    ],
)
def test_a_wrong_option_is_refused_and_nothing_is_written(
    tmp_path: Path, synth: Synth, capsys: pytest.CaptureFixture[str],
    options: tuple[str, str], said: str,
) -> None:  # fmt: skip
    assert synth(tmp_path / "snds", *options) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_else_is_left_alone(
    tmp_path: Path, synth: Synth, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "snds"
    folder.mkdir()
    (folder / "thesis.odt").write_text("years of work")
    assert synth(folder, "--force") == 1
    assert "is not empty and holds no synthetic extraction" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["thesis.odt"]


def test_a_file_is_no_folder(
    tmp_path: Path, synth: Synth, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "snds").write_text("")
    assert synth(tmp_path / "snds") == 1
    assert "is not a folder" in capsys.readouterr().err


def test_an_empty_folder_is_used(tmp_path: Path, synth: Synth) -> None:
    (tmp_path / "snds").mkdir()
    assert synth(tmp_path / "snds", "--years", "1") == 0
    assert (tmp_path / "snds" / "IR_BEN_R.CSV").is_file()


def test_an_earlier_extraction_is_replaced_when_told(
    tmp_path: Path, synth: Synth, seven: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "snds"
    shutil.copytree(seven, folder)
    before = digest(folder)
    assert synth(folder, "--seed", "2") == 1
    assert "--force replaces it" in capsys.readouterr().err
    assert digest(folder) == before
    assert synth(folder, "--seed", "2", "--years", "1", "--force") == 0
    assert digest(folder) != before
    assert not (folder / "DCIR_2018").exists()
    assert list(tmp_path.iterdir()) == [folder]


def test_a_failure_leaves_the_earlier_extraction_and_no_debris(
    tmp_path: Path, synth: Synth, seven: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "snds"
    shutil.copytree(seven, folder)
    before = digest(folder)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(generating, "append", full)
    assert synth(folder, "--force") == 1
    assert digest(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


def test_a_failure_in_one_block_stops_the_others_and_leaves_no_debris(
    tmp_path: Path, synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[int] = []
    write = writing.write

    def full(*args: Any, block: int, **options: Any) -> None:
        blocks.append(block)
        if block == 1:
            raise OSError(28, "No space left on device")
        write(*args, block=block, **options)

    monkeypatch.setattr(generating, "BLOCK", 2)
    monkeypatch.setattr(writing, "write", full)
    assert synth(tmp_path / "snds", "--threads", "2") == 1
    assert max(blocks) < 24
    assert not list(tmp_path.iterdir())


def test_what_a_killed_run_left_is_cleared(tmp_path: Path, synth: Synth) -> None:
    left = tmp_path / ".snds.partial" / "DCIR_2016"
    left.mkdir(parents=True)
    (left / "ER_PRS_F_2016.CSV").write_text("half a line")
    assert synth(tmp_path / "snds", "--seed", "7") == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "snds"]
    assert digest(tmp_path / "snds") == DIGEST


def test_a_second_run_into_the_same_folder_is_told_of_the_first(
    tmp_path: Path, synth: Synth, capsys: pytest.CaptureFixture[str]
) -> None:
    with new_folder(tmp_path / "snds", force=False) as first:
        (first / "IR_BEN_R.CSV").write_text("being written")
        assert synth(tmp_path / "snds") == 75
        assert "another synth is writing" in capsys.readouterr().err
    assert (tmp_path / "snds" / "IR_BEN_R.CSV").read_text() == "being written"
