"""Samples of subjects: the same in every table, with every engine, in every release of a site."""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.releases import releases_of
from openchronic.releases.sampling import MODULUS, limit
from tests.openchronic.front_door import built
from tests.openchronic.made_once import made_once
from tests.pace import patience

BUCKETS = 8


@pytest.fixture(scope="session")
def published(
    synthetic: Path, synthetic_releases: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A release of 100 synthetic patients in 8 buckets, and an earlier one in 2 buckets with other filters;
    read only."""

    def make(folder: Path) -> None:
        # Another test may be exporting there.
        but = shutil.ignore_patterns(".exports", ".access")
        shutil.copytree(synthetic_releases, folder, symlinks=True, ignore=but, dirs_exist_ok=True)
        built(synthetic, folder, "--buckets", BUCKETS, "--without-filter", "stay.finess_sent_again")

    return made_once(tmp_path_factory, "samples", make)


@pytest.fixture(autouse=True)
def session(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(published))
    monkeypatch.setattr(pinning, "_pinned", {})


def subjects(release: oc.Release | str | None, table: str = "patient") -> set[int]:
    found = oc.table(table, release).project("subject_id").distinct().fetchall()
    return {subject for (subject,) in found}


def test_every_table_holds_the_rows_of_the_same_subjects() -> None:
    whole, tenth = oc.release(), oc.release(sample=0.1)
    chosen = subjects(tenth)
    assert 3 < len(chosen) < 20
    for table in whole.tables:
        rows = oc.table(table, whole)
        if "subject_id" in rows.columns:
            kept = [row for row in rows.fetchall() if row[0] in chosen]
            assert rows.columns[0] == "subject_id"
        else:
            kept = rows.fetchall()
        found = oc.table(table, tenth).fetchall()
        assert sorted(found, key=repr) == sorted(kept, key=repr), table
        assert tenth.rows(table) == len(kept)
    assert {"code", "reject"} <= {
        name for name in whole.tables if whole.rows(name) == tenth.rows(name)
    }


def test_a_smaller_sample_is_inside_a_larger_one() -> None:
    shares = (0.03, 0.1, 0.5, 0.9)
    found = [subjects(oc.release(sample=share)) for share in shares]
    for small, large in pairwise(found):
        assert small < large
    assert set() < found[0]
    assert found[-1] < subjects(None)


def test_the_rule_is_the_documented_one_in_whole_numbers_and_in_those_of_r() -> None:
    wanted = {one for one in subjects(None) if one % 1000003 < 100000}
    in_doubles = {one for one in subjects(None) if math.fmod(float(one), 1000003.0) < 100000.0}
    assert subjects(oc.release(sample=0.1)) == wanted == in_doubles


def test_each_bucket_gives_its_share() -> None:
    assert all(math.gcd(MODULUS, buckets) == 1 for buckets in range(1, 10_001))
    drawn = (hashlib.sha256(str(number).encode()).digest() for number in range(100_000))
    numbers = [int.from_bytes(digest[:8]) >> 11 for digest in drawn]
    for buckets in (2, 16, 100):
        for bucket in range(buckets):
            dealt = [one for one in numbers if one % buckets == bucket]
            share = sum(one % MODULUS < limit(0.1) for one in dealt) / len(dealt)
            assert 0.06 < share < 0.14, (buckets, bucket)
    assert len({one % BUCKETS for one in subjects(oc.release(sample=0.5))}) == BUCKETS


def test_another_release_of_the_site_gives_the_same_subjects(published: Path) -> None:
    before, now = releases_of(published, "snds")
    assert before.rows("event") != now.rows("event")
    assert subjects(before.sampled(0.1)) == subjects(now.sampled(0.1))


@pytest.mark.parametrize("library", ["pyarrow", "pandas", "polars", "dask"])
def test_each_reader_gives_the_sample(library: str) -> None:
    pytest.importorskip(library, reason=f"{library} is in sessions; tests/images runs it there")
    tenth = oc.release(sample=0.1)
    read: Any = getattr(oc, library.removeprefix("py"))("event", tenth, columns=["event_id"])
    if library == "polars":
        read = read.collect()
    if library == "dask":
        assert read.npartitions == BUCKETS
        read = read.compute()
    found = read["event_id"].to_pylist() if library == "pyarrow" else list(read["event_id"])
    wanted = oc.table("event", tenth).project("event_id").fetchall()
    assert sorted(found) == sorted(one for (one,) in wanted)


@pytest.mark.spark
def test_spark_gives_the_sample() -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed (extra `spark`)")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    script = (
        "import openchronic as oc; s = oc.spark(oc.release(sample=0.1)); "
        "print('answer', *(s.table(t).count() for t in ('patient', 'event', 'cost', 'code')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"OPENCHRONIC_MEMORY": str(2 << 30)},
        timeout=patience(300),
        check=False,
    )
    tenth = oc.release(sample=0.1)
    counts = " ".join(str(tenth.rows(name)) for name in ("patient", "event", "cost", "code"))
    assert f"answer {counts}" in done.stdout, done.stderr[-2000:]


def test_a_sample_says_that_it_is_one() -> None:
    few = oc.release(sample=0.03)
    patients, events = len(subjects(few)), oc.release().rows("event")
    assert patients > 1
    assert (
        f", échantillon de 3 % des sujets : {patients} patients, environ {round(events * 0.03)} "
        "événements"
    ) in repr(few)
    assert "échantillon de 12,5 % des sujets" in oc.release(sample=0.125)._repr_html_()
    assert "environ" in oc.release(sample=0.125)._repr_html_()
    assert "échantillon" not in repr(oc.release())
    assert few != oc.release()


@pytest.mark.parametrize("sample", [0, 1, -0.1, 2, 1e-9, math.nan, "0.1"])
def test_what_is_no_share_is_said_in_french(sample: Any) -> None:
    with pytest.raises(oc.OpenChronicError, match=r"entre 0 et 1.*0\.01 \(1 % des sujets\)"):
        oc.release(sample=sample)


def test_delivered_tables_have_no_sample() -> None:
    with pytest.raises(oc.OpenChronicError, match=r"n'ont pas d'échantillon.*sans sample"):
        oc.source("ER_PRS_F", oc.release(sample=0.1))


def test_a_session_pins_the_whole_release() -> None:
    oc.release(sample=0.1)
    assert oc.table("patient").fetchall() == oc.table("patient", oc.release()).fetchall()
