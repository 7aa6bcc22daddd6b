"""Hospitals that declared their stays twice: under the juridical number and a geographic one."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.catalogue import load_tables
from openchronic.schema import load_nomenclature


def load_hospitals(context: Context) -> None:
    """Make ``hospital_number``: the numbers of AP-HP, HCL and AP-HM, and the lists they are on.

    ``last_year``: the last one in which a geographic number repeats what the juridical one says.
    """
    rows = load_nomenclature("finess_duplicates")
    context.engine.give(
        "hospital_number",
        {
            "eta_num": "STRING",
            "hospital": "STRING",
            "role": "STRING",
            "on_short_list": "BOOLEAN",
            "last_year": "BIGINT",
        },
        [
            (
                row["eta_num"],
                row["hospital"],
                row["role"],
                row["short_list"] == "1",
                int(row["last_year"]) if row["last_year"] else None,
            )
            for row in rows
        ],
    )


def note_doubled(context: Context, table: str) -> None:
    """Make ``doubled_number`` of the view ``table``: the geographic numbers that repeat others, by year.

    One is a repetition only where its hospital's juridical number is there too, in the same year:
    never drop both sides; and only up to 2017 (Documentation-SNDS, depenses_hopital_public).
    """
    doubled = load_tables()[table].doubled
    if doubled is None:
        raise ValueError(f"{table} is none of the tables that facilities declare twice")
    number, year = doubled.facility, doubled.year
    context.engine.scratch(
        "doubled_number",
        "SELECT again.eta_num, again.hospital, again.on_short_list, sent.sent_year "
        f"FROM (SELECT DISTINCT {number} AS eta_num, {year} AS sent_year FROM {table.lower()}) "
        "AS sent INNER JOIN hospital_number AS number "
        "ON number.eta_num = sent.eta_num AND number.role = 'juridical' "
        "INNER JOIN hospital_number AS again "
        "ON again.hospital = number.hospital AND again.role = 'duplicate' "
        "AND sent.sent_year <= again.last_year",
    )
