"""What must be equal before events are timed, and what is said where Spark is not; it measures nothing."""

from pathlib import Path

import duckdb
import pytest

from tests.bench import drug_rows, drugs, release_rows, spark
from tests.bench.result import BenchError

EVENT = (
    "SELECT {subject} AS subject_id, DATE '2020-01-01' AS start_date, DATE '2020-02-01' AS known_date, "
    "'city' AS care_setting, 'CIP13' AS vocabulary, '3400930000001' AS code, {quantity} AS quantity, "
    "'p' AS provider_id, '1' AS provider_specialty, NULL AS facility_id, 1 AS n_source_rows, NULL AS flags, "
    "'{kind}' AS event_type, '{id}' AS event_id"
)


def release(folder: Path, *events: str) -> Path:
    part = folder / "event" / "bucket=00"
    part.mkdir(parents=True)
    query = " UNION ALL ".join(events)
    duckdb.execute(f"COPY ({query}) TO '{part}/part-0.parquet' (FORMAT parquet)")
    return folder


def event(subject: int, *, quantity: float = 1.0, kind: str = "drug", known_as: str = "a") -> str:
    return EVENT.format(subject=subject, quantity=f"{quantity}::DOUBLE", kind=kind, id=known_as)


def test_drugs_are_the_same_in_any_order_and_under_any_identifier(tmp_path: Path) -> None:
    one = release(tmp_path / "one", event(1), event(2))
    other = release(
        tmp_path / "two", event(2, known_as="b"), event(1, known_as="c"), event(1, kind="visit")
    )
    assert drug_rows.of_release(one) == drug_rows.of_release(other)


@pytest.mark.parametrize("events", [(event(1, quantity=2.0),), (event(1), event(1)), (event(2),)])
def test_drugs_that_differ_in_a_cell_or_in_number_are_refused(
    tmp_path: Path, events: tuple[str, ...]
) -> None:
    one, other = release(tmp_path / "one", event(1)), release(tmp_path / "two", *events)
    with pytest.raises(BenchError, match="not the same"):
        drugs.same({"one": drug_rows.of_release(one), "two": drug_rows.of_release(other)})


def test_a_floor_numbers_persons_in_its_own_way(tmp_path: Path) -> None:
    (subject,) = duckdb.execute(
        f"SELECT {drug_rows.SUBJECT} FROM (SELECT 'somebody' AS identity)"  # noqa: S608
    ).fetchall()[0]
    built = release(tmp_path / "built", event(subject))
    by_hand = event(1).replace("subject_id", "person")
    duckdb.execute(f"COPY ({by_hand}) TO '{tmp_path}/drug.parquet' (FORMAT parquet)")
    named = "SELECT 1 AS person, 'somebody' AS identity"
    duckdb.execute(f"COPY ({named}) TO '{tmp_path}/person.parquet' (FORMAT parquet)")
    assert drug_rows.of_floor(tmp_path) == drug_rows.of_release(built)


def test_releases_are_compared_by_table_and_not_by_file(tmp_path: Path) -> None:
    one = release(tmp_path / "one", event(1), event(2))
    other = release(tmp_path / "two", event(1))
    duckdb.execute(f"COPY ({event(2)}) TO '{other}/event/more.parquet' (FORMAT parquet)")
    (other / "reject").mkdir()
    assert release_rows.of_release(one) == release_rows.of_release(other)
    third = release(tmp_path / "three", event(1), event(2, known_as="b"))
    assert release_rows.of_release(one) != release_rows.of_release(third)


def test_where_no_python_builds_on_spark_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\necho usage: openchronic build\n")
    old.chmod(0o755)
    monkeypatch.setenv(spark.PYTHON, str(old))
    monkeypatch.setenv("JAVA_HOME", "/some/java")
    spark.python.cache_clear()
    assert spark.python() is None
    assert "Spark is not measured" in capsys.readouterr().err
    spark.python.cache_clear()
