"""The questions that reconcile a release: to its tables, and to the delivered amounts that they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from openchronic.build.context import Context
from openchronic.build.money import good_lines, summing
from openchronic.build.typed import files_of
from openchronic.catalogue.claims import CLAIMS
from openchronic.models.acute import PAID, VALUED
from openchronic.models.claims import CLAIMED
from openchronic.models.delivery import Delivery


def every(context: Context, delivery: Delivery) -> Iterator[str]:
    """Yields the questions to the finished release and its sources, for one query to answer."""
    yield lines_by_table(context, "birth", "death", "stay", "session")
    yield lines_by_table(context, "birth", "death")
    yield from (stays(context), states(context))
    of_claims = context.readings[delivery.delivered(CLAIMS)]
    yield summing(good_lines(context, files_of(of_claims)), CLAIMED)
    yield summing(costs(context), own(CLAIMED))
    yield from (billed(dealt(context)), billed(costs(context)), number(costs(context)))
    yield number(costs(context, of_stays=True))
    if VALUED in context.readings:
        yield summing(good_lines(context, files_of(context.readings[VALUED])), PAID)
        yield summing(costs(context, of_stays=True), own(PAID))


def lines_by_table(context: Context, *but: str) -> str:
    """Returns SQL: the lines that events were made of, by table, ``but`` for those types of events."""
    types = ", ".join(f"'{one}'" for one in but)
    return (
        f"SELECT source_table, sum(n_source_rows) FROM {_table(context, 'event')} "
        f"WHERE event_type NOT IN ({types}) GROUP BY source_table"
    )


def stays(context: Context) -> str:
    """Returns SQL: the records that stays were made of, by setting of care."""
    return (
        f"SELECT care_setting, sum(n_records) FROM {_table(context, 'stay')} GROUP BY care_setting"
    )


def states(context: Context) -> str:
    """Returns SQL: the exemption records that ALDs were made of."""
    return f"SELECT sum(n_source_rows) FROM {_table(context, 'ald')}"


def billed(rows: str) -> str:
    """Returns SQL: the euros billed in ``rows``."""
    return f"SELECT coalesce(sum(billed), 0) FROM {rows}"


def number(rows: str) -> str:
    """Returns SQL: the number of ``rows``."""
    return f"SELECT count(*) FROM {rows}"


def own(amounts: Iterable[str]) -> dict[str, str]:
    """Returns amounts by the name of their column in ``cost``, which is their own."""
    return {amount: amount for amount in amounts}


def costs(context: Context, *, of_stays: bool = False) -> str:
    """Returns SQL: the costs of stays, or those of claims."""
    which = "=" if of_stays else "<>"
    return f"(SELECT * FROM {_table(context, 'cost')} WHERE source_table {which} '{VALUED}')"


def _table(context: Context, name: str) -> str:
    return context.engine.scan(sorted((context.place.release / name).rglob("*.parquet")))


def dealt(context: Context) -> str:
    """Returns SQL: the costs as the claims were dealt to the buckets; those of the release where no file is left."""
    files: list[Path] = sorted((context.place.private / "cost_line").rglob("*.parquet"))
    return context.engine.scan(files) if files else _table(context, "cost")
