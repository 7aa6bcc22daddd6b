"""The national cartography beside the release: who has which disease on both sides, and counts of it.

The comparison is made here because a release names nobody as the cartography does; what it keeps
are counts by year, disease, sex and age.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from openchronic.building.cartography_expense import (
    EXPENSES,
    read_expenses,
    write_expenses,
)
from openchronic.building.context import Context
from openchronic.building.parts import write_part, written
from openchronic.building.shared import show_unique
from openchronic.cartography import Disease, load_diseases
from openchronic.engines.text import sql

PERSONS, LINKS = "CT_IND_AAAA_GN", "CT_IDE_AAAA_GN"
TABLE = "cartography"
# The version of the algorithm is in the name of a file: CT_IND_G8_2016.CSV, CT_IND_2016_G8.CSV.
COMPARED = {
    "year": "INT",
    "version": "INT",
    "disease": "STRING",
    "sex": "STRING",
    "unless": "STRING",
}
RULE = {
    "disease": "STRING",
    "kind": "STRING",
    "place": "STRING",
    "prefix": "STRING",
    "years": "INT",
    "is_large_enough": "BOOLEAN",
}
NOBODY = "SELECT 0 AS year, '' AS disease, CAST(NULL AS BIGINT) AS subject_id WHERE FALSE"
VERSION = re.compile(r"CT_(?:IND|IDE|DEP)_(?:\d{4,6}_)?G(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class MappedYear:
    """Persons of the cartography of one year: with one subject, and with several of them."""

    year: int
    version: int
    persons: int
    linked: int
    several: int


@dataclass(frozen=True)
class Cartography:
    """What was compared. ``duplicates``: lines of a table that repeat a key."""

    years: tuple[MappedYear, ...] = ()
    notes: tuple[str, ...] = ()
    duplicates: dict[str, int] = field(default_factory=dict)


def compare_cartography(context: Context) -> Cartography:
    """Write ``cartography`` and ``cartography_expense``; nothing where none was delivered.

    After ``write_tables``: the events of the release are what is compared.
    """
    notes: list[str] = []
    chosen = _chosen(context, notes)
    if not chosen:
        return Cartography(notes=tuple(notes))
    engine = context.engine
    years, duplicates = [], dict.fromkeys((PERSONS, LINKS, EXPENSES), 0)
    compared: list[tuple[object, ...]] = []
    with context.steps.step("national cartography", total=len(chosen) + 1) as tick:
        for year, version in sorted(chosen.items()):
            for table in duplicates:
                files = _files(context, table, year, version)
                duplicates[table] += show_unique(context, table, files)
            years.append(_read_year(context, year, version, compared, notes))
            tick()
        engine.give("compared", COMPARED, compared)
        engine.scratch("mapped_people", sql("cartography_people"))
        _find(context)
        order = ("year", "disease", "sex", "age_class")
        write_part(context, TABLE, sql("cartography"), order)
        write_expenses(context)
        tick()
    engine.drop("compared", "mapped_people")
    return Cartography(
        tuple(years), tuple(notes), {table: n for table, n in duplicates.items() if n}
    )


def version_of(name: str) -> int:
    """The version of the algorithm that the name of a file says."""
    versions = VERSION.findall(name)
    return int(versions[-1]) if versions else 0


def _chosen(context: Context, notes: list[str]) -> dict[int, int]:
    """The newest version that can be linked of each year of whose care the release holds all."""
    versions = {table: _versions(context, table) for table in (PERSONS, LINKS)}
    chosen = {}
    for year, here in sorted(versions[PERSONS].items()):
        both = here & versions[LINKS].get(year, set())
        if not year:
            notes.append(f"{PERSONS}: a file whose name says no year, not compared")
        elif not both:
            notes.append(f"cartography of {year}: no {LINKS} of its version, it is not compared")
        elif not _is_covered(context, year):
            notes.append(
                f"cartography of {year}: the release has not all care of that year, not compared"
            )
        else:
            chosen[year] = max(both)
            if len(here) > 1:
                notes.append(f"cartography of {year}: of its versions, G{max(both)} is compared")
    return chosen


def _versions(context: Context, table: str) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    if table in context.readings:
        for one in context.readings[table].files:
            found.setdefault(one.file.year or 0, set()).add(version_of(one.file.name))
    return found


def _files(context: Context, table: str, year: int, version: int) -> list[Path]:
    if table not in context.readings:
        return []
    return sorted(
        path
        for one in context.readings[table].files
        if one.file.year == year and version_of(one.file.name) == version
        for path in one.folder.rglob("*.parquet")
    )


def _is_covered(context: Context, year: int) -> bool:
    """Whether the claims of the release reach from the year's first day to its last month."""
    (n,) = context.one(
        "SELECT count(*) FROM care_window "
        f"WHERE first_care <= DATE '{date(year, 1, 1)}' AND last_care >= DATE '{date(year, 12, 1)}'"
    )
    return n > 0


