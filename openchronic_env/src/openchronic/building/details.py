"""Acts, tests, devices and hospital drugs of the claims: shown by month, each with its claim or counted.

No events are made of them yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from openchronic.building.context import Context
from openchronic.building.ingest import TableReading
from openchronic.building.leading import Led
from openchronic.building.simplified import delivered, show_claims
from openchronic.building.typed import files_of_months
from openchronic.schema import load_tables

# By their names in DCIR, whichever product was delivered.
DETAILS = ("ER_CAM_F", "ER_BIO_F", "ER_TIP_F", "ER_UCD_F")


def delivered_details(readings: Mapping[str, TableReading]) -> dict[str, str]:
    """The detail tables that are here: their names in DCIR, and as they were delivered."""
    names = {table: delivered(readings, table) for table in DETAILS}
    return {table: name for table, name in names.items() if name in readings}


def read_details(
    context: Context, chunk: Iterable[str], *, led: Led, duplicates: Counter[str]
) -> None:
    """Make the view of each detail table over the months of ``chunk``, whose ``claim`` is at hand.

    Adds to ``led`` its lines by whether they have a claim, to ``duplicates`` those that were
    delivered twice.
    """
    chunk = list(chunk)
    key = load_tables()["ER_PRS_F"].key
    claims = delivered(context.readings, "ER_PRS_F")
    for table, name in delivered_details(context.readings).items():
        files = files_of_months(context.readings[name], chunk)
        duplicates[name] += show_claims(context.connection, context.readings, table, files)
        led.look(context, table, "claim", key=key, names=(name, claims))
