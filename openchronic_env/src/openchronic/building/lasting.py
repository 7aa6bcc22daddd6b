"""Stays that last: made of the records of all yearly files, since one may go on over the end of a year."""

from __future__ import annotations

from collections.abc import Mapping

from openchronic.building.context import Context
from openchronic.engines.text import sql


def load_last_years(context: Context, records: Mapping[str, str]) -> None:
    """Make ``delivered_year``: the year of the last file of ``records``, tables by care setting."""
    last = {
        setting: [file.file.year or 0 for file in context.readings[table].files]
        for setting, table in records.items()
        if table in context.readings
    }
    context.engine.give(
        "delivered_year",
        {"care_setting": "STRING", "last_year": "BIGINT"},
        [(setting, max(years, default=0)) for setting, years in last.items()],
    )


def crossing_of(step: str) -> str:
    """The table of the stays of a product that are in several files."""
    return f"{step}_crossing"


def keep_judged(context: Context, step: str, year: int) -> None:
    """Keep the records ``judged`` of a year, those that a filter removed too."""
    context.engine.add(f"{step}_judged", str(year), "SELECT * FROM judged")


def make_stays(context: Context, step: str) -> None:
    """Add the stays that the kept records of all years make to ``all_stay``."""
    engine = context.engine
    engine.view("judged", f"SELECT * FROM {step}_judged")
    engine.scratch("part", sql(f"hospital/{step}_part"))
    engine.table(f"{step}_link", sql("hospital/stay_link"))
    engine.view("link", f"SELECT * FROM {step}_link")
    engine.table(f"{step}_stay", sql("hospital/other_stay"))
    engine.table(crossing_of(step), f"SELECT natural_key FROM {step}_stay WHERE n_files > 1")
    engine.add("all_stay", step, f"SELECT {engine.but('n_files')} FROM {step}_stay")
    engine.drop("part", "judged")


def show_hosts(context: Context, step: str, year: int) -> None:
    """Make ``judged`` of one year again, and ``host``: its parts of stays, on which lines hang."""
    engine = context.engine
    kept = f"SELECT * FROM {step}_judged WHERE coalesce(file_year, 0) = {year}"
    engine.scratch("judged", kept)
    engine.scratch("part", sql(f"hospital/{step}_part"))
    engine.view("link", f"SELECT * FROM {step}_link")
    engine.view("product_stay", f"SELECT * FROM {step}_stay")
    engine.scratch("host", sql("hospital/other_host"))
