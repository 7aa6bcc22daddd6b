"""What must hold of a release before it goes into service; a check that fails stops the publish."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from openchronic.building.claims import Claims
from openchronic.building.context import Context
from openchronic.building.filters import FilterCount
from openchronic.building.simplified import delivered
from openchronic.building.tables import Regularised
from openchronic.building.typed import file_list
from openchronic.errors import OpenChronicError


@dataclass(frozen=True)
class Check:
    """One statement about the release, and the two figures that must be equal."""

    name: str
    expected: str
    found: str

    @property
    def holds(self) -> bool:
        return self.expected == self.found


def check(
    context: Context, claims: Claims, filters: Iterable[FilterCount], regularised: Regularised
) -> list[Check]:
    """All checks. Raises OpenChronicError when one does not hold."""
    checks = [
        _drug_rows(context, claims, list(filters), regularised),
        _cost_rows(context, claims, list(filters)),
        *_event_rules(context),
    ]
    failed = [one for one in checks if not one.holds]
    if failed:
        raise OpenChronicError(
            "the release failed its checks and was not published: "
            + "; ".join(f"{one.name}: expected {one.expected}, found {one.found}" for one in failed)
        )
    return checks


def _drug_rows(
    context: Context, claims: Claims, filters: list[FilterCount], regularised: Regularised
) -> Check:
    table = delivered(context.readings, "ER_PHA_F")
    reading = context.readings.get(table)
    kept = reading.kept if reading else 0
    removed = sum(one.before - one.after for one in filters if one.step == "drug")
    (summed,) = context.one(
        f"SELECT sum(n_source_rows) FROM {_table(context, 'event')} WHERE event_type = 'drug'"
    )
    found = summed + removed + regularised.lines + claims.duplicates.get(table, 0)
    return Check(
        f"every typed line of {table} is in an event, a filter or a regularisation",
        str(kept),
        str(found),
    )


def _cost_rows(context: Context, claims: Claims, filters: list[FilterCount]) -> Check:
    table = delivered(context.readings, "ER_PRS_F")
    kept = context.readings[table].kept
    removed = sum(one.before - one.after for one in filters if one.step == "cost")
    (rows,) = context.one(f"SELECT count(*) FROM {_table(context, 'cost')}")
    found = rows + removed + claims.duplicates.get(table, 0)
    return Check(f"every typed line of {table} is in cost or in a filter", str(kept), str(found))


def _event_rules(context: Context) -> list[Check]:
    event = _table(context, "event")
    rules = {
        "every event has a subject and a date": "subject_id IS NULL OR start_date IS NULL",
        "no event ends before it starts": "end_date < start_date",
    }
    checks = [
        Check(name, "0", str(context.one(f"SELECT count(*) FROM {event} WHERE {fault}")[0]))
        for name, fault in rules.items()
    ]
    twice = 0
    for path in sorted((context.place.release / "event").rglob("*.parquet")):
        twice += context.one(
            f"SELECT count(*) - count(DISTINCT hash(event_id)) FROM {file_list([path])}"
        )[0]
    checks.append(Check("event_id is unique", "0", str(twice)))
    ((delivered, written),) = context.connection.execute(
        f"SELECT (SELECT coalesce(sum(billed), 0) FROM {_dealt(context)}), "
        f"(SELECT coalesce(sum(billed), 0) FROM {_table(context, 'cost')})"
    ).fetchall()
    checks.append(
        Check(
            "cost adds up to what the kept claims say",
            str(Decimal(delivered)),
            str(Decimal(written)),
        )
    )
    return checks


def _table(context: Context, name: str) -> str:
    return file_list(sorted((context.place.release / name).rglob("*.parquet")))


def _dealt(context: Context) -> str:
    files = sorted((context.place.private / "cost_line").rglob("*.parquet"))
    return file_list(files) if files else _table(context, "cost")
