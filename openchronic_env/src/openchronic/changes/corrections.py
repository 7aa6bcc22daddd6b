"""Lists corrections of earlier builds, and counts the rows of a release that each concerns.

``corrections.csv`` has one row per correction: its name, a description, and the SQL that counts its rows in a
release. A release lists the corrections of its build, so that the manifest of a rebuilt base shows what each
has changed.
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
    """A correction. ``counted``: SQL on the tables of a release and on those of its manifest's counts."""

    name: str
    what: str
    counted: str


@cache
def load_corrections() -> tuple[Correction, ...]:
    """Returns all corrections, the oldest first."""
    file = resources.files("openchronic.changes") / "corrections.csv"
    with file.open(encoding="utf-8") as lines:
        return tuple(Correction(**row) for row in csv.DictReader(lines, delimiter=";", strict=True))


def names() -> list[str]:
    """Returns the names of the corrections in this build, for its manifest."""
    return [one.name for one in load_corrections()]


def corrected(
    connection: duckdb.DuckDBPyConnection, before: Mapping[str, Any], after: Material
) -> list[dict[str, Any]]:
    """Returns the corrections that ``after`` has and ``before``, a manifest, lacks; ``rows``: None where they
    cannot be counted."""
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
        return None  # the base lacks a table
    return None if row is None or row[0] is None else int(row[0])
