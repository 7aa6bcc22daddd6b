"""Reports numbers that several persons share, and ranks of one person."""

from __future__ import annotations

from collections.abc import Iterable

from openchronic.build.context import Context
from openchronic.models.filters.filter import FilterCount, load_filters

# The column that the filters on such records read.
SHARED = "is_shared"
NUMBERS = "SELECT count(*), count(*) FILTER (WHERE is_shared), count(*) FILTER (WHERE has_ranks_of_one) FROM psa"
PERSONS = (
    "SELECT count(*), count(*) FILTER (WHERE shares) FROM ("
    "SELECT subject.subject_id, bool_or(psa.is_shared) AS shares FROM subject "
    "INNER JOIN pair ON pair.natural_id = subject.natural_id "
    "INNER JOIN psa ON psa.BEN_NIR_PSA = pair.BEN_NIR_PSA GROUP BY subject.subject_id)"
)


def of_people(context: Context) -> list[str]:
    """Returns sentences on the numbers of the referential. Must be called after the stage of people."""
    context.foresee([NUMBERS, PERSONS])
    numbers, shared, ranks = context.one(NUMBERS)
    persons, sharing = context.one(PERSONS)
    notes = []
    if shared:
        notes.append(
            f"{shared:,} of {numbers:,} numbers are of several persons: "
            f"{_share(sharing, persons)} persons share theirs. In hospital such a number is that of "
            "the one who was in care then, and nobody's where that does not tell"
        )
    if ranks:
        notes.append(
            f"{ranks:,} of {numbers:,} numbers have several birth ranks under one lifelong number: "
            "each is one person here, perhaps twins or triplets whom the referential does not tell apart"
        )
    return notes


def of_records(filters: Iterable[FilterCount]) -> list[str]:
    """Returns sentences on the hospital records that were left out because their number is shared."""
    names = {one.name for one in load_filters() if one.remove_when == SHARED}
    return [
        f"{_share(one.before - one.after, one.before)} records are left out by {one.name}: their number "
        f"is of several persons and nothing tells whose they are (--without-filter {one.name} gives "
        "each to the likeliest)"
        for one in filters
        if one.name in names and one.after < one.before
    ]


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)"
