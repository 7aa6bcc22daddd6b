"""One extraction for all the tests that read it, and a reader of our own: plain `csv`."""

import csv
import json
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import pytest

from openchronic.cli import main

PATIENTS, YEARS, FIRST_YEAR = 3000, 3, 2016

Row = dict[str, str]


class Extraction:
    """The files of a folder, read without the package."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.planted: dict[str, int] = json.loads((folder / "synth.json").read_text())["planted"]
        self._read: dict[str, list[Row]] = {}

    def rows(self, pattern: str) -> list[Row]:
        """Rows of all the files that match, each file once."""
        if pattern not in self._read:
            paths = sorted(self.folder.glob(pattern))
            assert paths, pattern
            rows = (row for path in paths for row in _rows(path))
            # Claims of December come with the next year again.
            self._read[pattern] = list(
                {tuple(row.values()): row for row in rows}.values()
                if pattern.startswith("DCIR")
                else rows
            )
        return self._read[pattern]

    @property
    def claims(self) -> list[Row]:
        return self.rows("DCIR_*/ER_PRS_F_*.CSV")

    @property
    def dispensings(self) -> list[Row]:
        return self.rows("DCIR_*/ER_PHA_F_*.CSV")

    @cached_property
    def persons(self) -> dict[tuple[str, str], str]:
        """The person behind each pseudonym and rank."""
        return {
            (row["BEN_NIR_PSA"], row["BEN_RNG_GEM"]): row["BEN_IDT_ANO"]
            for row in self.rows("IR_BEN_R*.CSV")
        }


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter=";", strict=True)


@pytest.fixture(scope="session")
def synth() -> Callable[..., int]:
    """Runs the command as a user would."""

    def run(folder: Path, *options: str, patients: int = 50) -> int:
        return main(["synth", str(folder), "--patients", str(patients), *options])

    return run


@pytest.fixture(scope="session")
def extraction(tmp_path_factory: pytest.TempPathFactory, synth: Callable[..., int]) -> Extraction:
    folder = tmp_path_factory.mktemp("synth") / "snds"
    options = ("--seed", "11", "--years", str(YEARS), "--first-year", str(FIRST_YEAR))
    assert synth(folder, *options, patients=PATIENTS) == 0
    return Extraction(folder)
