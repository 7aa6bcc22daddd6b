"""Places of residence as they are written, in codes of the INSEE."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.building.context import Context
from openchronic.building.engine import sql
from openchronic.schema import load_nomenclature


def load_places(context: Context) -> None:
    """Make ``department_code`` (as delivered, of the INSEE) and ``commune`` (all that there are)."""
    connection = context.connection
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE department_code (code VARCHAR, department VARCHAR)"
    )
    rows = load_nomenclature("department")
    connection.execute(
        "INSERT INTO department_code SELECT unnest(?), nullif(unnest(?), '')",
        [[row["code"] for row in rows], [row["department"] for row in rows]],
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE commune (insee VARCHAR)")
    connection.execute("INSERT INTO commune SELECT unnest(?)", [list(_communes())])


def read_places(context: Context, query: str) -> None:
    """Make ``place`` for whatever ``query`` writes as ``dpt``, ``com`` and ``body``."""
    connection = context.connection
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW written_place AS SELECT DISTINCT dpt, com, body FROM ({query})"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE place AS {sql('place')}")


def _communes() -> Iterator[str]:
    for row in load_nomenclature("commune"):
        for number in range(int(row["first"]), int(row["last"]) + 1):
            # Overseas the third figure of the département is the first one of the commune.
            yield f"{row['department'][:2]}{number:03}"
