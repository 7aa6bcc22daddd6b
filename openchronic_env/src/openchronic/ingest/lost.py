"""Refuses values that a conversion has truncated: no limit on rejects tolerates them."""

from __future__ import annotations

from collections.abc import Iterable

from openchronic.errors import SourceError
from openchronic.ingest.casting import TRUTH
from openchronic.ingest.odd_numbers import SCIENTIFIC
from openchronic.ingest.rejects import Reject


def refuse_lost_values(rejects: Iterable[Reject], *, as_text: bool) -> None:
    """Raises SourceError on the first of ``rejects`` with such a value.

    ``as_text``: whether the file is text, not Parquet or SAS.
    """
    for one in rejects:
        place = f"{one.file}, {one.unit} {one.lines[0]}: {one.column}"
        like = f"{one.count:,} value{'s' if one.count > 1 else ''} like {one.shape}"
        if one.reason == SCIENTIFIC and as_text:
            raise SourceError(
                f"{place} is in scientific notation ({like}), so that digits of it are lost and different "
                "codes become one. SAS writes so with its format BEST12., a spreadsheet for more than "
                "eleven digits: ask for the column in full (SAS: format 20.; spreadsheet: text; "
                "R: options(scipen = 999))"
            )
        if one.reason == SCIENTIFIC:
            raise SourceError(
                f"{place} is a floating-point number that does not hold all its digits, or scientific "
                f"notation ({like}), so that different codes become one: ask for the column as text, or as a "
                "whole number of 64 bits"
            )
        if one.reason == TRUTH:
            raise SourceError(
                f"{place} holds true or false ({like}), where the SNDS has a code: what wrote the file took "
                "it for a boolean, as the official schemas do by mistake. Ask for the column as text"
            )
