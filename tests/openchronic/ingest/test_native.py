"""A column that a file of Parquet stores in its type is read as its text would be: the same values, the same rejects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from openchronic.catalogue import load_tables
from openchronic.ingest import reading
from openchronic.ingest.finding import Delivered
from openchronic.ingest.raw import scan_file
from openchronic.ingest.reading import FileReading, read_file

CLAIMS = load_tables()["ER_PRS_F"]
NAMES = ("FLX_DIS_DTD", "EXE_SOI_DTD", "EXE_SOI_DTF", "PRS_NAT_REF", "PRS_ACT_QTE", "BEN_NIR_PSA")
TABLE = replace(
    CLAIMS,
    period="none",
    key=("EXE_SOI_DTD", "PRS_NAT_REF"),
    columns=tuple(
        replace(CLAIMS.column(name), required=name in ("EXE_SOI_DTD", "PRS_NAT_REF"))
        for name in NAMES
    ),
)
DAYS = (
    *("'2021-03-10'", "NULL", "'1600-01-01'", "'9999-12-31'", "'0001-01-01'", "'0021-03-10'"),
    *("'1500-02-28'", "'2300-01-01'", "'12345-01-01'", "'0044-03-15 (BC)'", "'infinity'"),
)
KINDS = {
    "as the schema says": ("DATE", "BIGINT", "DECIMAL(12,2)"),
    "as instants and other numbers": ("TIMESTAMP", "DECIMAL(10,0)", "INTEGER"),
    "as instants of a zone": ("TIMESTAMPTZ", "SMALLINT", "DECIMAL(18,5)"),
    "in part as text": ("DATE", "DOUBLE", "DECIMAL(18,8)"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_stored_type_gives_the_values_and_rejects_of_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    day, whole, amount = KINDS[kind]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Europe/Paris'")
        lines = ", ".join(
            f"({number}, CAST({one} AS {day}), CAST({other} AS {whole}), CAST({number}.25 AS {amount}))"
            for number, one in enumerate(DAYS)
            for other in ("3303", "NULL")
        )
        path = tmp_path / "claims.parquet"
        connection.execute(f"CREATE TABLE line AS FROM (VALUES {lines}) AS t(n, d, w, a)")
        connection.execute(
            "CREATE TABLE claim AS SELECT DATE '2021-04-01' AS FLX_DIS_DTD, d AS EXE_SOI_DTD, "
            "d AS EXE_SOI_DTF, w AS PRS_NAT_REF, a AS PRS_ACT_QTE, 'P' || n AS BEN_NIR_PSA FROM line"
        )
        connection.execute(f"COPY claim TO '{path}' (FORMAT parquet)")
        as_stored = _read(connection, path, tmp_path / "stored")
        monkeypatch.setattr(reading, "natives_of", lambda *_: {})
        as_text = _read(connection, path, tmp_path / "text")
        assert _said(as_stored) == _said(as_text)
        assert as_stored.rejects
        assert _rows(connection, as_stored) == _rows(connection, as_text)


def _read(connection: duckdb.DuckDBPyConnection, path: Path, target: Path) -> FileReading:
    return read_file(
        *(connection, TABLE, Delivered(path, path.name, None)),
        *(scan_file(path, path.name), target),
    )


def _said(found: FileReading) -> object:
    return found.kept, found.rejects, found.emptied, found.notes


def _rows(connection: duckdb.DuckDBPyConnection, found: FileReading) -> list[tuple[object, ...]]:
    # The engine cannot hand over dates that Python does not have.
    days = ", ".join(f"CAST({one} AS VARCHAR)" for one in (*NAMES, "_emptied"))
    return sorted(
        connection.execute(
            f"SELECT {days} FROM '{found.folder}/*.parquet' WHERE _reject IS NULL"  # noqa: S608
        ).fetchall(),
        key=repr,
    )
