"""Rehabilitation, hospital at home, psychiatry and hospital outpatients: the records that count.

What the filters leave lies by year in the build's private zone; no events are made of it yet.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.engine import quoted, sql
from openchronic.building.filters import FilterCount, counts, removed_by
from openchronic.building.finess import note_doubled
from openchronic.building.hospital import Hospital, files_of_year, look_up, years_of
from openchronic.building.leading import Led
from openchronic.building.typed import show, show_unique
from openchronic.schema import load_tables


@dataclass(frozen=True)
class Product:
    """A product of the PMSI. The rows of its first table are judged, by the filters of ``step``.

    ``doubles``: whether some of its facilities declare twice.
    """

    step: str
    name: str
    tables: tuple[str, ...]
    doubles: bool


# AP-HP, HCL and AP-HM repeat themselves where a published filter says so: not at home, not in
# psychiatry.
PRODUCTS = (
    Product("ssr", "rehabilitation", ("T_SSRaaB", "T_SSRaaC"), doubles=True),
    Product("had", "hospital at home", ("T_HADaaB", "T_HADaaC", "T_HADaaGRP"), doubles=False),
    Product("rip", "psychiatry", ("T_RIPaaRSA", "T_RIPaaC"), doubles=False),
    Product("ssr_ace", "rehabilitation outpatients", ("T_SSRaaCSTC",), doubles=False),
    Product("ace", "hospital outpatients", ("T_MCOaaCSTC",), doubles=True),
)


def read_elsewhere(context: Context) -> Hospital:
    """Filter the records of every product that was delivered."""
    filters: list[FilterCount] = []
    duplicates: Counter[str] = Counter()
    led = Led()
    for product in PRODUCTS:
        if product.tables[0] in context.readings:
            filters += _read(context, product, led=led, duplicates=duplicates)
    return Hospital(
        filters=tuple(filters),
        duplicates={table: number for table, number in duplicates.items() if number},
        details=led.told(),
    )


def records_of(context: Context, product: Product) -> list[Path]:
    """The files of the records of a product that the filters left; none when it was not delivered."""
    return sorted(_folder(context, product).glob("*.parquet"))


def _folder(context: Context, product: Product) -> Path:
    return context.place.private / f"{product.step}_record"


def _read(
    context: Context, product: Product, *, led: Led, duplicates: Counter[str]
) -> list[FilterCount]:
    connection = context.connection
    judge = removed_by(context.settings.filters, product.step)
    removed: Counter[str] = Counter()
    rows = 0
    folder = _folder(context, product)
    folder.mkdir()
    years = years_of(context, product.tables)
    with context.steps.step(product.name, total=len(years)) as tick:
        for year in years:
            for table in product.tables:
                files = files_of_year(context, table, year)
                if load_tables()[table].unique:
                    duplicates[table] += show_unique(connection, table, files)
                else:
                    show(connection, table, files)
            look_up(context, product.tables[0], product.tables[1:], led=led)
            if product.doubles:
                note_doubled(context, product.tables[0])
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE judged AS SELECT *, {judge} AS removed_by "
                f"FROM ({sql(f'{product.step}_record')})"
            )
            rows += context.one("SELECT count(*) FROM judged")[0]
            removed.update(
                context.counted("SELECT removed_by, count(*) FROM judged GROUP BY removed_by")
            )
            connection.execute(
                "COPY (SELECT * EXCLUDE (removed_by) FROM judged WHERE removed_by IS NULL) "
                f"TO {quoted(folder / f'{year}.parquet')} (FORMAT parquet)"
            )
            connection.execute("DROP TABLE judged")
            tick()
    return counts(context.settings.filters, product.step, rows=rows, removed=dict(removed))
