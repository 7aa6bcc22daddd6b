"""Hospital stays and their diagnoses, year of discharge by year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.filters import FilterCount
from openchronic.building.finess import load_hospitals, note_doubled
from openchronic.building.hanging import Detail, Fates, Hung, hang
from openchronic.building.leading import Leading, Led, shared_key
from openchronic.building.letters import load_letters
from openchronic.building.money import Purse
from openchronic.building.shared import show_unique
from openchronic.building.tally import Tally
from openchronic.building.typed import show
from openchronic.building.valued import TABLE as VALUED
from openchronic.building.valued import Valued, deal_valued
from openchronic.engines.text import sql

DETAILS = (
    Detail("T_MCOaaUM", "mco_unit"),
    Detail("T_MCOaaA", "mco_act"),
    Detail("T_MCOaaMED", "mco_public_drug"),
    Detail("T_MCOaaFH", "mco_private_drug"),
    Detail("T_MCOaaFB", "mco_service"),
)


@dataclass(frozen=True)
class StayCount:
    """Stays of a year of discharge that one filter removed (None: that none did)."""

    year: int | None
    removed_by: str | None
    stays: int


@dataclass(frozen=True)
class Hospital:
    """What was counted while reading the stays."""

    filters: tuple[FilterCount, ...]
    duplicates: dict[str, int]
    details: tuple[Leading, ...]
    by_year: tuple[StayCount, ...] = ()
    hung: tuple[Hung, ...] = ()
    valued: Decimal = Decimal(0)
    money: Purse | None = None


@dataclass
class Counted:
    """What was counted of the years read so far."""

    tally: Tally = field(default_factory=Tally)
    by_year: Counter[tuple[int | None, str | None]] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    led: Led = field(default_factory=Led)
    fates: Fates = field(default_factory=Fates)
    valued: Valued = field(default_factory=Valued)


def read_stays(context: Context) -> Hospital:
    """Make ``stay`` and ``diagnosis`` from T_MCOaaB, C and D, and deal the events of ``DETAILS``."""
    load_hospitals(context)
    load_letters(context)
    counted = Counted()
    read = ("T_MCOaaB", "T_MCOaaC", "T_MCOaaD", VALUED, *(one.table for one in _details(context)))
    years = years_of(context, read) or [0]
    with context.steps.step("hospital stays", total=len(years), unit="years") as tick:
        for year in years:
            counted = context.finished.once(
                f"stays-{year}", partial(_read_year, context, year, counted)
            )
            tick()
    context.engine.view("stay", "SELECT * FROM all_stay")
    return Hospital(
        filters=(
            *counted.tally.counts(context, "stay"),
            *counted.valued.filters(context),
        ),
        duplicates={table: number for table, number in counted.duplicates.items() if number},
        details=counted.led.told(),
        by_year=tuple(
            StayCount(*one, number) for one, number in sorted(counted.by_year.items(), key=str)
        ),
        hung=counted.fates.told(),
        valued=counted.valued.amount,
        money=counted.valued.money,
    )


def _details(context: Context) -> list[Detail]:
    return [one for one in DETAILS if one.table in context.readings]


def _read_year(context: Context, year: int, counted: Counted) -> Counted:
    """Add the stays and diagnoses of a year, deal its events and costs, count."""
    engine = context.engine
    for table in ("T_MCOaaB", "T_MCOaaC"):
        files = files_of_year(context, table, year)
        counted.duplicates[table] += show_unique(context, table, files)
    show(context, "T_MCOaaD", files_of_year(context, "T_MCOaaD", year))
    look_up(context, "T_MCOaaB", ("T_MCOaaC", "T_MCOaaD"), led=counted.led)
    note_doubled(context, "T_MCOaaB")
    show(context, VALUED, files_of_year(context, VALUED, year))
    engine.scratch("valuation", sql("valuation"))
    counted.tally.judge(context, "stay", named_records("stay"))
    counted.by_year.update(_by_year(context))
    engine.view("stay_record", "SELECT * FROM judged WHERE removed_by IS NULL")
    engine.scratch("year_stay", sql("stay"))
    whole = f"SELECT {engine.but('ETA_NUM', 'RSA_NUM', 'file_year')} FROM year_stay"
    engine.add("all_stay", f"mco-{year}", whole)
    engine.view("stay", "SELECT * FROM year_stay")
    engine.add("diagnosis", str(year), sql("diagnosis"))
    engine.scratch("host", sql("hospital/mco_host"))
    for one in _details(context):
        hang(
            context,
            one,
            files_of_year(context, one.table, year),
            to="T_MCOaaB",
            part=str(year),
            fates=counted.fates,
            duplicates=counted.duplicates,
        )
    if VALUED in context.readings:
        deal_valued(
            context,
            files_of_year(context, VALUED, year),
            part=str(year),
            valued=counted.valued,
            fates=counted.fates,
            duplicates=counted.duplicates,
        )
    return counted


def _by_year(context: Context) -> dict[tuple[int | None, str | None], int]:
    rows = context.engine.rows(
        "SELECT CAST(stay_year AS INTEGER), removed_by, count(*) FROM judged GROUP BY 1, 2"
    )
    return {(year, name): number for year, name, number in rows}


def named_records(step: str) -> str:
    """SQL: the records that the filters of ``step`` judge, each with whose it is."""
    return f"WITH record AS ({sql(f'{step}_record')})\n{sql('named_record')}"


def look_up(context: Context, to: str, tables: Iterable[str], *, led: Led) -> None:
    """Add to ``led`` the lines of the delivered ones of ``tables``: all are shown for one year."""
    for table in tables:
        if table in context.readings and to in context.readings:
            led.look(context, table, to, key=shared_key(table, to), names=(table, to))


def years_of(context: Context, tables: Iterable[str]) -> list[int]:
    """The years of which some file of ``tables`` was delivered; 0: a file of no given year."""
    return sorted(
        {
            file.file.year or 0
            for table in tables
            if table in context.readings
            for file in context.readings[table].files
        }
    )


def files_of_year(context: Context, table: str, year: int) -> list[Path]:
    """The typed files of one year of a table."""
    if table not in context.readings:
        return []
    return sorted(
        path
        for file in context.readings[table].files
        if (file.file.year or 0) == year
        for path in file.folder.rglob("*.parquet")
    )
