"""Hospital stays and their diagnoses, year of discharge by year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.engine import sql
from openchronic.building.filters import FilterCount, counts, removed_by
from openchronic.building.finess import load_hospitals, note_doubled
from openchronic.building.hanging import Detail, Fates, Hung, hang
from openchronic.building.leading import Leading, Led, shared_key
from openchronic.building.money import Purse
from openchronic.building.typed import show, show_unique
from openchronic.building.valued import TABLE as VALUED
from openchronic.building.valued import Valued, deal_valued

DETAILS = (
    Detail("T_MCOaaUM", "mco_unit"),
    Detail("T_MCOaaA", "mco_act"),
    Detail("T_MCOaaMED", "mco_public_drug"),
    Detail("T_MCOaaFH", "mco_private_drug"),
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


def read_stays(context: Context) -> Hospital:
    """Make ``stay`` and ``diagnosis`` from T_MCOaaB, C and D, and deal the events of ``DETAILS``."""
    connection = context.connection
    load_hospitals(context)
    duplicates: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    rows = 0
    by_year: Counter[tuple[int | None, str | None]] = Counter()
    details = [one for one in DETAILS if one.table in context.readings]
    read = ("T_MCOaaB", "T_MCOaaC", "T_MCOaaD", VALUED, *(one.table for one in details))
    years = years_of(context, read)
    judge = removed_by(context.settings.filters, "stay")
    made = False
    led = Led()
    fates = Fates()
    valued = Valued()
    with context.steps.step("hospital stays", total=max(len(years), 1), unit="years") as tick:
        for year in years or [0]:
            for table in ("T_MCOaaB", "T_MCOaaC"):
                duplicates[table] += show_unique(
                    connection, table, files_of_year(context, table, year)
                )
            show(connection, "T_MCOaaD", files_of_year(context, "T_MCOaaD", year))
            look_up(context, "T_MCOaaB", ("T_MCOaaC", "T_MCOaaD"), led=led)
            note_doubled(context, "T_MCOaaB")
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE judged AS SELECT *, {judge} AS removed_by "
                f"FROM ({sql('stay_record')})"
            )
            rows += context.one("SELECT count(*) FROM judged")[0]
            removed.update(
                context.counted("SELECT removed_by, count(*) FROM judged GROUP BY removed_by")
            )
            by_year.update(_by_year(context))
            connection.execute(
                "CREATE OR REPLACE TEMP VIEW stay_record AS "
                "SELECT * FROM judged WHERE removed_by IS NULL"
            )
            connection.execute(f"CREATE OR REPLACE TEMP TABLE year_stay AS {sql('stay')}")
            whole = "SELECT * EXCLUDE (ETA_NUM, RSA_NUM, file_year) FROM year_stay"
            _add(context, "all_stay", whole, first=not made)
            connection.execute("CREATE OR REPLACE TEMP VIEW stay AS SELECT * FROM year_stay")
            _add(context, "diagnosis", sql("diagnosis"), first=not made)
            made = True
            connection.execute(f"CREATE OR REPLACE TEMP TABLE host AS {sql('hospital/mco_host')}")
            for one in details:
                files = files_of_year(context, one.table, year)
                hang(
                    context,
                    one,
                    files,
                    to="T_MCOaaB",
                    part=str(year),
                    fates=fates,
                    duplicates=duplicates,
                )
            if VALUED in context.readings:
                deal_valued(
                    context,
                    files_of_year(context, VALUED, year),
                    part=str(year),
                    valued=valued,
                    fates=fates,
                    duplicates=duplicates,
                )
            tick()
    connection.execute("CREATE OR REPLACE TEMP VIEW stay AS SELECT * FROM all_stay")
    return Hospital(
        filters=(
            *counts(context.settings.filters, "stay", rows=rows, removed=dict(removed)),
            *valued.filters(context),
        ),
        duplicates={table: number for table, number in duplicates.items() if number},
        details=led.told(),
        by_year=tuple(StayCount(*one, number) for one, number in sorted(by_year.items(), key=str)),
        hung=fates.told(),
        valued=valued.amount,
        money=valued.money,
    )


def _by_year(context: Context) -> dict[tuple[int | None, str | None], int]:
    rows = context.connection.execute(
        "SELECT CAST(stay_year AS INTEGER), removed_by, count(*) FROM judged GROUP BY ALL"
    ).fetchall()
    return {(year, name): number for year, name, number in rows}


def _add(context: Context, table: str, query: str, *, first: bool) -> None:
    verb = f"CREATE OR REPLACE TABLE {table} AS" if first else f"INSERT INTO {table}"
    context.connection.execute(f"{verb} {query}")


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
