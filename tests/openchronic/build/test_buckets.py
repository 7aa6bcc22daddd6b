"""Buckets decide how rows are cut into files, and nothing else: any number of them makes the same release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.front_door import built, digests, openchronic
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import METFORMIN, claim, pack, person, plain, write

MANY = 130
SEVERAL = [letter * 17 for letter in "ABCDEF"]


@pytest.fixture(scope="session")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same delivery in two buckets, and in many; read only."""

    def make(folder: Path) -> None:
        source = folder / "delivery"
        made = openchronic("synth", source, "--patients", 150, "--seed", 3, "--years", 1, "--tidy")
        assert made.status == 0, made.text
        for buckets in (2, MANY):
            built(source, folder / str(buckets), "--buckets", buckets)

    return made_once(tmp_path_factory, "buckets", make)


def release_of(cut: Path, buckets: int) -> Path:
    return (cut / str(buckets) / "snds" / "current").resolve()


def tables_of(release: Path) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((release / "manifest.json").read_text())["tables"]
    return tables


def test_more_than_a_hundred_buckets_hold_the_same_release(cut: Path) -> None:
    few, many = release_of(cut, 2), release_of(cut, MANY)
    assert digests(few) == digests(many)
    assert few.name.split("-")[1] == many.name.split("-")[1]
    folders = {path.name for path in (many / "event").iterdir()}
    assert folders == {f"bucket={n:02}" for n in range(MANY)}
    assert openchronic("check", "--releases", cut / str(MANY)).status == 0


def test_the_digest_of_a_table_is_that_of_the_sums_of_its_buckets(cut: Path) -> None:
    """One bucket can be made again, and only its sums replaced."""
    few, many = (tables_of(release_of(cut, buckets)) for buckets in (2, MANY))
    for table, one in few.items():
        added = [
            [sum(int(numbers[place]) for numbers in made["sums"].values()) for place in range(3)]
            for made in (one, many[table])
        ]
        assert added[0] == added[1], table
        assert added[0][0] == one["rows"], table
        assert one["sha256"] == many[table]["sha256"]
    assert set(few["event"]["sums"]) == {"bucket=00", "bucket=01"}
    assert set(few["patient"]["sums"]) == {""}
    assert len(many["event"]["sums"]) > 60


def test_another_line_of_a_person_changes_the_sums_of_their_bucket_alone(tmp_path: Path) -> None:
    files = {name: [dict(row) for row in rows] for name, rows in plain().items()}
    files["IR_BEN_R.CSV"] = [person(one) for one in SEVERAL]
    claims = [claim(n, one, "10/03/2021") for n, one in enumerate(SEVERAL, 1)]
    files["DCIR_2021/ER_PRS_F_2021.CSV"] = claims
    files["DCIR_2021/ER_PHA_F_2021.CSV"] = [pack(n, METFORMIN) for n, _ in enumerate(SEVERAL, 1)]
    before = built(write(tmp_path / "a", files), tmp_path / "before", "--buckets", 7)
    files["DCIR_2021/ER_PHA_F_2021.CSV"][-1] = pack(len(SEVERAL), METFORMIN, 3)
    after = built(write(tmp_path / "b", files), tmp_path / "after", "--buckets", 7)
    was, now = (tables_of(one)["event"]["sums"] for one in (before, after))
    assert len(was) > 2
    assert sum(was[bucket] != now[bucket] for bucket in was) == 1
