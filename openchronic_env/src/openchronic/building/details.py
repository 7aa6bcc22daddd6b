"""Acts, tests, devices, hospital drugs and transports of the claims: shown by month, under the names of DCIR."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from openchronic.building.context import Context
from openchronic.building.ingest import TableReading
from openchronic.building.lines import DRUG, details_of_claims
from openchronic.building.simplified import delivered, show_claims
from openchronic.building.typed import files_of_months

# By their names in DCIR, whichever product was delivered; packs are read with the claims themselves.
DETAILS = tuple(one.name for one in details_of_claims() if one.name != DRUG.table)
# What says more of the event of its claim, and makes none of its own.
(RIDES,) = (one.name for one in details_of_claims() if not one.lines.step)


def delivered_details(readings: Mapping[str, TableReading]) -> dict[str, str]:
    """The detail tables that are here: their names in DCIR, and as they were delivered."""
    names = {table: delivered(readings, table) for table in DETAILS}
    return {table: name for table, name in names.items() if name in readings}


def read_details(context: Context, chunk: Iterable[str], *, duplicates: Counter[str]) -> None:
    """Make the view of each detail table over the months of ``chunk``, empty where none was delivered.

    Adds to ``duplicates`` the lines that were delivered twice.
    """
    chunk = list(chunk)
    for table in DETAILS:
        name = delivered(context.readings, table)
        files = files_of_months(context.readings.get(name), chunk)
        duplicates[name] += show_claims(context, table, files)
