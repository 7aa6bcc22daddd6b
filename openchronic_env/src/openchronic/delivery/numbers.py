"""Numbers that a supplier stored in binary, as the text that a CSV delivery would hold."""

from __future__ import annotations

# Above it, not every whole number is a double: the one that was meant is unknown.
LARGEST_EXACT = 2**53


def text_of_double(name: str) -> str:
    """SQL: the DOUBLE ``name`` as text, NULL when it is not a number."""
    # 3400930000001 was stored as 3400930000001.0; software without missing values writes NaN.
    return (
        f"CASE WHEN isnan({name}) THEN NULL "
        f"WHEN abs({name}) <= {LARGEST_EXACT} AND {name} = trunc({name}) "
        f"THEN CAST(CAST({name} AS BIGINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END"
    )
