"""What the build reads otherwise than an earlier one did, and how many rows of a release that concerns.

``corrections.csv`` has a row per correction: its name, what it is, and the SQL that counts its rows in a release.
A release names those that its build knew, so that a base built again says what each of them changed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import duckdb

from openchronic.quality.material import Material, show_release

NAMED = "corrections"


@dataclass(frozen=True)
class Correction:
    """``counted``: SQL, on the tables of a release and those of what its manifest counts."""

    name: str
    what: str
    counted: str


@cache
def load_corrections() -> tuple[Correction, ...]:
    """All of them, the oldest first."""
    file = resources.files("openchronic.changes") / "corrections.csv"
    with file.open(encoding="utf-8") as lines:
        return tuple(Correction(**row) for row in csv.DictReader(lines, delimiter=";", strict=True))


def names() -> list[str]:
    """Those that this build knows, for its manifest."""
    return [one.name for one in load_corrections()]


def corrected(
    connection: duckdb.DuckDBPyConnection, before: Mapping[str, Any], after: Material
) -> list[dict[str, Any]]:
    """Those that ``after`` has and ``before``, a manifest, has not; ``rows``: None where none can tell."""
    known = set(before.get(NAMED, ()))
    fresh = set(after.manifest.get(NAMED, ())) - known
    wanted = [one for one in load_corrections() if one.name in fresh]
    if wanted:
        show_release(connection, after)
    return [
        {"name": one.name, "what": one.what, "rows": _count(connection, one.counted)}
        for one in wanted
    ]


def _count(connection: duckdb.DuckDBPyConnection, counted: str) -> int | None:
    try:
        row = connection.execute(f"SELECT {counted}").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None  # a table that the base has not
    return None if row is None or row[0] is None else int(row[0])
