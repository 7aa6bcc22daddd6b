"""Causes of death: those of the certificates that were matched to a person, as events of that day."""

from __future__ import annotations

from collections import Counter

from openchronic.building.context import Context
from openchronic.building.hanging import Detail, Fates, hang
from openchronic.building.hospital import Hospital
from openchronic.building.shared import show_unique
from openchronic.building.typed import files_of
from openchronic.engines.text import sql

CERTIFICATES = "KI_CCI_R"
DETAILS = (Detail(CERTIFICATES, "initial_cause"), Detail("KI_ECD_R", "associated_cause"))


def read_causes(context: Context) -> Hospital:
    """Deal the causes of death to the events. After ``describe_persons``."""
    fates = Fates()
    duplicates: Counter[str] = Counter()
    details = [one for one in DETAILS if one.table in context.readings]
    if details:
        with context.steps.step("causes of death"):
            show_unique(context, CERTIFICATES, files_of(context.readings.get(CERTIFICATES)))
            context.engine.scratch("host", sql("hospital/death_host"))
            for one in details:
                files = files_of(context.readings[one.table])
                hang(
                    context,
                    one,
                    files,
                    to=CERTIFICATES,
                    part="all",
                    fates=fates,
                    duplicates=duplicates,
                )
    return Hospital(
        filters=(),
        duplicates={table: number for table, number in duplicates.items() if number},
        details=(),
        hung=fates.told(),
    )