def _read_year(
    context: Context,
    year: int,
    version: int,
    compared: list[tuple[object, ...]],
    notes: list[str],
) -> MappedYear:
    """Add the year to ``mapped``, ``told``, ``compared`` and ``told_expense``."""
    engine = context.engine
    tops = sorted({top for one in load_diseases() for top in one.tops})
    filled = dict(
        zip(
            tops,
            context.one(f"SELECT {', '.join(f'count({top})' for top in tops)} FROM {PERSONS}"),
            strict=True,
        )
    )
    engine.scratch("cartography_person", sql("cartography_person"))
    engine.add(
        "mapped",
        str(year),
        f"SELECT DISTINCT {year} AS year, subject_id FROM cartography_person "
        "WHERE subject_id IS NOT NULL",
    )
    lacking = []
    told = [NOBODY]
    for disease in load_diseases():
        if not all(filled[top] for top in disease.tops):
            lacking.append(disease.name)
            continue
        compared.append((year, version, disease.name, disease.sex, disease.unless))
        has = " OR ".join(f"{top} = 1" for top in disease.tops)
        told.append(
            f"SELECT DISTINCT {year} AS year, '{disease.name}' AS disease, person.subject_id "
            f"FROM {PERSONS} AS ind INNER JOIN cartography_person AS person "
            f"ON person.ID_CARTO = ind.ID_CARTO WHERE person.subject_id IS NOT NULL AND ({has})"
        )
    engine.add("told", str(year), " UNION ALL ".join(told))
    if lacking:
        notes.append(f"cartography of {year}: it does not tell {', '.join(lacking)}")
    counts = context.one(
        "SELECT count(*), count(subject_id), count(*) FILTER (WHERE n_subjects > 1) "
        "FROM cartography_person"
    )
    read_expenses(context, year)
    engine.drop("cartography_person")
    return MappedYear(year, version, *counts)


def _find(context: Context) -> None:
    """Fill ``found`` from the events of the release, some buckets at a time."""
    engine = context.engine
    diseases = load_diseases()
    engine.give("rule", RULE, [rule for disease in diseases for rule in _rules(disease)])
    engine.give(
        "left_out",
        {"disease": "STRING", "prefix": "STRING"},
        [(disease.name, atc) for disease in diseases for atc in disease.drug_not],
    )
    engine.scratch("meant", sql("cartography_code"))
    for buckets in context.engine.passes(context.settings.buckets):
        files = written(context, "event", buckets)
        engine.view("released_event", f"SELECT * FROM {engine.scan(files)}")
        engine.add("found", f"{buckets[0]:03}", sql("cartography_found"))
    engine.drop("released_event", "meant", "rule", "left_out")


def _rules(disease: Disease) -> list[tuple[str, str, str, str, int, bool]]:
    """What a code must be and where it must stand: ``cause`` is what makes a complication count."""
    causes = disease.main if disease.complication else ()
    kinds = (
        ("ald", "ald", disease.ald, 0),
        ("main", "main", disease.main, disease.main_years),
        ("associated", "associated", disease.associated, disease.associated_years),
        ("complication", "main", disease.complication, disease.main_years),
        ("cause", "associated", causes, 0),
        ("drug", "drug", disease.drug, disease.drug_years),
    )
    return [
        (disease.name, kind, place, prefix, years, disease.large_pack)
        for kind, place, prefixes, years in kinds
        for prefix in prefixes
    ]
