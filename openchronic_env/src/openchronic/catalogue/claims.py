"""The two products of claims: DCIR, and the simplified DCIRS in its place."""

from __future__ import annotations

from collections.abc import Collection

from openchronic.catalogue.reading import load_tables

CLAIMS = "ER_PRS_F"
SIMPLIFIED = "NS_PRS_F"
PRODUCT = "DCIR"
# The product whose tables stand for those of the other.
SIMPLIFIED_PRODUCT = "DCIRS"


def is_simplified(tables: Collection[str]) -> bool:
    """Whether the claims of a delivery of ``tables`` come from DCIRS alone."""
    return SIMPLIFIED in tables and CLAIMS not in tables


def delivered_name(table: str, *, simplified: bool) -> str:
    """The table that holds what ``table`` of DCIR would; KeyError where nothing stands for it."""
    if not simplified:
        return table
    need = load_tables()[table].need
    if need is None or not need.instead:
        raise KeyError(f"nothing stands for {table} in {SIMPLIFIED_PRODUCT}")
    return need.instead
