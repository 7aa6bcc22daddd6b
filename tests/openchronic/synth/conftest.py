"""One extraction for all tests that read it, and an independent reader: plain `csv`."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pytest

from openchronic.cli import main


class Row:
    """A line by column names: one sixth of the memory of a dictionary, for hundreds of thousands of lines."""

    __slots__ = ("_cells", "_places")

    def __init__(self, places: Mapping[str, int], cells: Sequence[str]) -> None:
        self._places = places
        self._cells = tuple(map(sys.intern, cells))

    def __getitem__(self, column: str) -> str:
        return self._cells[self._places[column]]

    def __contains__(self, column: str) -> bool:
        return column in self._places

    def values(self) -> tuple[str, ...]:
        return self._cells


class Extraction:
    """The files of a folder, read without the package."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.planted: dict[str, int] = json.loads((folder / "synth.json").read_text())["planted"]
        self._read: dict[str, list[Row]] = {}

    def rows(self, pattern: str) -> list[Row]:
        """Returns the rows of all files that match, each file once."""
        if pattern not in self._read:
            paths = sorted(self.folder.glob(pattern))
            assert paths, pattern
            rows = (row for path in paths for row in _rows(path))
            # Claims of December are delivered again with the next year.
            self._read[pattern] = list(
                {row.values(): row for row in rows}.values() if pattern.startswith("DCIR") else rows
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
        """Returns the person of each pseudonym and rank."""
        return {
            (row["BEN_NIR_PSA"], row["BEN_RNG_GEM"]): row["BEN_IDT_ANO"]
            for row in self.rows("IR_BEN_R*.CSV")
        }


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, delimiter=";", strict=True)
        header = next(reader)
        places = {column: place for place, column in enumerate(header)}
        for one in reader:
            assert len(one) == len(header), f"{path.name}: {one}"
            yield Row(places, one)


@pytest.fixture(scope="session")
def synth() -> Callable[..., int]:
    """Runs the command as a user would."""

    def run(folder: Path, *options: str, patients: int = 50) -> int:
        return main(["synth", str(folder), "--patients", str(patients), *options])

    return run


@pytest.fixture(scope="session")
def extraction(many: Path) -> Extraction:
    return Extraction(many)
