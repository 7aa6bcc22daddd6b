"""What every file costs: it is looked at once, and no costly question is asked of values that answer a cheap one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from openchronic.ingest import parquet
from openchronic.ingest.casting import Cast
from openchronic.ingest.dates import oddities
from openchronic.ingest.emptying import without_misfit
from openchronic.ingest.parquet import Footer, footers


def _write(query: str, path: Path) -> None:
    duckdb.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


def _kept(kept: str, values: Sequence[str | None]) -> list[tuple[str | None]]:
    query = f"SELECT {kept} FROM (SELECT unnest(?) AS a) AS typed"  # noqa: S608 - the text under test
    return duckdb.execute(query, [values]).fetchall()


def test_a_footer_is_read_once_until_the_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    true_reading = parquet._read_footers

    def reading(paths: Sequence[Path]) -> dict[Path, Footer]:
        read.extend(paths)
        return true_reading(paths)

    monkeypatch.setattr(parquet, "_read_footers", reading)
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    _write("SELECT 1 AS a", one)
    _write("SELECT 2 AS a", other)
    assert footers([one])[one][1] == 1
    assert set(footers([one, other])) == {one, other}
    assert read == [one, other]
    _write("SELECT unnest([1, 2, 3]) AS a, 'x' AS b", one)
    columns, rows = footers([one])[one]
    assert ([column.name for column in columns], rows) == (["a", "b"], 3)
    assert read == [one, other, one]


def test_faults_of_an_idle_column_are_asked_of_suspect_values_alone() -> None:
    fault = "CASE WHEN typed.a = 'wrong' THEN TRUE ELSE error(typed.a) END"
    one = Cast("a", "raw.a", "typed.a", "typed.a LIKE 'w%'", ((fault, "wrong"),))
    kept = without_misfit(one)
    fine = _kept(kept, ["right", "wrong", None])
    assert fine == [("right",), (None,), (None,)]
    with pytest.raises(duckdb.InvalidInputException, match="wary"):
        _kept(kept, ["wary"])


@pytest.mark.parametrize("written", ["0001-01-01", "01/01/0001", "9999-12-31", "31/12/9999"])
def test_a_day_of_the_first_or_the_last_year_is_told(written: str) -> None:
    year = "9999" if "9999" in written else "0001"
    assert oddities("A_DTD", [written, "2016-01-01", "01/01/2016"]) == {
        f"A_DTD: dates of the year {year} are read as missing"
    }


@pytest.mark.parametrize("written", ["05/01/16", "05-01-16", "05-01-16 00:00"])
def test_a_year_of_two_digits_is_told_beside_plain_days(written: str) -> None:
    assert oddities("A_DTD", [written, "2016-01-05", "05/01/2016"])
    assert not oddities("A_DTD", ["2016-01-05", "05/01/2016"])
