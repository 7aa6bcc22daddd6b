"""Finds the years whose public outpatient care is in the PMSI as well as in the claims (ETE_IND_TAA = 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from openchronic.build.ingest import TableReading
from openchronic.ingest.states import LAST_MONTH
from openchronic.models.release.event_types import load_event_types

VISITS = "T_MCOaaCSTC"
# The years that a file without a year may hold.
ANY_YEAR = range(2005, 2100)


def outpatient_years(readings: Mapping[str, TableReading]) -> Iterator[tuple[str, int, int]]:
    """Yields each type of event and year whose care is in the PMSI too, and the last month that is there."""
    also_in = {one.name: one.also_in for one in load_event_types().values() if one.also_in}
    for event_type, tables in {**also_in, "cost": every_table()}.items():
        visits = _years(readings, VISITS)
        years = visits.keys() & _years_of_any(readings, tables)
        yield from ((event_type, year, visits[year]) for year in sorted(years))


def every_table() -> tuple[str, ...]:
    """Returns the tables that hold lines of outpatient visits, with all that a claim may pay for."""
    return tuple(dict.fromkeys(t for one in load_event_types().values() for t in one.also_in))


def _years_of_any(readings: Mapping[str, TableReading], tables: Iterable[str]) -> set[int]:
    return {year for table in tables for year in _years(readings, table)}


def _years(readings: Mapping[str, TableReading], table: str) -> dict[int, int]:
    """Returns the years in which the table has lines, and the last month of each that it holds."""
    if table not in readings:
        return {}
    here = [one.file for one in readings[table].files if one.kept]
    if any(file.year is None for file in here):
        return dict.fromkeys(ANY_YEAR, LAST_MONTH)
    return {file.year: file.last_month for file in here if file.year is not None}


def public_care_kept(lines: int) -> Iterator[str]:
    """Yields a sentence on ``lines`` of public hospitals that no table of the PMSI holds."""
    if lines:
        yield (
            f"{lines:,} line{'s' if lines > 1 else ''} of public hospitals (ETE_IND_TAA = 1) "
            f"{'are' if lines > 1 else 'is'} kept, and flagged public_t2a: of their years {VISITS} and "
            f"the table that would tell of them ({', '.join(every_table())}) are not "
            "delivered; with those they would be there twice, and are removed"
        )
