"""Checks the subjects before other tables are made from them."""

from __future__ import annotations

from openchronic.build.context import Context
from openchronic.errors import OpenChronicError, SourceError

COLLISIONS = (
    "SELECT coalesce(sum(CASE WHEN n > 1 THEN 1 ELSE 0 END), 0), count(*) "
    "FROM (SELECT subject_id, count(*) AS n FROM subject GROUP BY subject_id)"
)


def refuse_collisions(context: Context) -> None:
    """Raises OpenChronicError where two subjects share a number, SourceError where the referential has no person."""
    shared, subjects = context.one(COLLISIONS)
    if shared:
        raise OpenChronicError(
            f"{shared} subject numbers are shared by two persons: choose another site key"
        )
    if not subjects:
        name = "IR_BEN_R" if "IR_BEN_R" in context.readings else "IR_IBA_R"
        raise SourceError(f"{name}: no usable beneficiary in it")
