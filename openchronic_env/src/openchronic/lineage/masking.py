"""Masks the columns that identify a person unless somebody asks for them."""

from __future__ import annotations

MASKED = "…"
PSEUDONYMS = frozenset(
    {
        "BEN_NIR_PSA",
        "BEN_NIR_ANO",
        "BEN_IDT_ANO",
        "ASS_NIR_ANO",
        "NIR_ANO_17",
        "IPP_IRR_CRY",
        "DCD_IDT_ENC",
    }
)


def masked(row: dict[str, object]) -> dict[str, object]:
    """Returns the row with its pseudonyms masked, except where they are missing."""
    return {
        name: MASKED if name in PSEUDONYMS and value is not None else value
        for name, value in row.items()
    }
