"""Published counts are read back as written; any other content is refused with its place."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openchronic.errors import SettingsError
from openchronic.quality.published import (
    AGE_CLASSES,
    COLUMNS,
    MOST_PATIENTS,
    SEXES,
    YEARS,
    Cell,
    read_published,
)

few = settings(max_examples=100, deadline=None, derandomize=True, database=None)
CELL = st.builds(
    Cell,
    disease=st.sampled_from((1, 8, 30, 32, 99)),
    sex=st.sampled_from(SEXES),
    age_class=st.sampled_from(AGE_CLASSES),
    year=st.sampled_from(YEARS),
)
HEADER = ";".join(COLUMNS)


@few
@given(
    counts=st.dictionaries(CELL, st.integers(0, MOST_PATIENTS), min_size=1, max_size=20),
    separator=st.sampled_from(";,"),
    order=st.permutations(COLUMNS),
    end=st.sampled_from(("\n", "\r\n")),
    mark=st.sampled_from(("utf-8", "utf-8-sig")),
)
def test_what_is_written_is_read(
    *,
    tmp_path_factory: pytest.TempPathFactory,
    counts: dict[Cell, int],
    separator: str,
    order: list[str],
    end: str,
    mark: str,
) -> None:
    path = tmp_path_factory.getbasetemp() / "published.csv"
    with path.open("w", encoding=mark, newline="") as file:
        writer = csv.DictWriter(file, order, delimiter=separator, lineterminator=end)
        writer.writeheader()
        writer.writerows(vars(cell) | {"patients": n} for cell, n in counts.items())
    assert read_published(path) == counts


@few
@given(
    start=st.sampled_from(("", f"{HEADER}\n", f"{HEADER}\n8;M;all;2017;")),
    rest=st.text(max_size=60).map(str.encode) | st.binary(max_size=60),
)
def test_other_text_is_refused_by_the_name_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, start: str, rest: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "other.csv"
    path.write_bytes(start.encode() + rest)
    said, cells = str(path), [Cell(8, "M", "all", 2017)]
    try:
        cells = [*read_published(path)]
    except SettingsError as problem:
        said = str(problem)
    assert str(path) in said
    assert cells == [Cell(8, "M", "all", 2017)]


def test_a_folder_in_the_place_of_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="this is a folder"):
        read_published(tmp_path)
