"""Rehabilitation, hospital at home, psychiatry and hospital outpatients: records, stays and events.

The records that the filters leave lie by year in the build's private zone. Those of stays are made
stays, beside the ones of acute care; what details a record or a visit becomes events.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.filters import FilterCount, counts, removed_by
from openchronic.building.finess import note_doubled
from openchronic.building.hanging import Detail, Fates, deal_lines, hang
from openchronic.building.hospital import Hospital, files_of_year, look_up, years_of
from openchronic.building.leading import Led
from openchronic.building.typed import show, show_unique
from openchronic.engines.text import sql
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


@dataclass
class Counted:
    """What was counted of the products and years read so far; ``rows`` and ``removed`` by step."""

    rows: Counter[str] = field(default_factory=Counter)
    removed: Counter[tuple[str, str]] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    led: Led = field(default_factory=Led)
    fates: Fates = field(default_factory=Fates)

    def filters(self, context: Context, step: str) -> list[FilterCount]:
        """Rows before and after each filter of ``step``."""
        removed = {name: number for (of, name), number in self.removed.items() if of == step}
        return counts(context.settings.filters, step, rows=self.rows[step], removed=removed)


def read_elsewhere(context: Context) -> Hospital:
    """Filter the records of every product that was delivered, make their stays and events."""
    load_letters(context)
    counted = Counted()
    here = [one for one in PRODUCTS if one.tables[0] in context.readings]
    for product in here:
        years = years_of(context, (*product.tables, *(one.table for one in product.details)))
        with context.steps.step(product.name, total=len(years), unit="years") as tick:
            for year in years:
                counted = context.finished.once(
                    f"{product.step}-{year}", partial(_read, context, product, year, counted)
                )
                tick()
    context.engine.view("stay", "SELECT * FROM all_stay")
    return Hospital(
        filters=tuple(one for each in here for one in counted.filters(context, each.step)),
        duplicates={table: number for table, number in counted.duplicates.items() if number},
        details=counted.led.told(),
        hung=counted.fates.told(),
    )


def records_of(context: Context, product: Product) -> list[Path]:
    """The files of the records of a product that the filters left; none when it was not delivered."""
    return sorted(_folder(context, product).rglob("*.parquet"))


def _folder(context: Context, product: Product) -> Path:
    return context.place.private / f"{product.step}_record"


def _read(context: Context, product: Product, year: int, counted: Counted) -> Counted:
    """Judge the records of a year of ``product``, add its stays and deal its events."""
    engine = context.engine
    records = product.tables[0]
    for table in product.tables:
        files = files_of_year(context, table, year)
        if load_tables()[table].unique:
            counted.duplicates[table] += show_unique(context, table, files)
        else:
            show(context, table, files)
    look_up(context, records, product.tables[1:], led=counted.led)
    if product.doubles:
        note_doubled(context, records)
    judge = removed_by(context.settings.filters, product.step)
    query = sql(f"{product.step}_record")
    engine.scratch("judged", f"SELECT *, {judge} AS removed_by FROM ({query})")
    for name, number in engine.rows("SELECT removed_by, count(*) FROM judged GROUP BY removed_by"):
        counted.rows[product.step] += number
        if name is not None:
            counted.removed[product.step, name] += number
    kept = f"SELECT {engine.but('removed_by')} FROM judged WHERE removed_by IS NULL"
    engine.save(kept, _folder(context, product) / str(year))
    _make_hosts(context, product, year)
    if product.diagnoses:
        query = sql(f"hospital/{product.diagnoses}")
        deal_lines(context, records, query, to=records, part=str(year), fates=counted.fates)
    for one in product.details:
        if one.table in context.readings:
            hang(
                context,
                one,
                files_of_year(context, one.table, year),
                to=records,
                part=str(year),
                fates=counted.fates,
                duplicates=counted.duplicates,
            )
    engine.drop("judged")
    return counted


def _make_hosts(context: Context, product: Product, year: int) -> None:
    """Make ``host``, what lines hang on: visits, or parts of stays; these are added to all stays."""
    engine = context.engine
    if not product.care_setting:
        if product.details:
            engine.scratch("host", sql("hospital/ace_host"))
        return
    engine.scratch("part", sql(f"hospital/{product.step}_part"))
    engine.scratch("year_stay", sql("hospital/other_stay"))
    whole = f"SELECT {engine.but('stay_number', 'file_year')} FROM year_stay"
    engine.add("all_stay", f"{product.step}-{year}", whole)
    engine.scratch("host", sql("hospital/other_host"))


def load_letters(context: Context) -> None:
    """Make ``service_letter``: the letters of services, their labels, and which are visits."""
    visits = {row["code"]: row for row in load_nomenclature("hospital_visit")}
    labels = {row["letter"]: row["label"] for row in reversed(load_nomenclature("service"))}
    labels |= {letter: row["label"] for letter, row in visits.items()}
    context.engine.give(
        "service_letter",
        {"code": "STRING", "label": "STRING", "is_visit": "BOOLEAN", "is_emergency": "BOOLEAN"},
        [
            (
                letter,
                label,
                letter in visits,
                letter in visits and visits[letter]["emergency"] == "1",
            )
            for letter, label in labels.items()
        ],
    )
