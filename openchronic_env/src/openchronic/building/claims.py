"""Claims, a few months at a time: lines of events, costs, traits, dealt into buckets of subjects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.dealing import deal
from openchronic.building.details import DETAILS, RIDES, delivered_details, read_details
from openchronic.building.filters import FilterCount
from openchronic.building.leading import Leading, Led, shared_key
from openchronic.building.lines import (
    Kind,
    delivered_kinds,
    lines_of_claims,
    load_services,
)
from openchronic.building.money import CLAIMED, Purse
from openchronic.building.outpatients import load_outpatient_years, public_care_kept
from openchronic.building.places import load_places, read_places
from openchronic.building.simplified import (
    delivered,
    know_persons,
    show_claims,
    show_facilities,
)
from openchronic.building.tally import Tally
from openchronic.building.typed import files_of_months, months
from openchronic.engines.text import sql

# By their names in DCIR, whichever product was delivered.
TABLES = ("ER_PRS_F", "ER_PHA_F")


@dataclass(frozen=True)
class Claims:
    """Where the dealt lines are, and what was counted on the way."""

    event_lines: Path
    cost_lines: Path
    trait_lines: Path
    filters: tuple[FilterCount, ...]
    details: tuple[Leading, ...]
    duplicates: dict[str, int]
    services: int
    money: Purse
    notes: tuple[str, ...]


@dataclass
class Counted:
    """What was counted of the months read so far."""

    duplicates: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    led: Led = field(default_factory=Led)
    last_care: list[date] = field(default_factory=list)
    public: int = 0
    money: Purse = field(default_factory=Purse)


def deal_claims(context: Context) -> Claims:
    """Join months of claims with their detail, filter, and write by bucket of subjects."""
    kinds = delivered_kinds(context)
    readings = context.readings
    names = [delivered(readings, table) for table in TABLES]
    every = months(readings, [*names, *delivered_details(readings).values()])
    counted = Counted()
    know_persons(context)
    _show_no_claim(context)
    load_places(context)
    load_services(context)
    load_outpatient_years(context)
    with context.steps.step("claims", total=len(every), unit="months") as tick:
        for chunk in _chunks(context, every):
            read = partial(_read_months, context, chunk, kinds, counted)
            counted = context.finished.once(f"claims-{chunk[0]}-{chunk[-1]}", read)
            tick(len(chunk))
    _note_window(context, months(readings, names[:1]), counted.last_care)
    _show_no_claim(context)
    _read_traits(context)
    steps = [*(kind.step for kind in kinds), "cost"]
    return Claims(
        event_lines=context.place.private / "claim_line",
        cost_lines=context.place.private / "cost_line",
        trait_lines=context.place.private / "trait_line",
        filters=tuple(one for step in steps for one in counted.tally.counts(context, step)),
        details=counted.led.told(),
        duplicates={table: number for table, number in counted.duplicates.items() if number},
        services=counted.tally.rows["service"],
        money=counted.money,
        notes=tuple(public_care_kept(counted.public)),
    )


def _read_months(
    context: Context, chunk: list[str], kinds: list[Kind], counted: Counted
) -> Counted:
    """Deal the months of ``chunk``, and add what is counted of them."""
    readings = context.readings
    for table in TABLES:
        name = delivered(readings, table)
        files = files_of_months(readings.get(name), chunk)
        extra = show_claims(context, table, files)
        counted.duplicates[name] += extra
        if extra and table == TABLES[0]:
            counted.money.note_duplicates(context, name, files, CLAIMED)
    # Its key is not unique by nature: the query takes its rows of a line together.
    show_facilities(context, files_of_months(readings.get("ER_ETE_F"), chunk))
    context.engine.scratch("claim", sql("claim"))
    counted.last_care += _last_care(context)
    read_details(context, chunk, duplicates=counted.duplicates)
    _look_at_rides(context, counted.led)
    for kind in kinds:
        query, place = lines_of_claims(context, kind), f"claim_line/{kind.step}-{chunk[0]}"
        _deal(context, kind.step, query, place, counted)
        counted.public += context.one(
            "SELECT count(*) FROM judged "
            "WHERE removed_by IS NULL AND is_public_t2a AND NOT is_in_pmsi"
        )[0]
        _note_orphans(context, kind, counted.led)
    _deal(context, "cost", sql("cost_line"), f"cost_line/{chunk[0]}", counted)
    counted.money.note_filtered(
        context, "judged", "removed_by", {amount: amount for amount in CLAIMED}
    )
    _read_traits(context)
    deal(context, sql("trait_line"), context.place.private / "trait_line" / chunk[0])
    return counted


def _show_no_claim(context: Context) -> None:
    """Empty tables: what a bucket without anybody is read from, and memory given back."""
    for table in TABLES:
        show_claims(context, table, [])
    show_facilities(context, [])
    context.engine.scratch("claim", sql("claim"))
    context.engine.drop("judged")


def _deal(context: Context, step: str, query: str, place: str, counted: Counted) -> None:
    """Deal what the filters of ``step`` keep of ``query`` below ``place``."""
    engine = context.engine
    counted.tally.judge(context, step, query)
    deal(
        context,
        f"SELECT {engine.but('removed_by')} FROM judged WHERE removed_by IS NULL",
        context.place.private / place,
    )


def _note_orphans(context: Context, kind: Kind, led: Led) -> None:
    """Add to ``led`` how many of the lines just judged have no claim, where they detail one."""
    if kind.table in DETAILS:
        names = delivered(context.readings, kind.table), delivered(context.readings, "ER_PRS_F")
        lines, orphans = context.one(
            "SELECT count(*), count(*) FILTER (WHERE is_orphan) FROM judged"
        )
        led.note(names, lines=lines, orphans=orphans)


def _look_at_rides(context: Context, led: Led) -> None:
    """Add to ``led`` how many lines of ER_TRS_F, which make no event of their own, have no claim."""
    names = delivered(context.readings, RIDES), delivered(context.readings, "ER_PRS_F")
    if names[0] in context.readings:
        key = shared_key(RIDES, "ER_PRS_F")
        led.look(context, RIDES.lower(), "er_prs_f", key=key, names=names)


def _read_traits(context: Context) -> None:
    """Make ``trait`` and ``place``: what the claims at hand say of people."""
    context.engine.scratch("trait", sql("trait"))
    read_places(context, "SELECT * FROM trait")


def _chunks(context: Context, every: list[str]) -> Iterator[list[str]]:
    """Months together as long as their claims fit the memory limit; at least one at a time."""
    most = context.engine.most_claims()
    if most is None:
        yield from [every] if every else []
        return
    claims = context.readings.get(delivered(context.readings, "ER_PRS_F"))
    chunk: list[str] = []
    size = 0
    for month in every:
        files = files_of_months(claims, [month])
        rows = context.one(f"SELECT count(*) FROM {context.engine.scan(files)}")[0] if files else 0
        if chunk and size + rows > most:
            yield chunk
            chunk, size = [], 0
        chunk.append(month)
        size += rows
    if chunk:
        yield chunk


def _last_care(context: Context) -> list[date]:
    """The last day of care of the months at hand, if any; care cannot follow its own flux."""
    ((day,),) = context.engine.rows(
        "SELECT max(care_date) FROM claim WHERE care_date <= FLX_DIS_DTD"
    )
    return [day] if day else []


def _note_window(context: Context, every: list[str], last_care: list[date]) -> None:
    """Note the days of care that the claims cover, as the table ``care_window``.

    Care of a month arrives from the next month's flux on (CNAM, l'essentiel du SNDS): the first
    flux opens the month before it.
    """
    days = []
    if every and last_care:
        before = date.fromisoformat(f"{every[0]}-01") - timedelta(days=1)
        days.append((before.replace(day=1), max(last_care)))
    context.engine.give("care_window", {"first_care": "DATE", "last_care": "DATE"}, days)
