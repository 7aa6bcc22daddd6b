"""The same synthetic patients, in the full and the simplified product: one base, except for what DCIRS lacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.openchronic.front_door import rows


@pytest.fixture(scope="session")
def bases(many_releases: Path, many_simplified_releases: Path) -> tuple[Path, Path]:
    """The release made from each product."""
    full, simplified = (
        (releases / "snds" / "current").resolve()
        for releases in (many_releases, many_simplified_releases)
    )
    return full, simplified


def both(bases: tuple[Path, Path], query: str) -> tuple[list[Any], list[Any]]:
    full, simplified = (rows(base, query) for base in bases)
    assert full, query
    return full, simplified


def differing(bases: tuple[Path, Path], table: str, columns: str) -> list[tuple[Any, ...]]:
    """Returns some of the rows that only one of them has, or has more often."""
    with duckdb.connect() as connection:
        for name, base in zip(("portal", "simplified"), bases, strict=True):
            files = [str(path) for path in sorted((base / table).rglob("*.parquet"))]
            connection.read_parquet(files, hive_partitioning=False).create_view(name)
        assert connection.execute("SELECT count(*) > 0 FROM portal").fetchone() == (True,)
        there, here = (f"SELECT {columns} FROM {name}" for name in ("portal", "simplified"))  # noqa: S608
        found: list[tuple[Any, ...]] = []
        for one, other in ((there, here), (here, there)):
            found += connection.execute(f"({one} EXCEPT ALL {other}) LIMIT 5").fetchall()
        return found


@pytest.mark.parametrize(
    ("table", "but"),
    [
        ("patient", "n_source_rows"),
        ("ald", ""),
        ("stay", ""),
        # Complements of a visit are not lines here.
        ("event", "n_source_rows"),
        ("code", ""),
        ("observation_period", ""),
        # Complements are not lines here: fewer lines state a residence.
        ("residence", "n_source_rows"),
    ],
)
def test_a_table_is_the_same_from_either_product(
    bases: tuple[Path, Path], table: str, but: str
) -> None:
    columns = f"* EXCLUDE ({but})" if but else "*"
    assert differing(bases, table, columns) == []


def test_fewer_lines_of_cost_reimburse_the_same(bases: tuple[Path, Path]) -> None:
    full, simplified = both(
        bases,
        "SELECT subject_id, "
        "sum(coalesce(reimbursed, 0) + coalesce(reimbursed_complement, 0)) "
        "FROM cost GROUP BY subject_id ORDER BY subject_id",
    )
    assert full == simplified
    (many,), (few,) = both(bases, "SELECT count(*) FROM cost")
    assert many > few


def test_misspelt_columns_are_read_under_their_names(
    bases: tuple[Path, Path], many_simplified: Path
) -> None:
    release = bases[1]
    header = (many_simplified / "DCIRS_2016" / "NS_PRS_F_2016.CSV").open().readline()
    assert "EXE_IER_DPT" in header
    assert "EXE_INS_DPT" not in header
    inputs = json.loads((release / "manifest.json").read_text())["inputs"]
    claims = [one for one in inputs if one["table"] == "NS_PRS_F"]
    assert len(claims) == 4
    for one in claims:
        assert one["unknown_columns"] == []
        files = f"read_parquet('{release.parent}/.store/{one['typed']}/**/*.parquet')"
        with duckdb.connect() as connection:
            filled = f"SELECT count(EXE_INS_DPT), count(*) FROM {files}"  # noqa: S608
            departments, lines = connection.execute(filled).fetchall()[0]
        assert departments == lines == one["rows"] > 0


def test_the_simplified_product_of_two_years_is_written(
    tmp_path: Path, synth: Callable[..., int]
) -> None:
    """DuckDB 2.0.0 fails in a join of exactly this extraction; 2.0.1 does not."""
    folder = tmp_path / "snds"
    assert synth(folder, "--layout", "dcirs", "--years", "2", patients=150) == 0
    assert any(path.name.startswith("NS_PRS") for path in folder.rglob("*"))
