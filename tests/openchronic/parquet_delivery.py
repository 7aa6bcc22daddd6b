"""Rewrites a CSV delivery as Parquet: all strings, typed, or a folder of shards per table."""

# The queries read files that the tests made.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from openchronic.catalogue import load_tables
from openchronic.ingest.dates import DATE_SHAPES
from openchronic.ingest.judging import judge
from openchronic.ingest.naming import identify

FORMATS = ", ".join(f"'{one}'" for shape in DATE_SHAPES.values() for one in shape)
TYPED = {
    "string": "CAST({0} AS VARCHAR)",
    # pandas stores integers so where some are missing.
    "integer": "CAST({0} AS DOUBLE)",
    "decimal": "CAST({0} AS DECIMAL(12, 2))",
    "date": f"CAST(TRY_STRPTIME({{0}}, [{FORMATS}]) AS TIMESTAMP)",
}

Write = Callable[[duckdb.DuckDBPyConnection, str, Path], None]


def as_parquet(source: Path, target: Path, write: Write) -> Path:
    """Writes every table of ``source`` with ``write``, in files of its name (without .CSV)."""
    with duckdb.connect() as connection:
        for files in judge(source).reads().tables.values():
            for file in files:
                path = target / Path(file.name).with_suffix("")
                path.parent.mkdir(parents=True, exist_ok=True)
                text = (
                    f"read_csv('{file.path}', delim = ';', header = true, all_varchar = true, "
                    "nullstr = '', quote = '')"
                )
                write(connection, text, path)
    return target


def all_strings(connection: duckdb.DuckDBPyConnection, text: str, path: Path) -> None:
    """Writes as the Health Data Hub delivers: strings, names in lower case, and one more column YEAR."""
    names = [str(row[0]) for row in connection.execute(f"DESCRIBE FROM {text}").fetchall()]
    columns = ", ".join(f'"{name}" AS "{name.lower()}"' for name in names)
    connection.execute(
        f"COPY (SELECT {columns}, '2016' AS \"YEAR\" FROM {text}) "
        f"TO '{path.parent / path.name.lower()}.parquet' (FORMAT parquet)"
    )


def typed(connection: duckdb.DuckDBPyConnection, text: str, path: Path) -> None:
    """Writes the types of the schema, as a data manager would convert them."""
    identified = identify(f"{path.name}.parquet")
    assert identified is not None, path
    columns = ", ".join(
        f"{TYPED[column.type].format(column.name)} AS {column.name}"
        for column in load_tables()[identified[0]].columns
    )
    connection.execute(f"COPY (SELECT {columns} FROM {text}) TO '{path}.parquet' (FORMAT parquet)")


def shards(connection: duckdb.DuckDBPyConnection, text: str, path: Path) -> None:
    """Writes a folder of three shards, the last of which may be empty, as Spark does."""
    folder = path.with_name(f"{path.name}.parquet")
    folder.mkdir()
    (folder / "_SUCCESS").touch()
    connection.execute(
        f"CREATE OR REPLACE TABLE whole AS SELECT *, row_number() OVER () % 2 AS n FROM {text}"
    )
    for shard in range(3):
        connection.execute(
            f"COPY (SELECT * EXCLUDE (n) FROM whole WHERE n = {shard}) "
            f"TO '{folder}/part-{shard:05}.snappy.parquet' (FORMAT parquet)"
        )
