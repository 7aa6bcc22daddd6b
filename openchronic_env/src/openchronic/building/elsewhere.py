"""Rehabilitation, hospital at home, psychiatry and hospital outpatients: records, stays and events.

The records that the filters leave lie by year in the build's private zone. Those of stays are made
stays, beside the ones of acute care; what details a record or a visit becomes events.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.engine import quoted, sql
from openchronic.building.filters import FilterCount, counts, removed_by
from openchronic.building.finess import note_doubled
from openchronic.building.hanging import Detail, Fates, deal_lines, hang
from openchronic.building.hospital import Hospital, files_of_year, look_up, years_of
from openchronic.building.leading import Led
from openchronic.building.typed import show, show_unique
from openchronic.schema import load_nomenclature, load_tables


@dataclass(frozen=True)
class Product:
    """A product of the PMSI. The rows of its first table are judged, by the filters of ``step``.

    ``doubles``: whether some of its facilities declare twice. ``care_setting``: of the stays that
    its records are parts of; empty: they are visits. ``diagnoses``: the query of those that the
    records themselves say. ``details``: the tables whose lines hang on a record.
    """

    step: str
    name: str
    tables: tuple[str, ...]
    doubles: bool
    care_setting: str = ""
    diagnoses: str = ""
    details: tuple[Detail, ...] = ()


# AP-HP, HCL and AP-HM repeat themselves where a published filter says so: not at home, not in
# psychiatry.
PRODUCTS = (
    Product(
        "ssr",
        "rehabilitation",
        ("T_SSRaaB", "T_SSRaaC"),
        doubles=True,
        care_setting="ssr",
        diagnoses="ssr_diagnosis",
        details=(
            Detail("T_SSRaaD", "ssr_associated"),
            Detail("T_SSRaaCCAM", "ssr_act"),
            Detail("T_SSRaaCSARR", "ssr_rehabilitation"),
        ),
    ),
    Product(
        "had",
        "hospital at home",
        ("T_HADaaB", "T_HADaaC", "T_HADaaGRP"),
        doubles=False,
        care_setting="had",
        diagnoses="had_diagnosis",
        details=(Detail("T_HADaaD", "had_associated"), Detail("T_HADaaA", "had_act")),
    ),
    Product(
        "rip",
        "psychiatry",
        ("T_RIPaaRSA", "T_RIPaaC"),
        doubles=False,
        care_setting="psy",
        diagnoses="rip_diagnosis",
        details=(Detail("T_RIPaaR3A", "rip_act", host="rip_patient"),),
    ),
    Product("ssr_ace", "rehabilitation outpatients", ("T_SSRaaCSTC",), doubles=False),
    Product(
        "ace",
        "hospital outpatients",
        ("T_MCOaaCSTC",),
        doubles=True,
        details=(
            Detail("T_MCOaaFBSTC", "ace_service"),
            Detail("T_MCOaaFCSTC", "ace_service"),
            Detail("T_MCOaaFMSTC", "ace_act"),
            Detail("T_MCOaaFLSTC", "ace_test"),
        ),
    ),
)


def read_elsewhere(context: Context) -> Hospital:
    """Filter the records of every product that was delivered, make their stays and events."""
    _load_letters(context)
    filters: list[FilterCount] = []
    duplicates: Counter[str] = Counter()
    led = Led()
    fates = Fates()
    for product in PRODUCTS:
        if product.tables[0] in context.readings:
            filters += _read(context, product, led=led, fates=fates, duplicates=duplicates)
    return Hospital(
        filters=tuple(filters),
        duplicates={table: number for table, number in duplicates.items() if number},
        details=led.told(),
        hung=fates.told(),
    )


def records_of(context: Context, product: Product) -> list[Path]:
    """The files of the records of a product that the filters left; none when it was not delivered."""
    return sorted(_folder(context, product).glob("*.parquet"))


def _folder(context: Context, product: Product) -> Path:
    return context.place.private / f"{product.step}_record"


def _read(
    context: Context, product: Product, *, led: Led, fates: Fates, duplicates: Counter[str]
) -> list[FilterCount]:
    connection = context.connection
    judge = removed_by(context.settings.filters, product.step)
    removed: Counter[str] = Counter()
    rows = 0
    folder = _folder(context, product)
    folder.mkdir()
    records = product.tables[0]
    details = [one for one in product.details if one.table in context.readings]
    years = years_of(context, (*product.tables, *(one.table for one in details)))
    with context.steps.step(product.name, total=len(years), unit="years") as tick:
        for year in years:
            for table in product.tables:
                files = files_of_year(context, table, year)
                if load_tables()[table].unique:
                    duplicates[table] += show_unique(connection, table, files)
                else:
                    show(connection, table, files)
            look_up(context, records, product.tables[1:], led=led)
            if product.doubles:
                note_doubled(context, records)
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
            _make_hosts(context, product)
            if product.diagnoses:
                query = sql(f"hospital/{product.diagnoses}")
                deal_lines(context, records, query, to=records, part=str(year), fates=fates)
            for one in details:
                hang(
                    context,
                    one,
                    files_of_year(context, one.table, year),
                    to=records,
                    part=str(year),
                    fates=fates,
                    duplicates=duplicates,
                )
            connection.execute("DROP TABLE judged")
            tick()
    return counts(context.settings.filters, product.step, rows=rows, removed=dict(removed))


def _make_hosts(context: Context, product: Product) -> None:
    """Make ``host``, what lines hang on: visits, or parts of stays; these are added to all stays."""
    connection = context.connection
    if not product.care_setting:
        if product.details:
            connection.execute(f"CREATE OR REPLACE TEMP TABLE host AS {sql('hospital/ace_host')}")
        return
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE part AS {sql(f'hospital/{product.step}_part')}"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE year_stay AS {sql('hospital/other_stay')}")
    connection.execute(
        "INSERT INTO all_stay BY NAME SELECT * EXCLUDE (stay_number, file_year) FROM year_stay"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE host AS {sql('hospital/other_host')}")


def _load_letters(context: Context) -> None:
    """Make ``service_letter``: the letters of services, their labels, and which are visits."""
    visits = {row["code"]: row for row in load_nomenclature("hospital_visit")}
    labels = {row["letter"]: row["label"] for row in reversed(load_nomenclature("service"))}
    labels |= {letter: row["label"] for letter, row in visits.items()}
    context.connection.execute(
        "CREATE OR REPLACE TEMP TABLE service_letter "
        "(code VARCHAR, label VARCHAR, is_visit BOOLEAN, is_emergency BOOLEAN)"
    )
    context.connection.execute(
        "INSERT INTO service_letter SELECT unnest(?), unnest(?), unnest(?), unnest(?)",
        [
            list(labels),
            list(labels.values()),
            [letter in visits for letter in labels],
            [letter in visits and visits[letter]["emergency"] == "1" for letter in labels],
        ],
    )
