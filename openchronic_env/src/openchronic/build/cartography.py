"""Chooses the years of the national cartography that can be compared, and reports on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from openchronic.build.context import Context
from openchronic.build.figures import Counted
from openchronic.build.ingest import TableReading
from openchronic.diseases import Definition, Form, Library
from openchronic.models.cartography import LINKS, PERSONS

# The version of the algorithm is in the name of a file: CT_IND_G8_2016.CSV, CT_IND_2016_G8.CSV.
VERSION = re.compile(r"CT_(?:IND|IDE|DEP)_(?:\d{4,6}_)?G(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class MappedYear:
    """Persons of the cartography of one year: the number with one subject, and with several."""

    year: int
    version: int
    persons: int
    linked: int
    several: int


def version_of(name: str) -> int:
    """Returns the version of the algorithm in the name of a file."""
    versions = VERSION.findall(name)
    return int(versions[-1]) if versions else 0


def chosen_years(context: Context) -> dict[int, int]:
    """Returns, for each year whose care is complete in the release, the newest version that can be linked."""
    chosen = {}
    for year, _, both in _years(context.readings):
        if year and both and _is_covered(context, year):
            chosen[year] = max(both)
    return chosen


def mapped_years(counted: Counted) -> list[MappedYear]:
    """Returns the counts of the years that were compared."""
    years: dict[tuple[int, int], dict[str, int]] = {}
    for (year, version, name), number in counted.below("mapped"):
        years.setdefault((year, version), {})[name] = int(number)
    return [MappedYear(*one, **numbers) for one, numbers in sorted(years.items())]


def compared_tops(library: Library) -> Iterator[tuple[str, str]]:
    """Yields the definitions and variants that the cartography has too, with each column that states them."""
    for _, form in _compared_forms(library):
        yield from ((form.name, top) for top in form.tops)


def compared(library: Library, counted: Counted) -> Iterator[tuple[object, ...]]:
    """Yields the diseases of the cartography of each year: those with a value in all their columns."""
    for one in mapped_years(counted):
        for disease, form in _compared_forms(library):
            if one.year >= form.first_year and _tells(counted, one, form.tops):
                yield (one.year, one.version, form.name, disease.sex)


def notes_of_cartography(context: Context, counted: Counted) -> Iterator[str]:
    """Yields sentences on the years and diseases that are not compared."""
    for year, here, both in _years(context.readings):
        if not year:
            yield f"{PERSONS}: a file whose name says no year, not compared"
        elif not both:
            yield f"cartography of {year}: no {LINKS} of its version, it is not compared"
        elif not _is_covered(context, year):
            yield f"cartography of {year}: the release has not all care of that year, not compared"
        elif len(here) > 1:
            yield f"cartography of {year}: of its versions, G{max(both)} is compared"
    for one in mapped_years(counted):
        forms = _compared_forms(context.settings.library)
        untold = [form.name for _, form in forms if not _tells(counted, one, form.tops)]
        if untold:
            yield f"cartography of {one.year}: it does not tell {', '.join(untold)}"


def _compared_forms(library: Library) -> list[tuple[Definition, Form]]:
    return [(one, form) for one, form in library.forms() if form.tops]


def _tells(counted: Counted, one: MappedYear, tops: tuple[str, ...]) -> bool:
    return all(counted.number("filled", one.year, one.version, top) for top in tops)


def _years(
    readings: Mapping[str, TableReading],
) -> Iterator[tuple[int, set[int], set[int]]]:
    """Yields each year of the cartography, its versions, and the versions that can be linked."""
    persons, links = (_versions(readings.get(table)) for table in (PERSONS, LINKS))
    for year, here in sorted(persons.items()):
        yield year, here, here & links.get(year, set())


def _versions(reading: TableReading | None) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one in reading.files if reading else ():
        found.setdefault(one.file.year or 0, set()).add(version_of(one.file.name))
    return found


def _is_covered(context: Context, year: int) -> bool:
    """Returns whether the claims of the release cover the year from its first day to its last month."""
    first, last = context.care_days()
    return (
        first is not None
        and last is not None
        and first <= date(year, 1, 1)
        and last >= date(year, 12, 1)
    )
