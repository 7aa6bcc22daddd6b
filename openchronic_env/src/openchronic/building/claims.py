"""Claims, a few months at a time: lines of events, costs, traits, dealt into buckets of subjects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.dealing import deal
from openchronic.building.details import DETAILS, RIDES, delivered_details, read_details
from openchronic.building.engine import sql
from openchronic.building.filters import FilterCount, counts, removed_by
from openchronic.building.leading import Leading, Led, shared_key
from openchronic.building.lines import (
    Kind,
    delivered_kinds,
    lines_of_claims,
    load_services,
)
from openchronic.building.places import load_places, read_places
from openchronic.building.simplified import (
    delivered,
    know_persons,
    show_claims,
    show_facilities,
)
from openchronic.building.typed import file_list, files_of_months, months

# Bytes of the memory limit that one claim line may need in the joins of a month.
BYTES_PER_CLAIM = 4000
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


def deal_claims(context: Context) -> Claims:
    """Join months of claims with their detail, filter, and write by bucket of subjects."""
    duplicates: Counter[str] = Counter()
    kinds = delivered_kinds(context)
    steps = [*(kind.step for kind in kinds), "cost"]
    removed = {step: Counter[str]() for step in steps}
    rows: Counter[str] = Counter()
    readings = context.readings
    names = [delivered(readings, table) for table in TABLES]
    every = months(readings, [*names, *delivered_details(readings).values()])
    led = Led()
    last_care: list[date] = []
    know_persons(context.connection)
    _show_no_claim(context)
    load_places(context)
    load_services(context)
    with context.steps.step("claims", total=len(every)) as tick:
        for chunk in _chunks(context, every):
            for table, name in zip(TABLES, names, strict=True):
                duplicates[name] += show_claims(
                    context.connection,
                    readings,
                    table,
                    files_of_months(readings.get(name), chunk),
                )
            # Its key is not unique by nature: the query takes its rows of a line together.
            show_facilities(
                context.connection, readings, files_of_months(readings.get("ER_ETE_F"), chunk)
            )
            context.connection.execute(f"CREATE OR REPLACE TEMP TABLE claim AS {sql('claim')}")
            last_care += _last_care(context)
            read_details(context, chunk, duplicates=duplicates)
            _look_at_rides(context, led)
            for kind in kinds:
                query, place = lines_of_claims(context, kind), f"claim_line/{kind.step}-{chunk[0]}"
                rows[kind.step] += _deal(context, kind.step, query, place, removed[kind.step])
                _note_orphans(context, kind, led)
            cost = f"cost_line/{chunk[0]}"
            rows["cost"] += _deal(context, "cost", sql("cost_line"), cost, removed["cost"])
            _read_traits(context)
            deal(context, sql("trait_line"), context.place.private / "trait_line" / chunk[0])
            tick(len(chunk))
    _note_window(context, months(readings, names[:1]), last_care)
    _show_no_claim(context)
    _read_traits(context)
    used = [
        one
        for step in steps
        for one in counts(
            context.settings.filters, step, rows=rows[step], removed=dict(removed[step])
        )
    ]
    return Claims(
        event_lines=context.place.private / "claim_line",
        cost_lines=context.place.private / "cost_line",
        trait_lines=context.place.private / "trait_line",
        filters=tuple(used),
        details=led.told(),
        duplicates={table: number for table, number in duplicates.items() if number},
        services=rows["service"],
    )


def _show_no_claim(context: Context) -> None:
    """Empty tables: what a bucket without anybody is read from, and memory given back."""
    for table in TABLES:
        show_claims(context.connection, context.readings, table, [])
    show_facilities(context.connection, context.readings, [])
    context.connection.execute(f"CREATE OR REPLACE TEMP TABLE claim AS {sql('claim')}")
    context.connection.execute("DROP TABLE IF EXISTS judged")


def _deal(context: Context, step: str, query: str, place: str, removed: Counter[str]) -> int:
    """Deal what the filters of ``step`` keep of ``query`` below ``place``; returns its rows."""
    connection = context.connection
    judge = removed_by(context.settings.filters, step)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE judged AS SELECT *, {judge} AS removed_by FROM ({query})"
    )
    (rows,) = context.one("SELECT count(*) FROM judged")
    removed.update(context.counted("SELECT removed_by, count(*) FROM judged GROUP BY removed_by"))
    deal(
        context,
        "SELECT * EXCLUDE (removed_by) FROM judged WHERE removed_by IS NULL",
        context.place.private / place,
    )
    return rows


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
    context.connection.execute(f"CREATE OR REPLACE TEMP TABLE trait AS {sql('trait')}")
    read_places(context, "FROM trait")


def _chunks(context: Context, every: list[str]) -> Iterator[list[str]]:
    """Months together as long as their claims fit the memory limit; at least one at a time."""
    most = context.settings.memory // BYTES_PER_CLAIM
    chunk: list[str] = []
    size = 0
    for month in every:
        claims = context.readings.get(delivered(context.readings, "ER_PRS_F"))
        files = files_of_months(claims, [month])
        rows = context.one(f"SELECT count(*) FROM {file_list(files)}")[0] if files else 0
        if chunk and size + rows > most:
            yield chunk
            chunk, size = [], 0
        chunk.append(month)
        size += rows
    if chunk:
        yield chunk


def _last_care(context: Context) -> list[date]:
    """The last day of care of the months at hand, if any; care cannot follow its own flux."""
    ((day,),) = context.connection.execute(
        "SELECT max(care_date) FROM claim WHERE care_date <= FLX_DIS_DTD"
    ).fetchall()
    return [day] if day else []


def _note_window(context: Context, every: list[str], last_care: list[date]) -> None:
    """Note the days of care that the claims cover, as the table ``care_window``.

    Care of a month arrives from the next month's flux on (CNAM, l'essentiel du SNDS): the first
    flux opens the month before it.
    """
    context.connection.execute(
        "CREATE OR REPLACE TEMP TABLE care_window (first_care DATE, last_care DATE)"
    )
    if every and last_care:
        before = date.fromisoformat(f"{every[0]}-01") - timedelta(days=1)
        context.connection.execute(
            "INSERT INTO care_window VALUES (?, ?)", [before.replace(day=1), max(last_care)]
        )
