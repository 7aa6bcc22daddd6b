"""Agreement with the national cartography, patient by patient, from counts that the build made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from openchronic.diseases import Status, load_library

TABLE = "cartography"
DELIVERED = "CT_IND_AAAA_GN"


@dataclass(frozen=True)
class Agreement:
    """Patients of the cartography of a year, by the sources that state a disease for them.

    ``sensitivity``: the share of the cartography's patients that the release finds; ``predictive_value``: the
    share of the release's patients that the cartography has. Both are from 0 to 1. ``label`` (French), ``status`` and
    ``lacks`` (what of the national rule is not seen, French) are those of the definition that was applied.
    """

    disease: str
    year: int
    version: int
    both: int
    cartography_only: int
    release_only: int
    neither: int
    label: str
    status: Status | None
    lacks: str

    @property
    def sensitivity(self) -> float | None:
        return _share(self.both, self.both + self.cartography_only)

    @property
    def predictive_value(self) -> float | None:
        return _share(self.both, self.both + self.release_only)

    @property
    def prevalence_ratio(self) -> float | None:
        """The patients whom the release finds over those of the cartography: 1 where they are as many."""
        return _share(self.both + self.release_only, self.both + self.cartography_only)

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (Educ Psychol Meas 1960;20:37): 1 for full agreement, 0 for that expected by chance."""
        mapped, found = self.both + self.cartography_only, self.both + self.release_only
        everybody = mapped + self.release_only + self.neither
        by_chance = mapped * (everybody - found) + found * (everybody - mapped)
        if not by_chance:
            return None
        return 1 - everybody * (self.cartography_only + self.release_only) / by_chance


@dataclass(frozen=True)
class Absence:
    """The reason why nothing was compared, for operators and for analysts."""

    en: str
    fr: str


def agreements(connection: duckdb.DuckDBPyConnection) -> list[Agreement]:
    """Returns every disease and year compared, from the tables of ``material.show``; empty without the table."""
    try:
        rows = connection.execute(
            "SELECT disease, year, max(version), CAST(sum(n_both) AS BIGINT), "
            "CAST(sum(n_cartography_only) AS BIGINT), CAST(sum(n_release_only) AS BIGINT), "
            f"CAST(sum(n_neither) AS BIGINT) FROM {TABLE} GROUP BY disease, year"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []
    applied = _applied(connection)
    found = [Agreement(*row, *applied.get(row[0], (row[0], None, ""))) for row in rows]
    return sorted(found, key=lambda one: (-one.year, one.disease))


def absence(manifest: Mapping[str, Any]) -> Absence:
    """Returns why a release with this manifest has no agreement."""
    en = "agreement with the cartography: not measured, "
    fr = "L'accord patient par patient avec la cartographie n'est pas mesuré : "
    if "cartography" not in manifest:
        return Absence(
            en + "this release was made before builds read it: build again",
            fr + "cette base a été faite avant que cette lecture n'existe.",
        )
    if DELIVERED in manifest["rows_read"]:
        return Absence(
            en + "no year of it can be compared; the notes of the manifest say why",
            fr + "aucune de ses années ne peut être comparée à cette base.",
        )
    return Absence(
        en + "its tables (CT_IND, CT_IDE) were not delivered",
        fr + "ses tables (CT_IND, CT_IDE) n'ont pas été livrées.",
    )


def _applied(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, Status | None, str]]:
    """Returns label, status and what is not seen by definition: of the release where it says them, else of the package."""
    try:
        rows = connection.execute(
            "SELECT definition, label, status, coalesce(lacks, '') FROM definition"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        rows = [(form.name, one.fr, one.status, one.lacks) for one, form in load_library().forms()]
    return {name: (label, status, lacks) for name, label, status, lacks in rows}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
