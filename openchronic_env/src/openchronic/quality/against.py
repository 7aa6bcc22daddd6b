"""Compares the counts of a release with published ones, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any, Literal

import duckdb

from openchronic.quality.published import Cell

Agreement = Literal["agrees", "differs", "outside"]


@dataclass(frozen=True)
class Comparison:
    """One published count and that of the release; ``ratio`` is the release's over the published one.

    ``outside``: the release does not cover the care of that 31 December, so that it has no count. ``least``:
    the smallest count above 0 of the release in the disease and year, whether the file lists it or not.
    """

    cell: Cell
    published: int
    ours: int | None
    ratio: float | None
    agreement: Agreement
    least: int | None


def compare(
    connection: duckdb.DuckDBPyConnection,
    published: Mapping[Cell, int],
    manifest: Mapping[str, Any],
    *,
    tolerance: float,
) -> list[Comparison]:
    """Compares every published count, in the order of diseases, years, sexes and ages.

    ``connection`` holds the release (``material.show``); ``tolerance``: 0.1 is 10 % in either direction.
    """
    covered = sorted({cell.year for cell in published if _is_covered(cell.year, manifest)})
    connection.execute("CREATE TABLE asked_year (year INTEGER, last_day DATE)")
    if covered:
        connection.executemany(
            "INSERT INTO asked_year VALUES (?, ?)",
            [[year, date(year, 12, 31)] for year in covered],
        )
    query = (resources.files("openchronic.quality") / "prevalent.sql").read_text("utf-8")
    ours = {
        Cell(disease, sex, age_class, year): patients
        for year, disease, sex, age_class, patients in connection.execute(query).fetchall()
    }
    least: dict[tuple[int, int], int] = {}
    for cell, patients in ours.items():
        key = (cell.disease, cell.year)
        least[key] = min(patients, least.get(key, patients))
    return [
        _comparison(
            cell,
            published=published[cell],
            ours=ours.get(cell, 0) if cell.year in covered else None,
            least=least.get((cell.disease, cell.year)),
            tolerance=tolerance,
        )
        for cell in sorted(published, key=_place)
    ]


def _comparison(
    cell: Cell, *, published: int, ours: int | None, least: int | None, tolerance: float
) -> Comparison:
    agreement: Agreement = "outside"
    ratio = None
    if ours is not None and not published:
        agreement = "differs" if ours else "agrees"
    elif ours is not None:
        ratio = ours / published
        agreement = "agrees" if abs(ratio - 1) <= tolerance else "differs"
    return Comparison(cell, published, ours, ratio, agreement, least)


def _is_covered(year: int, manifest: Mapping[str, Any]) -> bool:
    """Returns whether the care of that year's December is in the release."""
    window = manifest["care_window"]
    if not window["start"]:
        return False
    return bool(window["start"] <= f"{year}-12-31" and f"{year}-12-01" <= window["end"])


def _place(cell: Cell) -> tuple[int, int, str, int, str]:
    age = cell.age_class.split("-")[0].rstrip("+")
    return (cell.disease, cell.year, cell.sex, int(age) if age.isdigit() else 999, cell.age_class)
