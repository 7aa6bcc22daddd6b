"""One question to every engine: the same rows have the same digest, and other rows another."""

from __future__ import annotations

import datetime
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import openchronic as oc
from openchronic.selftest import rows
from openchronic.selftest.__main__ import main


def test_the_digest_is_that_of_the_text_that_its_page_describes() -> None:
    """Written out, since R computes it too (openchronic_env/r/openchronic/tests/testthat/test-selftest.R)."""
    found = [("visit", 2021, None, datetime.date(2021, 12, 31)), ("death", 2020, 11, None)]
    text = "=death\x1f=2020\x1f=11\x1f-\n=visit\x1f=2021\x1f-\x1f=2021-12-31"
    assert rows.digest(found) == hashlib.sha256(text.encode()).hexdigest()
    assert rows.digest(found) == "2467e46e547f899b2377c48f31390b741518dd22f4d4c1dd2c92165932d75821"
    assert rows.digest(reversed(found)) == rows.digest(found)


def test_missing_values_numbers_and_dates_are_alike_whoever_gives_them() -> None:
    pandas = pytest.importorskip("pandas")
    plain = rows.digest([(None, None, 3, datetime.date(2021, 1, 2))])
    day = pandas.Timestamp("2021-01-02")
    assert rows.digest([(pandas.NA, pandas.NaT, 3.0, day)]) == plain
    assert rows.digest([(float("nan"), None, 4, day)]) != plain
    assert rows.digest([("-", None, 3, day)]) != plain, "a text is no missing value"


def test_engines_agree_over_every_type_of_event(
    synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    release = oc.release()
    by_duckdb = rows.by_duckdb(release)
    assert len(by_duckdb) > 20
    assert rows.digest(rows.by_dask(release)) == rows.digest(by_duckdb)
    # A row less, or a figure that differs by one, is seen.
    first, *others = sorted(by_duckdb, key=str)
    assert rows.digest(others) != rows.digest(by_duckdb)
    assert rows.digest([(*first[:2], first[2] + 1, *first[3:]), *others]) != rows.digest(by_duckdb)  # type: ignore[operator]


def test_pytorch_agrees_on_the_processor(
    synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="PyTorch is in the image pytorch-gpu only")
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    release = oc.release()
    assert rows.digest(rows.by_pytorch(release)) == rows.digest(rows.by_duckdb(release))


def test_the_verb_tells_the_digests_and_fails_where_they_differ(
    synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    only = ("--engine", "duckdb", "--engine", "dask")
    assert main(["rows", *only, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["digests"]) == {"duckdb", "dask"}
    assert told["ok"] is True
    monkeypatch.setitem(rows.ENGINES, "dask", lambda release: rows.by_duckdb(release)[1:])
    assert main(["rows", *only]) == 1
    assert "ne s’accordent pas" in capsys.readouterr().out
    assert main(["rows", "nulle-part"]) == 1
    assert "nulle-part" in capsys.readouterr().err


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "openchronic.selftest", "rows", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "--engine" in done.stdout
