"""Deliveries that differ from the plain one in some files, named in one word each."""

from __future__ import annotations

from tests.openchronic.small_delivery import Files, Row

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
ILLNESSES, STAYS, CHAINING = "IR_IMB_R.CSV", "PMSI/T_MCO21B.CSV", "PMSI/T_MCO21C.CSV"
DAY = "10/03/2021"


def case(**files: list[Row]) -> Files:
    """Returns the files of a case that differ from the plain delivery."""
    names = {
        "people": "IR_BEN_R.CSV",
        "claims": CLAIMS,
        "packs": PACKS,
        "illnesses": ILLNESSES,
        "stays": STAYS,
        "chaining": CHAINING,
    }
    return {names[name]: one for name, one in files.items()}
