"""Acts, tests, devices and hospital drugs of the claims: shown by month, their orphans counted.

No events are made of them yet: what is proven here is that each line leads to its claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from openchronic.building.context import Context
from openchronic.building.simplified import delivered, show_claims
from openchronic.building.typed import files_of_months
from openchronic.schema import load_tables

# By their names in DCIR, whichever product was delivered.
DETAILS = ("ER_CAM_F", "ER_BIO_F", "ER_TIP_F", "ER_UCD_F")


@dataclass(frozen=True)
class DetailCount:
    """Lines of a detail table as it was delivered, those of a same key once.

    ``without_claim`` of them have no line of ER_PRS_F with their nine columns.
    """

    table: str
    lines: int
    without_claim: int


def delivered_details(context: Context) -> dict[str, str]:
    """The detail tables that are here: their names in DCIR, and as they were delivered."""
    names = {table: delivered(context.readings, table) for table in DETAILS}
    return {table: name for table, name in names.items() if name in context.readings}


def read_details(
    context: Context, chunk: Iterable[str], duplicates: Counter[str]
) -> Counter[tuple[str, bool]]:
    """Make the view of each detail table over the months of ``chunk``, whose ``claim`` is at hand.

    Returns its lines by delivered name and whether they have a claim; adds to ``duplicates`` those
    that were delivered twice.
    """
    found: Counter[tuple[str, bool]] = Counter()
    key = ", ".join(load_tables()["ER_PRS_F"].key)
    chunk = list(chunk)
    for table, name in delivered_details(context).items():
        files = files_of_months(context.readings[name], chunk)
        duplicates[name] += show_claims(context.connection, context.readings, table, files)
        if files:
            (lines,) = context.one(f"SELECT count(*) FROM {table}")
            (claimed,) = context.one(f"SELECT count(*) FROM {table} SEMI JOIN claim USING ({key})")
            found[name, True] += claimed
            found[name, False] += lines - claimed
    return found


def detail_counts(context: Context, found: Counter[tuple[str, bool]]) -> tuple[DetailCount, ...]:
    """What ``read_details`` found in all months."""
    return tuple(
        DetailCount(name, found[name, True] + found[name, False], found[name, False])
        for name in delivered_details(context).values()
    )
