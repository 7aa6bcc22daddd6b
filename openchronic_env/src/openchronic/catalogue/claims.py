"""The two products of claims: DCIR, and the simplified DCIRS that may replace it."""

from __future__ import annotations

from collections.abc import Collection

from openchronic.catalogue.reading import load_tables

CLAIMS = "ER_PRS_F"
SIMPLIFIED = "NS_PRS_F"
PRODUCT = "DCIR"
# The product whose tables replace those of the other.
SIMPLIFIED_PRODUCT = "DCIRS"


def is_simplified(tables: Collection[str]) -> bool:
    """Returns whether the claims of a delivery of ``tables`` come from DCIRS alone."""
    return SIMPLIFIED in tables and CLAIMS not in tables


def delivered_name(table: str, *, simplified: bool) -> str:
    """Returns the table that has the content of ``table`` of DCIR; KeyError where no table replaces it."""
    if not simplified:
        return table
    need = load_tables()[table].need
    if need is None or not need.instead:
        raise KeyError(f"nothing stands for {table} in {SIMPLIFIED_PRODUCT}")
    return need.instead
