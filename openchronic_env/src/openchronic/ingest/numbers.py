"""Converts numbers that a supplier stored in binary to the text that a CSV delivery would hold."""

from __future__ import annotations

# From here on some whole numbers cannot be stored exactly: the intended one is unknown.
INEXACT_FROM = {"DOUBLE": 2**53, "FLOAT": 2**24}


def text_of_double(name: str, stored: str = "DOUBLE") -> str:
    """Returns SQL: the floating-point ``name`` as text, NULL when it is not a number.

    ``stored``: its type. A number that may stand for several is written in scientific notation.
    """
    # 3400930000001 was stored as 3400930000001.0; software without missing values writes NaN.
    return (
        f"CASE WHEN isnan({name}) THEN NULL "
        f"WHEN abs({name}) >= {INEXACT_FROM[stored]} THEN format('{{:.17e}}', CAST({name} AS DOUBLE)) "
        f"WHEN {name} = trunc({name}) "
        f"THEN CAST(CAST({name} AS BIGINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END"
    )
