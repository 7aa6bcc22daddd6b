"""Hospitals that declare their stays twice: under the juridical number and a geographic one."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.schema import load_nomenclature


def load_hospitals(context: Context) -> None:
    """Make ``hospital_number``: the numbers of AP-HP, HCL and AP-HM, and the lists they are on."""
    rows = load_nomenclature("finess_duplicates")
    context.engine.give(
        "hospital_number",
        {"eta_num": "STRING", "hospital": "STRING", "role": "STRING", "on_short_list": "BOOLEAN"},
        [(row["eta_num"], row["hospital"], row["role"], row["short_list"] == "1") for row in rows],
    )


def note_doubled(context: Context, table: str) -> None:
    """Make ``doubled_number`` of the view ``table``: the geographic numbers that repeat others.

    One is a repetition only where its hospital's juridical number is there too: never drop both
    sides (Documentation-SNDS, depenses_hopital_public).
    """
    context.engine.scratch(
        "doubled_number",
        "SELECT eta_num, hospital, on_short_list FROM hospital_number "
        "WHERE role = 'duplicate' AND hospital IN (SELECT number.hospital "
        f"FROM {table.lower()} AS sent INNER JOIN hospital_number AS number "
        "ON number.eta_num = sent.ETA_NUM AND number.role = 'juridical')",
    )
