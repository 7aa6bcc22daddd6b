"""Places of residence as they are written, in codes of the INSEE."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.building.context import Context
from openchronic.engines.text import sql
from openchronic.schema import load_nomenclature


def load_places(context: Context) -> None:
    """Make ``department_code`` (as delivered, of the INSEE) and ``commune`` (all that there are)."""
    context.engine.give(
        "department_code",
        {"code": "STRING", "department": "STRING"},
        [(row["code"], row["department"] or None) for row in load_nomenclature("department")],
    )
    context.engine.give("commune", {"insee": "STRING"}, [(code,) for code in _communes()])


def read_places(context: Context, query: str) -> None:
    """Make ``place`` for whatever ``query`` writes as ``dpt``, ``com`` and ``body``."""
    context.engine.view("written_place", f"SELECT DISTINCT dpt, com, body FROM ({query})")
    context.engine.scratch("place", sql("place"))


def _communes() -> Iterator[str]:
    for row in load_nomenclature("commune"):
        for number in range(int(row["first"]), int(row["last"]) + 1):
            # Overseas the third figure of the département is the first one of the commune.
            yield f"{row['department'][:2]}{number:03}"
