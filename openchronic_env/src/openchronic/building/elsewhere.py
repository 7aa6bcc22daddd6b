"""Rehabilitation, hospital at home, psychiatry and hospital outpatients: records, stays and events.

The records that the filters leave lie by year in the build's private zone. Those of stays are made
stays over all years, beside the ones of acute care; what details a record or a visit becomes events.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.finess import note_doubled
from openchronic.building.hanging import Detail, Fates, deal_crossing, deal_lines, hang
from openchronic.building.hospital import Hospital, files_of_year, look_up, named_records, years_of
from openchronic.building.lasting import (
    crossing_of,
    keep_judged,
    load_last_years,
    make_stays,
    show_hosts,
)
from openchronic.building.leading import Led
from openchronic.building.letters import load_letters
from openchronic.building.shared import show_unique
from openchronic.building.tally import Tally
from openchronic.building.typed import show
from openchronic.engines.text import sql
from openchronic.schema import load_tables


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


# AP-HP, HCL and AP-HM repeat themselves where a published filter says so: not in psychiatry.
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
        doubles=True,
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
    Product(
        "ssr_ace",
        "rehabilitation outpatients",
        ("T_SSRaaCSTC",),
        doubles=True,
        details=(
            Detail("T_SSRaaFBSTC", "ace_service"),
            Detail("T_SSRaaFCSTC", "ace_service"),
            Detail("T_SSRaaFMSTC", "ace_act"),
            Detail("T_SSRaaFLSTC", "ace_test"),
        ),
    ),
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
    """What was counted of the products and years read so far."""

    tally: Tally = field(default_factory=Tally)
    duplicates: Counter[str] = field(default_factory=Counter)
    led: Led = field(default_factory=Led)
    fates: Fates = field(default_factory=Fates)


def read_elsewhere(context: Context) -> Hospital:
    """Filter the records of every product that was delivered, make their stays and events."""
    load_letters(context)
    counted = Counted()
    here = [one for one in PRODUCTS if one.tables[0] in context.readings]
    load_last_years(context, {one.care_setting: one.tables[0] for one in here if one.care_setting})
    for product in here:
        counted = _read_product(context, product, counted)
    context.engine.view("stay", "SELECT * FROM all_stay")
    return Hospital(
        filters=tuple(one for each in here for one in counted.tally.counts(context, each.step)),
        duplicates={table: number for table, number in counted.duplicates.items() if number},
        details=counted.led.told(),
        hung=counted.fates.told(),
    )


def records_of(context: Context, product: Product) -> list[Path]:
    """The files of the records of a product that the filters left; none when it was not delivered."""
    return sorted(_folder(context, product).rglob("*.parquet"))


def _folder(context: Context, product: Product) -> Path:
    return context.place.private / f"{product.step}_record"


def _read_product(context: Context, product: Product, counted: Counted) -> Counted:
    """Judge the records of every year; then make the stays of all, and deal what hangs on them."""
    step = product.step
    years = years_of(context, (*product.tables, *(one.table for one in product.details)))
    total = len(years) * (2 if product.care_setting else 1)
    with context.steps.step(product.name, total=total, unit="years") as tick:
        for year in years:
            read = partial(_read, context, product, year, counted)
            counted = context.finished.once(f"{step}-{year}", read)
            tick()
        if not product.care_setting:
            return counted
        context.finished.once(f"{step}-stays", partial(make_stays, context, step))
        for year in years:
            lines = partial(_hang_year, context, product, year, counted)
            counted = context.finished.once(f"{step}-{year}-lines", lines)
            tick()
        context.finished.once(
            f"{step}-crossing", partial(_deal_crossing, context, product, counted)
        )
    return counted


def _read(context: Context, product: Product, year: int, counted: Counted) -> Counted:
    """Judge the records of a year of ``product``; of visits deal the events too."""
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
    counted.tally.judge(context, product.step, named_records(product.step))
    kept = f"SELECT {engine.but('removed_by')} FROM judged WHERE removed_by IS NULL"
    engine.save(kept, _folder(context, product) / str(year))
    if product.care_setting:
        keep_judged(context, product.step, year)
    elif product.details:
        engine.scratch("host", sql("hospital/ace_host"))
        _hang_details(context, product, year, counted)
    engine.drop("judged")
    return counted


def _hang_year(context: Context, product: Product, year: int, counted: Counted) -> Counted:
    """Deal the events of a year of what hangs on stays, which are those of all years."""
    show_hosts(context, product.step, year)
    records = product.tables[0]
    deal_lines(
        context,
        records,
        sql(f"hospital/{product.diagnoses}"),
        to=records,
        part=str(year),
        fates=counted.fates,
        crossing=crossing_of(product.step),
    )
    _hang_details(context, product, year, counted)
    context.engine.drop("judged", "part")
    return counted


def _hang_details(context: Context, product: Product, year: int, counted: Counted) -> None:
    for one in product.details:
        if one.table in context.readings:
            hang(
                context,
                one,
                files_of_year(context, one.table, year),
                to=product.tables[0],
                part=str(year),
                fates=counted.fates,
                duplicates=counted.duplicates,
                # Other hosts are of one year.
                crossing="" if one.host or not product.care_setting else crossing_of(product.step),
            )


def _deal_crossing(context: Context, product: Product, counted: Counted) -> None:
    details = [one.table for one in product.details if not one.host]
    deal_crossing(context, (product.tables[0], *details), counted.fates)
