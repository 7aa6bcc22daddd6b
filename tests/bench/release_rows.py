"""The rows of a release, table by table, as what two engines must agree on."""

from pathlib import Path

import duckdb

# Names files and lines of the delivery, whatever the engine.
BUT = "reject"

# How many rows, and the sum of the hashes of all of them.
Rows = tuple[int, int]


def of_release(release: Path) -> dict[str, Rows]:
    """By table, whatever the order of its columns and how it is cut into files."""
    with duckdb.connect() as connection:
        return {
            folder.name: _rows(connection, folder)
            for folder in sorted(release.iterdir())
            if folder.is_dir() and folder.name != BUT
        }


def _rows(connection: duckdb.DuckDBPyConnection, folder: Path) -> Rows:
    scan = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = false)"
    names = sorted(name for name, *_ in connection.execute(f"DESCRIBE FROM {scan}").fetchall())
    columns = ", ".join(f'"{name}"' for name in names)
    found = connection.execute(
        f"SELECT count(*), coalesce(sum(CAST(hash({columns}) AS HUGEINT)), 0) FROM {scan}"  # noqa: S608
    ).fetchall()
    return int(found[0][0]), int(found[0][1])
