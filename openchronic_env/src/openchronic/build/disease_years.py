"""The years in which a definition is evaluated, and those for which the base holds all that it looks back at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from openchronic.build.context import Context
from openchronic.build.ingest import TableReading
from openchronic.diseases import Criterion, Definition, Form, Library
from openchronic.diseases.expression import names
from openchronic.ingest.states import LAST_MONTH
from openchronic.models.products import PRODUCTS

HOSPITAL = ("diagnosis", "session", "stay")
# What is not delivered at all is told and stops no year, but for stays in acute care.
NEEDED = "mco"


@dataclass(frozen=True)
class Base:
    """What a base holds: the days of care of its claims; of each product of hospitals the years, each with its
    last month there."""

    first: date
    last: date
    years: Mapping[str, Mapping[int, int]]

    def has_claims(self, year: int) -> bool:
        """Returns whether claims cover the year from its first day to its last month."""
        return self.first <= date(year, 1, 1) and self.last >= date(year, 12, 1)


@dataclass(frozen=True)
class Asked:
    """A form of a definition in one year, and what of its look-back the base lacks: then nobody is told."""

    definition: str
    level: int
    year: int
    lacks: tuple[str, ...]


def asked_years(context: Context) -> list[Asked]:
    """Returns every form of a definition in every year that the claims touch."""
    base = base_of(context)
    return list(asked(context.settings.library, base)) if base else []


def asked(library: Library, base: Base) -> Iterator[Asked]:
    """Yields every form of a definition of years, in every year that the claims of ``base`` touch."""
    for one, form in library.forms():
        if one.kind == "year":
            for year in range(max(base.first.year, form.first_year), base.last.year + 1):
                lacks = tuple(dict.fromkeys(_lacks(library, base, one, form, year)))
                yield Asked(form.name, library.levels[form.name], year, lacks)


def base_of(context: Context) -> Base | None:
    """Returns what the base holds; None without a claim."""
    first, last = context.care_days()
    if first is None or last is None:
        return None
    years: dict[str, Mapping[int, int]] = {NEEDED: {}}
    for product in PRODUCTS:
        reading = context.readings.get(product.records)
        if product.care_setting and reading:
            years[product.care_setting] = _years(reading)
    reading = context.readings.get("T_MCOaaB")
    if reading:
        years[NEEDED] = _years(reading)
    return Base(first, last, years)


def _years(reading: TableReading) -> dict[int, int]:
    return {one.file.year or 0: one.file.last_month for one in reading.files}


def _lacks(library: Library, base: Base, one: Definition, form: Form, year: int) -> Iterator[str]:
    if not base.has_claims(year):
        yield f"claims of {year}"
    meant = [name for _, node in form.states for name in names(node)]
    for part in one.criteria:
        if part.name in meant:
            yield from _lacks_of(part, base, year)
    for name in meant:
        if "." in name:
            other = library[name.partition(".")[0]]
            yield from _lacks(library, base, other, other.forms[0], year)


def _lacks_of(part: Criterion, base: Base, year: int) -> Iterator[str]:
    if part.find == "ald":
        return
    for one in range(year + part.years[0], year + part.years[1] + 1):
        if part.find not in HOSPITAL:
            if not base.has_claims(one):
                yield f"claims of {one}"
            continue
        for setting in part.settings if part.find == "diagnosis" else (NEEDED,):
            there = base.years.get(setting)
            if there is None:
                continue
            if one not in there:
                yield f"stays of {one} ({setting})"
            elif there[one] < LAST_MONTH:
                yield f"stays of {one} after month {there[one]:02} ({setting})"


def told(library: Library, population: str, every: list[Asked]) -> dict[str, object]:
    """Returns what the manifest says of the definitions: which, which years, and why not others."""
    return {
        "population": population,
        "definitions": [
            {
                "name": one.name,
                "version": one.version,
                "status": one.status,
                "meaning": one.meaning,
                "local": one.is_local,
            }
            for one in library.definitions
        ],
        "years": {
            form.name: [one.year for one in every if one.definition == form.name and not one.lacks]
            for definition, form in library.forms()
            if definition.kind == "year"
        },
        "not_computed": [
            {"definition": one.definition, "year": one.year, "lacks": list(one.lacks)}
            for one in every
            if one.lacks
        ],
    }
