"""The reference tables that only the run can fill: the site's key, delivered years, rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from openchronic.build.care_pathways import ROWS as PATHWAY_ROWS
from openchronic.build.cartography import compared, compared_tops
from openchronic.build.context import Context
from openchronic.build.disease_years import asked_years
from openchronic.build.figures import Counted
from openchronic.build.outpatients import outpatient_years
from openchronic.build.run import Known
from openchronic.build.typed import months
from openchronic.catalogue.claims import CLAIMS
from openchronic.ingest.states import LAST_MONTH
from openchronic.models.delivery import delivered
from openchronic.models.diseases import TABLES
from openchronic.models.diseases.rows import rows_of
from openchronic.models.diseases.told import told_criteria, told_definitions
from openchronic.models.filters.filter import Filter
from openchronic.models.products import PRODUCTS
from openchronic.models.text import sql
from openchronic.nomenclatures import labels_of, load_nomenclature

Rows = Iterator[Sequence[object]]


def keeps_fictive(filters: Iterable[Filter]) -> bool:
    """Returns whether some filter that removes the rows of fictive numbers was switched off."""
    return any(not one.on for one in filters if one.remove_when == "is_fictive")


def _secret(context: Context, _counted: Counted) -> Rows:
    yield [context.settings.key.text]


def _left_out(context: Context, _counted: Counted) -> Rows:
    if not keeps_fictive(context.settings.filters):
        yield from ([row["code"]] for row in load_nomenclature("nir_kind") if row["fictive"] == "1")


def _outpatient_years(context: Context, _counted: Counted) -> Rows:
    yield from outpatient_years(context.readings)


def _care_window(context: Context, counted: Counted) -> Rows:
    """Returns the days of care that the claims cover.

    Care of a month arrives from the next month's flux on (CNAM, l'essentiel du SNDS): the first flux opens the
    month before it.
    """
    every = months(context.readings, [delivered(context.readings, CLAIMS)])
    last = counted.days.get(("last care",))
    if every and last:
        before = date.fromisoformat(f"{every[0]}-01") - timedelta(days=1)
        yield (before.replace(day=1), last)


def _last_years(context: Context, _counted: Counted) -> Rows:
    """Returns, by care setting, year and month with which the records end that stays are made from."""
    for product in PRODUCTS:
        if product.care_setting and product.records in context.readings:
            files = [one.file for one in context.readings[product.records].files]
            ends = [(one.year or 0, one.last_month) for one in files]
            yield (product.care_setting, *max(ends, default=(0, LAST_MONTH)))


def _rejects(context: Context, _counted: Counted) -> Rows:
    for reading in context.readings.values():
        for one in reading.rejects:
            yield (one.table, one.file, one.column, one.reason, one.count, list(one.lines))


def _compared(context: Context, counted: Counted) -> Rows:
    yield from compared(context.settings.library, counted)


def _labels(context: Context, _counted: Counted) -> Rows:
    # One row a vocabulary: the codes themselves are many.
    query = (
        f"SELECT vocabulary, string_agg(code, ' ') FROM ({sql('used_code')}) AS used_code "
        "GROUP BY vocabulary"
    )
    context.foresee([query])
    used = context.rows(query)
    yield from labels_of({vocabulary: codes.split(" ") for vocabulary, codes in used})


def _asked(context: Context, _counted: Counted) -> Rows:
    for one in asked_years(context):
        yield (one.definition, one.level, one.year, not one.lacks)


def _library(table: str) -> Callable[[Context, Counted], Rows]:
    return lambda context, _counted: rows_of(table, context.settings.library)


def _pathways(table: str) -> Callable[[Context, Counted], Iterable[Sequence[object]]]:
    return lambda _context, _counted: PATHWAY_ROWS[table]()


KNOWN: Known = {
    "asked_year": _asked,
    "official_label": _labels,
    "population_setting": lambda context, _counted: [(context.settings.population,)],
    "told_definition": lambda context, _counted: told_definitions(context.settings.library),
    "told_criterion": lambda context, _counted: told_criteria(context.settings.library),
    **{table: _library(table) for table in TABLES},
    **{table: _pathways(table) for table in PATHWAY_ROWS},
    "compared": _compared,
    "compared_top": lambda context, _counted: compared_tops(context.settings.library),
    "secret": _secret,
    "left_out_nir": _left_out,
    "outpatient_year": _outpatient_years,
    "care_window": _care_window,
    "delivered_year": _last_years,
    "reject": _rejects,
}
