"""Pathways in a session: tables of any library give what the files of the command give, and errors are in French."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import openchronic as oc

EXPOSURES = {
    "subject_id": [9007199254740991, 9007199254740991, 8],
    "treatment": ["A", "B", "B"],
    "start_date": [date(2020, 1, 1), date(2020, 3, 1), date(2020, 1, 1)],
    "end_date": [date(2020, 3, 15), date(2020, 9, 1), date(2020, 12, 31)],
}
COHORT = {
    "subject_id": [9007199254740991, 8, 7],
    "start_date": [date(2020, 1, 1)] * 3,
    "end_date": [date(2020, 12, 31)] * 3,
}
SHARES = [(path, 1, 1, 1 / 3) for path in ("", "A-B", "B")]


def test_tables_of_each_library_and_files_give_the_same(tmp_path: Path) -> None:
    exposures, cohort = pa.table(EXPOSURES), pa.table(COHORT)
    connection = duckdb.connect()
    connection.register("exposures", exposures)
    frame = pd.DataFrame(EXPOSURES)
    frame["start_date"] = pd.to_datetime(frame["start_date"])
    pl.from_arrow(exposures).write_csv(tmp_path / "exposures.csv")
    every = [
        oc.pathways(given, cohort)
        for given in (
            exposures,
            connection.table("exposures"),
            frame,
            pl.DataFrame(EXPOSURES).lazy(),
            tmp_path / "exposures.csv",
        )
    ]
    for made in every:
        assert made.shares.project("* EXCLUDE (pathway)").fetchall() == SHARES
    made = every[0]
    assert [row[1:6] for row in made.steps.fetchall()] == [
        ("8", 1, 1, "B", date(2020, 1, 1)),
        ("9007199254740991", 1, 1, "A", date(2020, 1, 1)),
        ("9007199254740991", 1, 2, "B", date(2020, 3, 1)),
    ]
    assert (made.given.periods, made.given.subjects, made.given.strangers) == (3, 3, 0)


def test_parameters_are_named_in_the_call_or_in_rows() -> None:
    exposures, cohort = pa.table(EXPOSURES), pa.table(COHORT)
    one = oc.pathways(exposures, cohort, combination_days=10)
    assert "A-A+B-B" not in {row[1] for row in one.shares.fetchall()}
    two = oc.pathways(exposures, cohort, combination_days=10, min_part_days=5)
    assert "A-A+B-B" in {row[1] for row in two.shares.fetchall()}
    rows: list[dict[str, object]] = [
        {"pathway": "court", "combination_days": 10, "min_part_days": 5},
        {"pathway": "long"},
    ]
    both = oc.pathways(exposures, cohort, rows).shares.fetchall()
    assert [row[:2] for row in both] == [
        *(("court", ""), ("court", "A-A+B-B"), ("court", "B")),
        *(("long", ""), ("long", "A-B"), ("long", "B")),
    ]


def test_errors_are_in_french_and_name_the_table_and_the_row() -> None:
    wrong = pa.table(EXPOSURES | {"end_date": [date(2020, 3, 15), date(2019, 1, 1), None]})
    with pytest.raises(oc.OpenChronicError, match=r"exposures\s: la ligne 2 a un end_date avant"):
        oc.pathways(wrong, pa.table(COHORT))
    with pytest.raises(oc.OpenChronicError, match=r"cohort\s: il manque end_date"):
        oc.pathways(pa.table(EXPOSURES), pa.table(COHORT).drop(["end_date"]))
    with pytest.raises(oc.OpenChronicError, match=r"max_gap_days doit être un nombre entier de -1"):
        oc.pathways(pa.table(EXPOSURES), pa.table(COHORT), max_gap_days="beaucoup")
    with pytest.raises(oc.OpenChronicError, match="pas les deux"):
        oc.pathways(pa.table(EXPOSURES), pa.table(COHORT), [{"pathway": "a"}], max_gap_days=3)
