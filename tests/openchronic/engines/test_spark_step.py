"""What a step of a build asks of Spark, told by frames that note it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from openchronic.engines.spark_step import FEW, in_few, write_together


@dataclass
class Frame:
    """A table of one column, which notes into how many partitions it goes and how it is written."""

    dtypes: tuple[tuple[str, str], ...] = (("n", "bigint"),)
    partitions: int | None = None
    written: list[tuple[str, int | None]] = field(default_factory=list)

    def coalesce(self, partitions: int) -> Frame:
        return Frame(self.dtypes, partitions, self.written)

    @property
    def write(self) -> Any:
        return self

    def mode(self, word: str) -> Frame:
        assert word == "overwrite"
        return self

    def parquet(self, place: str) -> None:
        self.written.append((place, self.partitions))


class Session:
    def __init__(self, few: str) -> None:
        self.conf = {FEW: few}


def session(few: str) -> Any:
    return Session(few)


def frame() -> Any:
    return Frame()


@pytest.mark.parametrize(("few", "partitions"), [("1", 1), ("3", 3), ("", None)])
def test_rows_are_in_few_partitions_where_the_session_says_so(
    few: str, partitions: int | None, tmp_path: Path
) -> None:
    assert in_few(session(few), frame()).partitions == partitions
    table = frame()
    ((place, columns),) = write_together(session(few), {"one": table}, tmp_path).values()
    assert table.written == [(str(place), partitions)]
    assert [(one.written, one.name, one.kind) for one in columns] == [("n", "n", "bigint")]
