"""Identifiers kept from an older release, of 32 digits, are found in a newer one, of 16 characters."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from openchronic.runtime.ids import hex_of_id, is_id, of_today, short_id
from tests.openchronic.front_door import one_year_release, openchronic, rows
from tests.openchronic.made_once import made_once
from tests.openchronic.older_ids import with_older_ids


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases of one synthetic year, with current identifiers; read only."""
    return one_year_release(tmp_path_factory).parents[1]


@pytest.fixture(scope="session")
def older(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same releases with the former identifiers; read only."""
    made = made_once(
        tmp_path_factory, "older-ids", lambda folder: with_older_ids(releases, folder / "releases")
    )
    return made / "releases"


def in_service(releases: Path) -> Path:
    return (releases / "snds" / "current").resolve()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_older_release_maps_to_the_identifiers_of_today(
    releases: Path, older: Path, tmp_path: Path, suffix: str
) -> None:
    """Every event, stay and visit is mapped once, and no stay is lost between a table and its events."""
    file = tmp_path / f"ids.{suffix}"
    answer = openchronic("ids", file, "--releases", older)
    assert answer.status == 0, answer.text
    reader = f"read_{suffix}('{file}'" + (", all_varchar = true)" if suffix == "csv" else ")")
    mapped = f"(SELECT old_id, new_id FROM {reader} WHERE \"column\" = 'COLUMN')"  # noqa: S608
    for column, query in {
        "event_id": "SELECT event_id FROM event",
        "stay_id": "SELECT stay_id FROM stay UNION SELECT stay_id FROM event WHERE stay_id IS NOT NULL",
    }.items():
        held = mapped.replace("COLUMN", column)
        before = {one for (one,) in rows(in_service(older), query)}
        after = {one for (one,) in rows(in_service(releases), query)}
        pairs = rows(in_service(older), f"SELECT * FROM {held}")  # noqa: S608 - our own text
        assert len(pairs) == len(before) == len(after) > 100
        assert {old for old, _ in pairs} == before
        assert {new for _, new in pairs} == after
    episodes = {one for (one,) in rows(in_service(older), "SELECT episode_id FROM stay")}
    stays = rows(in_service(older), f"SELECT old_id FROM {mapped.replace('COLUMN', 'stay_id')}")  # noqa: S608
    assert episodes <= {one for (one,) in stays}


def test_a_release_of_today_needs_no_map(releases: Path, tmp_path: Path) -> None:
    answer = openchronic("ids", tmp_path / "ids.csv", "--releases", releases)
    assert answer.status == 1
    assert "has the identifiers of today already" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_map_replaces_no_file_and_is_of_a_known_kind(older: Path, tmp_path: Path) -> None:
    kept = tmp_path / "cohort.csv"
    kept.write_text("mine")
    there = openchronic("ids", kept, "--releases", older)
    assert (there.status, kept.read_text()) == (1, "mine")
    other = openchronic("ids", tmp_path / "ids.xlsx", "--releases", older)
    assert other.status == 2
    assert ".parquet or .csv" in other.err


def test_a_map_that_cannot_be_finished_is_not_there(older: Path, tmp_path: Path) -> None:
    broken = "import pathlib; pathlib.Path.replace = lambda *_: (_ for _ in ()).throw(OSError(28, 'full'))"
    answer = openchronic("ids", tmp_path / "ids.csv", "--releases", older, before=broken)
    assert answer.status == 1
    assert list(tmp_path.iterdir()) == []


def test_either_identifier_is_traced_in_either_release(releases: Path, older: Path) -> None:
    query = "SELECT max(event_id) FROM event WHERE event_type = 'drug'"
    ((short,),) = rows(in_service(releases), query)
    ((long,),) = rows(
        in_service(older),
        f"SELECT event_id FROM event WHERE starts_with(event_id, '{hex_of_id(short)}')",  # noqa: S608
    )
    assert of_today(long) == short
    # The older release is a copy: its typed tables are beside it.
    found = [
        openchronic("trace", one, "--releases", place).out.split(" of ", 1)
        for one in (short, long)
        for place in (releases, older)
    ]
    assert [start for start, _ in found] == [short, long, short, long]
    assert len({rest.split(": ", 1)[1] for _, rest in found}) == 1
    other = long[:-1] + ("0" if long[-1] != "0" else "1")
    assert openchronic("trace", other, "--releases", older).status == 1


def test_an_identifier_begins_no_option_and_no_formula(releases: Path, tmp_path: Path) -> None:
    found = rows(
        in_service(releases),
        "SELECT count(*) FILTER (WHERE NOT regexp_full_match(event_id, '[0-9A-Za-z._]{16}')), "
        "count(*), count(DISTINCT event_id) FROM event",
    )
    ((others, events, different),) = found
    assert (others, events) == (0, different)
    # The file is as the user of a spreadsheet keeps it.
    file = tmp_path / "mine.csv"
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows(
            rows(in_service(releases), "SELECT event_id FROM event LIMIT 500")
        )
    assert not any(line[0] in "-+=@\t" for line in file.read_text().splitlines())


def test_digits_and_identifiers_lead_to_each_other() -> None:
    for digits in ("866cea527d4e1c9b423fd55f9cb47c9f", "f" * 32, "0" * 32, "fbefbe" * 5 + "00"):
        assert hex_of_id(short_id(digits)) == digits[:24]
        assert of_today(digits) == of_today(short_id(digits)) == short_id(digits)
    for wrong in ("", "866cea", "x" * 32, "-" * 16, "a" * 17, "A" * 32):
        assert not is_id(wrong), wrong
        with pytest.raises(ValueError, match="identifier"):
            of_today(wrong)
