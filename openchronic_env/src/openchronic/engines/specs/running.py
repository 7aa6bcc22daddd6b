"""Writes a spec as one query, with the same text for every engine."""

from __future__ import annotations

import re

from openchronic.engines.specs.reading import Spec
from openchronic.runtime.text import sql

DUCKDB, SPARK = "duckdb_functions", "spark_functions"
COMMENT = re.compile(r"^--.*$", re.MULTILINE)


def functions(engine: str) -> list[str]:
    """Returns the statements that declare the functions of an ``engine``: DUCKDB or SPARK."""
    text = sql(engine)
    return [one.strip() for one in COMMENT.sub("", text).split(";") if one.strip()]


def query(spec: Spec) -> str:
    """Returns a query with the columns ``line`` and ``answer`` (a text): one row per answer of ``spec``, in any
    order."""
    rows = " UNION ALL ".join(
        f"SELECT {number} AS line, "
        + ", ".join(
            f"CAST({_text(cell)} AS {kind}) AS {name}"
            for (name, kind), cell in zip(spec.columns, row, strict=True)
        )
        for number, row in enumerate(spec.rows)
    )
    line = "0 AS line" if spec.for_all else "line"
    return f"SELECT {line}, CAST({spec.expression} AS STRING) AS answer FROM ({rows}) AS given"


def _text(cell: str | None) -> str:
    return "NULL" if cell is None else "'" + cell.replace("'", "''") + "'"
