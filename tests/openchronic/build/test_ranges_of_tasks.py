"""A large text is read in ranges by several tasks, which tell what one reading of the whole does."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from openchronic.build.ingest_task import ToReadRange
from openchronic.errors import SourceError
from openchronic.ingest.misfits import SEP
from openchronic.ingest.reading import FileReading
from openchronic.store.entry import read_entry
from openchronic.store.refused import Refused
from openchronic.store.refused import refused as refused_values
from tests.openchronic.build.faulty_delivery import faulty, lose_digits
from tests.openchronic.build.reading_by_tasks import Read, lines, once, read, told, twice


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return faulty(tmp_path / "faulty")


@pytest.fixture(scope="module")
def long_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A faulty delivery, its claims in text where they were in Parquet too."""
    folder = faulty(tmp_path_factory.mktemp("long"))
    for year in (2017, 2018):
        text = next(folder.parent.glob(f"text*/**/ER_PRS_F_{year}.CSV"))
        text.rename(folder / "DCIR" / text.name)
    for parquet in (folder / "DCIR").glob("*RS_F*.parquet"):
        parquet.unlink()
    return folder


@pytest.fixture(scope="module")
def whole_texts(long_texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """What threads make of them, each file at once; read only."""
    return read(long_texts, tmp_path_factory.mktemp("whole-texts") / "one")


# Ranges of some six lines, which part the faulty ones, and of some thirty.
@pytest.mark.parametrize("most", [1_000, 5_003])
def test_a_large_text_is_read_in_ranges_that_tell_what_the_whole_does(
    long_texts: Path, whole_texts: Read, tmp_path: Path, most: int
) -> None:
    _, here, said_here = whole_texts
    parts: list[ToReadRange] = []

    def noting(works: Sequence[bytes]) -> Sequence[bytes]:
        asked = [order for one in works for order in pickle.loads(one).orders]  # noqa: S301
        parts.extend(order for order in asked if isinstance(order, ToReadRange))
        return twice(works)

    store, there, said_there = read(long_texts, tmp_path / "tasks", noting, most=most)
    assert len({order.file.name for order in parts}) == 3
    assert len(parts) > 3
    assert told(there) == told(here)
    assert said_there == said_here
    assert without_records(lines(there)) == without_records(lines(here))
    # A record is known by its file and its range, so that values are shown in the order of the lines.
    for table, reading in there.items():
        for one, other in zip(reading.files, here[table].files, strict=True):
            assert shown(one) == shown(other)
    again, _, _ = read(long_texts, tmp_path / "tasks", once, most=most)
    assert (again.files_added, again.files_used) == (0, store.files_added)


def without_records(
    found: dict[str, list[tuple[Any, ...]]],
) -> dict[str, list[tuple[Any, ...]]]:
    """Returns the lines without the numbers of rejected records, which count from the beginning of a range."""

    def plain(cell: Any) -> Any:
        parts = str(cell).split(SEP)
        return (*parts[:2], *parts[3:]) if len(parts) == 4 else cell

    return {
        table: sorted((tuple(map(plain, row)) for row in rows), key=repr)
        for table, rows in found.items()
    }


def shown(reading: FileReading) -> list[Refused]:
    """Returns the rejected values that an operator is shown."""
    return list(refused_values(read_entry(reading.folder, reading.origin.sha256)))


def test_a_range_that_cannot_be_read_is_refused_in_the_same_words(
    copied: Path, tmp_path: Path
) -> None:
    lose_digits(copied)
    with pytest.raises(SourceError) as here:
        read(copied, tmp_path / "threads")
    with pytest.raises(SourceError) as there:
        read(copied, tmp_path / "tasks", once, most=3_000)
    assert str(there.value) == str(here.value)
