"""Wherever Spark cuts the files of a release, checks, comparisons and exports return the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

import openchronic as oc
from openchronic.api import pinning
from tests.openchronic.commands.faulty_releases import FAULTS, change_manifest, with_fault
from tests.openchronic.cut_release import cut_in_a_day
from tests.openchronic.front_door import IN_TWO, built, one_year_release, openchronic, rows
from tests.openchronic.made_once import made_once


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_year_release(tmp_path_factory)


@pytest.fixture(scope="session")
def cut(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same release, each of its files cut in two; read only."""
    made = made_once(
        tmp_path_factory, "cut", lambda folder: cut_in_a_day(whole, folder / "releases")
    )
    return made / "releases" / whole.parent.name / whole.name


def checks(release: Path) -> dict[str, dict[str, Any]]:
    answer = openchronic("check", release, "--json", "--threads", 2)
    assert answer.status in (0, 1), answer.text
    return {one["name"]: one for one in json.loads(answer.out)["checks"]}


def test_days_are_cut_here(cut: Path) -> None:
    """Without such days, the other tests would prove nothing."""
    for bucket in sorted((cut / "event").iterdir()):
        one, other = (parquet.ParquetFile(path).read() for path in sorted(bucket.iterdir()))
        last = (one["subject_id"][-1], one["start_date"][-1])
        assert last == (other["subject_id"][0], other["start_date"][0])


def test_every_check_says_the_same(whole: Path, cut: Path) -> None:
    assert checks(cut) == checks(whole)


@pytest.mark.parametrize("name", ["day_not_in_order", "event_id_twice"])
def test_a_fault_is_noticed_in_pieces_too(cut: Path, tmp_path: Path, name: str) -> None:
    assert checks(with_fault(cut, FAULTS[name], tmp_path))[name]["state"] == "stop"


def test_nobody_differs_where_only_files_do(cut: Path, whole: Path, tmp_path: Path) -> None:
    """The files have the same names, with other rows in each."""
    later = cut_in_a_day(whole, tmp_path / "releases", at="last")
    assert sorted(path.name for path in later.rglob("*.parquet")) == sorted(
        path.name for path in cut.rglob("*.parquet")
    )
    answer = openchronic("diff", cut, later)
    assert answer.status == 0, answer.text
    assert "0 with other rows" in answer.out, answer.out


def test_an_exported_subject_is_in_one_file(cut: Path, whole: Path, tmp_path: Path) -> None:
    seen: dict[int, str] = {}
    told = []
    for release, name in ((cut, "cut"), (whole, "whole")):
        folder = release.parent / ".exports" / f"{name}-{tmp_path.name}"
        answer = openchronic("export", "--meds", folder, "--releases", release.parent.parent)
        assert answer.status == 0, answer.text
        found = []
        for file in sorted((folder / "data").rglob("*.parquet")):
            table = parquet.ParquetFile(file).read()
            found += table.to_pylist()
            if name == "cut":
                for subject in set(table["subject_id"].to_pylist()):
                    assert seen.setdefault(subject, str(file)) == str(file)
        told.append(found)
    assert told[0] == told[1]
    assert len(seen) == rows(whole, "SELECT count(*) FROM patient")[0][0]


def test_a_bucket_without_a_file_loses_nobody(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    """Spark writes no file for a bucket without events; a patient may be in the bucket all the same."""
    release = cut_in_a_day(built(delivery, releases, *IN_TWO), tmp_path / "cut")
    (bucket, *_) = sorted((release / "event").iterdir())
    shutil.rmtree(bucket)

    def forget(manifest: dict[str, Any]) -> None:
        files = manifest["tables"]["event"]["files"]
        for name in [name for name in files if bucket.name in name]:
            del files[name]

    change_manifest(release, forget)
    folder = release.parent / ".exports/dataset"
    answer = openchronic("export", "--meds", folder, "--releases", release.parent.parent)
    assert answer.status == 0, answer.text
    exported = [
        row
        for file in (folder / "data").rglob("*.parquet")
        for row in parquet.ParquetFile(file).read().to_pylist()
    ]
    people = rows(release, "SELECT subject_id FROM patient WHERE sex IS NOT NULL")
    assert sorted(row["subject_id"] for row in exported if row["event_type"] == "sex") == sorted(
        one for (one,) in people
    )


def test_dask_has_a_subject_in_one_partition(cut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask", reason="dask is in sessions; tests/images runs it there")
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(cut.parent.parent))
    monkeypatch.setattr(pinning, "_pinned", {})
    events = oc.dask("event")
    assert len(events) == oc.release().rows("event")
    subjects = events.map_partitions(lambda part: part[["subject_id"]].drop_duplicates()).compute()
    assert subjects.subject_id.is_unique
