"""The checks of a build: accounts of what only a build still has, then those of every release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openchronic.building.claims import Claims
from openchronic.building.context import Context
from openchronic.building.details import DetailCount
from openchronic.building.engine import engine
from openchronic.building.filters import FilterCount
from openchronic.building.progress import Steps
from openchronic.building.settings import Settings
from openchronic.building.simplified import delivered
from openchronic.building.tables import Regularised
from openchronic.building.typed import file_list
from openchronic.building.workplace import Workplace
from openchronic.checks.catalogue import load_checks
from openchronic.checks.judging import Verdict, judge, refusal, sentence, stopped
from openchronic.checks.material import Material, files_under, show
from openchronic.checks.measuring import measure
from openchronic.errors import OpenChronicError


@dataclass(frozen=True)
class Account:
    """An account of lines or euros: the two figures that must be equal."""

    name: str
    expected: str
    found: str


def accounts(
    context: Context, claims: Claims, filters: Iterable[FilterCount], regularised: Regularised
) -> list[Account]:
    """What the delivery held against what was made of it; the rows of the table ``balance``."""
    filters = list(filters)
    return [
        _drug_rows(context, claims, filters, regularised),
        _cost_rows(context, claims, filters),
        _cost_sum(context),
        *(_detail_rows(context, claims, one) for one in claims.details),
    ]


def judged(
    settings: Settings,
    place: Workplace,
    manifest: Mapping[str, Any],
    previous: Material | None,
    steps: Steps,
) -> list[Verdict]:
    """All checks of ``checks.csv`` on the release that is ready in ``place``.

    Raises OpenChronicError when one stops the publish and was not accepted.
    """
    here = place.private / "checks"
    here.mkdir(mode=0o700)
    with engine(
        here, memory=settings.memory, threads=settings.threads, spill=place.spill
    ) as connection:
        show(connection, Material(files_under(place.release), manifest), previous)
        verdicts = judge(measure(connection, load_checks()), accepted=settings.accept)
    if stopped(verdicts):
        raise OpenChronicError(refusal(verdicts))
    for one in verdicts:
        if one.state in ("warning", "accepted"):
            steps.warn(f"check {one.state}: {sentence(one)}")
    return verdicts


def _drug_rows(
    context: Context, claims: Claims, filters: list[FilterCount], regularised: Regularised
) -> Account:
    table = delivered(context.readings, "ER_PHA_F")
    reading = context.readings.get(table)
    kept = reading.kept if reading else 0
    removed = sum(one.before - one.after for one in filters if one.step == "drug")
    (summed,) = context.one(
        f"SELECT sum(n_source_rows) FROM {_table(context, 'event')} WHERE event_type = 'drug'"
    )
    found = summed + removed + regularised.lines + claims.duplicates.get(table, 0)
    return Account(
        f"every typed line of {table} is in an event, a filter or a regularisation",
        str(kept),
        str(found),
    )


def _cost_rows(context: Context, claims: Claims, filters: list[FilterCount]) -> Account:
    table = delivered(context.readings, "ER_PRS_F")
    kept = context.readings[table].kept
    removed = sum(one.before - one.after for one in filters if one.step == "cost")
    (rows,) = context.one(f"SELECT count(*) FROM {_table(context, 'cost')}")
    found = rows + removed + claims.duplicates.get(table, 0)
    return Account(f"every typed line of {table} is in cost or in a filter", str(kept), str(found))


def _detail_rows(context: Context, claims: Claims, detail: DetailCount) -> Account:
    kept = context.readings[detail.table].kept
    found = detail.lines + claims.duplicates.get(detail.table, 0)
    return Account(
        f"every typed line of {detail.table} was looked for among the claims",
        str(kept),
        str(found),
    )


def _cost_sum(context: Context) -> Account:
    ((delivered, written),) = context.connection.execute(
        f"SELECT (SELECT coalesce(sum(billed), 0) FROM {_dealt(context)}), "
        f"(SELECT coalesce(sum(billed), 0) FROM {_table(context, 'cost')})"
    ).fetchall()
    return Account(
        "cost adds up to what the kept claims say", str(Decimal(delivered)), str(Decimal(written))
    )


def _table(context: Context, name: str) -> str:
    return file_list(sorted((context.place.release / name).rglob("*.parquet")))


def _dealt(context: Context) -> str:
    files: list[Path] = sorted((context.place.private / "cost_line").rglob("*.parquet"))
    return file_list(files) if files else _table(context, "cost")
