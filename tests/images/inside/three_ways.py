"""Prints, as JSON, the results of DuckDB and of Spark for the same SQL on the same rows (``asked.json``)."""

import json
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from openchronic.engines.specs import DUCKDB, SPARK, functions

Answers = dict[str, list[dict[str, Any]]]


class Engine(Protocol):
    """The operations that both engines have."""

    def load(self, name: str, columns: Sequence[str], rows: list[list[str | None]]) -> None:
        """Make a table whose columns are all text."""

    def make(self, name: str, query: str) -> None:
        """Make a table of a query's rows."""

    def read(self, name: str) -> tuple[list[str], list[Any]]:
        """Return the columns and the rows of a table."""


class InDuckDB:
    """DuckDB, with the functions of a build."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        for statement in functions(DUCKDB):
            self.connection.execute(statement)

    def load(self, name: str, columns: Sequence[str], rows: list[list[str | None]]) -> None:
        made = pa.table(
            {
                column: pa.array([row[i] for row in rows], pa.string())
                for i, column in enumerate(columns)
            }
        )
        self.connection.register("given", made)
        self.make(name, "SELECT * FROM given")
        self.connection.unregister("given")

    def make(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def read(self, name: str) -> tuple[list[str], list[Any]]:
        # The name is one of the project's own.
        found = self.connection.execute(f"SELECT * FROM {name}")  # noqa: S608
        return [column[0] for column in found.description], found.fetchall()


class InSpark:
    """The session's Spark, with the functions of a build."""

    def __init__(self) -> None:
        from pyspark.sql import SparkSession

        self.session = SparkSession.builder.getOrCreate()
        self.place = tempfile.mkdtemp()
        for statement in functions(SPARK):
            self.session.sql(statement)

    def load(self, name: str, columns: Sequence[str], rows: list[list[str | None]]) -> None:
        schema = ", ".join(f"{column} STRING" for column in columns)
        self.session.createDataFrame(rows, schema).createOrReplaceTempView(name)

    def make(self, name: str, query: str) -> None:
        # As a build does, which writes what several texts read: else each plan holds all those before it.
        path = f"{self.place}/{name}"
        self.session.sql(query).write.mode("overwrite").parquet(path)
        self.session.read.parquet(path).createOrReplaceTempView(name)

    def read(self, name: str) -> tuple[list[str], list[Any]]:
        found = self.session.table(name)
        return found.columns, [tuple(row) for row in found.collect()]


def answers(engine: Engine, asked: dict[str, Any]) -> Answers:
    """Load the tables of one rule, run its SQL texts in order, and return the requested tables."""
    for name, table in asked["tables"].items():
        engine.load(f"{name}_text", [*table["columns"]], table["rows"])
        typed = ", ".join(
            f"CAST({one} AS {kind}) AS {one}" for one, kind in table["columns"].items()
        )
        engine.make(name, f"SELECT {typed} FROM {name}_text")  # noqa: S608
    for name, query in asked["texts"].items():
        engine.make(name, query)
    told = {}
    for name in asked["answered"]:
        columns, rows = engine.read(name)
        told[name] = in_order(dict(zip(columns, row, strict=True)) for row in rows)
    return told


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows as JSON values, sorted by their content."""
    told = [{name: plain(cell) for name, cell in row.items()} for row in rows]
    return sorted(told, key=lambda row: json.dumps(row, sort_keys=True))


def plain(value: Any) -> Any:
    """Return a cell as a JSON value."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


if __name__ == "__main__":
    every = json.loads(Path("asked.json").read_text())
    engines: dict[str, Engine] = {"duckdb": InDuckDB(), "spark": InSpark()}
    print(
        json.dumps(
            {
                name: {rule: answers(engine, asked) for rule, asked in every.items()}
                for name, engine in engines.items()
            }
        )
    )
