"""A base is built, then its delivery grows by the last flux month, and it is built again."""

import shutil
from functools import cache
from pathlib import Path

import duckdb

from tests.bench import bases
from tests.bench.build import FOLDER
from tests.bench.process_tree import Watched

YEARS_BEFORE = 3
# As the typed and the all-string tables write it.
MONTH = (
    "strftime(coalesce(try_cast(FLX_DIS_DTD AS DATE), "
    "try_strptime(CAST(FLX_DIS_DTD AS VARCHAR), '%d/%m/%Y')), '%Y-%m')"
)


@cache
def one_more(patients: int) -> tuple[Watched, Watched]:
    """The first build, and that of the same base with one month more."""
    grown, releases = FOLDER / "grown", FOLDER / "releases"
    shutil.rmtree(grown, ignore_errors=True)
    shutil.copytree(bases.delivery(patients, "parquet", years=YEARS_BEFORE), grown)
    month = _set_last_month_aside(grown)
    try:
        first = bases.build(grown, releases)
        for path, aside in month.items():
            aside.rename(path)
        second = bases.build(grown, releases, on_top=True)
    finally:
        shutil.rmtree(releases, ignore_errors=True)
        shutil.rmtree(grown, ignore_errors=True)
    return first.watched, second.watched


def _set_last_month_aside(source: Path) -> dict[Path, Path]:
    """Cut the claims of the last flux month into files of their own, out of ``source``: where each belongs."""
    found: dict[Path, Path] = {}
    with duckdb.connect() as connection:
        for shard in sorted(source.rglob("ER_*/*.parquet")):
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE claim AS FROM read_parquet(?)", [str(shard)]
            )
            connection.execute("ALTER TABLE claim ADD COLUMN month VARCHAR")
            connection.execute(f"UPDATE claim SET month = {MONTH}")  # noqa: S608
            found |= _cut(connection, shard)
    last = max(path.name for path in found)
    for path in [path for path in found if path.name != last]:
        found.pop(path).rename(path)
    return found


def _cut(connection: duckdb.DuckDBPyConnection, shard: Path) -> dict[Path, Path]:
    """One file per month in place of ``shard``, each lying aside."""
    months = connection.execute("SELECT DISTINCT month FROM claim ORDER BY month").fetchall()
    found = {}
    for (month,) in months:
        path = shard.with_name(f"{month}.parquet")
        aside = FOLDER / f"{shard.parent.name}-{month}.aside"
        connection.execute(
            f"COPY (SELECT * EXCLUDE (month) FROM claim WHERE month = '{month}') "  # noqa: S608
            f"TO '{aside}' (FORMAT parquet)"
        )
        found[path] = aside
    shard.unlink()
    return found
