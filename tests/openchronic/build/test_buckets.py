"""Buckets decide how rows are cut into files, and nothing else: any number of them makes the same release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.openchronic.front_door import (
    build,
    built,
    digests,
    one_year,
    one_year_release,
    openchronic,
)
from tests.openchronic.made_once import made_once
from tests.openchronic.small_delivery import METFORMIN, claim, pack, person, plain, write

# DuckDB keeps the files of a hundred partitions open at once, here of fewer than there are buckets, and its rows of each in
# memory as long as there are few: a bucket then has several files. Each bucket runs all models of subjects again.
OPEN_AT_ONCE, MANY, ROWS = 4, 13, 64
FEW_FILES = f"""
import openchronic.engines.duck as duck
import openchronic.runtime.database as database
duck.ROWS_IN_PARTITIONS, duck.VECTOR = 0, {ROWS}
sql = database.sql
database.sql = lambda name: sql(name) + "; SET partitioned_write_max_open_files = {OPEN_AT_ONCE}"
"""
SEVERAL = [letter * 17 for letter in "ABCDEF"]


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release in two buckets; read only."""
    return one_year_release(tmp_path_factory)


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the same delivery in more buckets than files that are open at once; read only."""
    source = one_year(tmp_path_factory)

    def make(folder: Path) -> None:
        answer = build(source, folder, "--buckets", MANY, before=FEW_FILES)
        assert answer.status == 0, answer.text

    made = made_once(tmp_path_factory, "buckets", make)
    return (made / "snds" / "current").resolve()


def tables_of(release: Path) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads((release / "manifest.json").read_text())["tables"]
    return tables


def test_more_buckets_than_duckdb_keeps_files_open_hold_the_same_release(
    few: Path, many: Path
) -> None:
    assert digests(few) == digests(many)
    assert few.name.split("-")[1] == many.name.split("-")[1]
    folders = {path.name for path in (many / "event").iterdir()}
    assert folders == {f"bucket={n:02}" for n in range(MANY)}
    assert openchronic("check", "--releases", many.parents[1]).status == 0


def test_the_digest_of_a_table_is_that_of_the_sums_of_its_buckets(few: Path, many: Path) -> None:
    """One bucket can be made again, and only its sums replaced."""
    of_few, of_many = tables_of(few), tables_of(many)
    for table, one in of_few.items():
        added = [
            [sum(int(numbers[place]) for numbers in made["sums"].values()) for place in range(3)]
            for made in (one, of_many[table])
        ]
        assert added[0] == added[1], table
        assert added[0][0] == one["rows"], table
        assert one["sha256"] == of_many[table]["sha256"]
    assert set(of_few["event"]["sums"]) == {"bucket=00", "bucket=01"}
    assert set(of_few["patient"]["sums"]) == {""}
    assert len(of_many["event"]["sums"]) == MANY


def test_another_line_of_a_person_changes_the_sums_of_their_bucket_alone(tmp_path: Path) -> None:
    files = {name: [dict(row) for row in rows] for name, rows in plain().items()}
    files["IR_BEN_R.CSV"] = [person(one) for one in SEVERAL]
    claims = [claim(n, one, "10/03/2021") for n, one in enumerate(SEVERAL, 1)]
    files["DCIR_2021/ER_PRS_F_2021.CSV"] = claims
    files["DCIR_2021/ER_PHA_F_2021.CSV"] = [pack(n, METFORMIN) for n, _ in enumerate(SEVERAL, 1)]
    before = built(write(tmp_path / "a", files), tmp_path / "before", "--buckets", 4)
    files["DCIR_2021/ER_PHA_F_2021.CSV"][-1] = pack(len(SEVERAL), METFORMIN, 3)
    after = built(write(tmp_path / "b", files), tmp_path / "after", "--buckets", 4)
    was, now = (tables_of(one)["event"]["sums"] for one in (before, after))
    assert len(was) > 2
    assert sum(was[bucket] != now[bucket] for bucket in was) == 1


@pytest.mark.parametrize(("claims_of_a_bucket", "buckets"), [(500_000, 1), (6, 1), (3, 2), (2, 4)])
def test_the_number_of_claims_asks_for_buckets(
    tmp_path: Path, claims_of_a_bucket: int, buckets: int
) -> None:
    """Six claims, of one person each; a power of two of buckets, none with more claims than that on average."""
    releases = tmp_path / "releases"
    assert buckets_of(several(tmp_path / "source", 6), releases, claims_of_a_bucket) == buckets


def test_buckets_stay_until_a_base_whose_parts_are_kept_has_grown_by_half(tmp_path: Path) -> None:
    """With another number, all parts of all subjects would be made again for one claim more."""
    releases = tmp_path / "releases"

    def number(claims: int) -> int:
        source = several(tmp_path / str(claims), claims)
        return buckets_of(source, releases, 3, "--keep-parts")

    assert [number(6), number(7)] == [2, 2]
    assert buckets_of(several(tmp_path / "whole", 7), tmp_path / "others", 3) == 4
    made, whole = (folder / "snds" / "current" for folder in (releases, tmp_path / "others"))
    assert digests(made.resolve()) == digests(whole.resolve())
    assert [number(12), number(8)] == [4, 4]


def several(source: Path, claims: int) -> Path:
    """Writes a delivery of so many claims, of the six persons in turn."""
    files = {name: [dict(row) for row in rows] for name, rows in plain().items()}
    files["IR_BEN_R.CSV"] = [person(one) for one in SEVERAL]
    numbers = range(1, claims + 1)
    files["DCIR_2021/ER_PRS_F_2021.CSV"] = [
        claim(n, SEVERAL[n % len(SEVERAL)], "10/03/2021") for n in numbers
    ]
    files["DCIR_2021/ER_PHA_F_2021.CSV"] = [pack(n, METFORMIN) for n in numbers]
    return write(source, files)


def buckets_of(source: Path, releases: Path, claims_of_a_bucket: int, *options: str) -> int:
    """Returns the number of buckets of a release of ``source``."""
    few = (
        f"from openchronic.build import context; context.CLAIMS_OF_A_BUCKET = {claims_of_a_bucket}"
    )
    accepted = ("--accept", "rows_lost", "--quiet")
    answer = openchronic("build", source, releases, *accepted, *options, before=few)
    assert answer.status == 0, answer.text
    release = releases / "snds" / "current"
    number: int = json.loads((release / "manifest.json").read_text())["settings"]["buckets"]
    assert len(list((release / "event").iterdir())) == number
    return number
