"""Describes a delivery as far as it decides which models a build has."""

from __future__ import annotations

from collections.abc import Mapping

from openchronic.build.ingest import TableReading
from openchronic.models.delivery import Delivery

RANK = "BEN_RNG_GEM"
PEOPLE = ("IR_BEN_R", "IR_BEN_R_ARC")
RANKED = (*PEOPLE, "ER_PRS_F", "IR_IMB_R", "CT_IDE_AAAA_GN")


def delivery_of(readings: Mapping[str, TableReading]) -> Delivery:
    """Returns the description of the delivery that was read."""
    return Delivery(
        frozenset(readings),
        lacks_rank=_lack_rank(readings, *RANKED),
        people_lack_rank=_lack_rank(readings, *PEOPLE),
    )


def _lack_rank(readings: Mapping[str, TableReading], *tables: str) -> bool:
    """Returns whether some file of ``tables`` lacks the column of the birth rank."""
    return any(
        RANK in file.origin.absent
        for table in tables
        if table in readings
        for file in readings[table].files
    )
