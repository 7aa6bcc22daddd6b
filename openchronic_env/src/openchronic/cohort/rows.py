"""Writes a recipe as rows of the tables that the texts read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from openchronic.cohort.looking import STAY_CODES
from openchronic.cohort.recipe import Fact, Part, Recipe

Row = tuple[Any, ...]
Rows = list[Row]
# ALD have all their days; stays and their diagnoses are known on the day of the discharge.
PERIOD, END, START = "period", "end", "start"
BY_END = ("diagnosis", "session", "stay")


def rows_of(recipe: Recipe) -> Mapping[str, Rows]:
    """Returns the rows of each table."""
    numbers = _numbers(recipe)
    parts = list(_parts(numbers))
    index = recipe.index
    return {
        "cohort_setting": [(recipe.name,)],
        "cohort_index": [
            (
                *(index.kind, index.definition or None, index.state or None, index.only_incident),
                *(index.by_end, index.first_day, index.last_day, index.keep),
            )
        ],
        "cohort_day": [(day,) for day in index.days],
        "cohort_wanted": [
            row for number, fact, part in parts for row in _wanted(number, fact, part)
        ],
        "cohort_prefix": [
            row
            for number, _, part in parts
            for row in (
                *((number[1], vocabulary, code, False) for vocabulary, code in part.codes),
                *((number[1], None, code, True) for code in part.without),
            )
        ],
        "cohort_role": [(n[1], role) for n, _, part in parts for role in part.roles],
        "cohort_place": [(n[1], one) for n, _, part in parts for one in part.settings],
        **_steps(recipe, numbers),
        "cohort_end": [
            (place, one.kind, one.reason, one.days, one.day)
            for place, one in enumerate(recipe.ends)
        ],
    }


def _numbers(recipe: Recipe) -> Mapping[Fact, int]:
    """Returns the number of each fact; that of the index is 0."""
    first = 0 if recipe.index.fact else 1
    return {fact: number for number, fact in enumerate(recipe.facts(), first)}


def _parts(numbers: Mapping[Fact, int]) -> Iterator[tuple[tuple[int, int], Fact, Part]]:
    """Yields each part with the number of its fact and its own."""
    own = 0
    for fact, number in numbers.items():
        for part in fact.parts:
            yield (number, own), fact, part
            own += 1


def _wanted(number: tuple[int, int], fact: Fact, part: Part) -> Iterator[Row]:
    if part.source not in ("event", "stay"):
        yield (
            *(*number, part.source, None, part.definition, part.state or None),
            *(None, True, True, True, fact.only_first),
        )
        return
    if part.source == "stay":
        vocabularies = {vocabulary for vocabulary, _ in part.codes} or {"GHM"}
        kinds = [STAY_CODES[one] for one in sorted(vocabularies)]
    else:
        kinds = [part.event_type]
    for kind in kinds:
        dated_by = END if kind in BY_END else PERIOD if kind == "ald" else START
        # The roles of a stay are those of its diagnoses.
        any_role = not part.roles or (part.source == "stay" and kind == "stay")
        yield (
            *(*number, "event", kind, None, None, dated_by, not part.codes, any_role),
            *(not part.settings, fact.only_first),
        )


def _steps(recipe: Recipe, numbers: Mapping[Fact, int]) -> Mapping[str, Rows]:
    told: Rows = [(0, recipe.index.fr)]
    conditions: Rows = []
    places: Rows = []
    for step, one in enumerate(recipe.steps, 1):
        told.append((step, one.fr))
        for part in one.conditions:
            number = len(conditions)
            fact = numbers[part.fact] if part.fact else None
            conditions.append(
                (
                    *(number, step, part.kind, fact, *part.window, part.at_least, part.at_most),
                    *(part.word or None, part.day),
                )
            )
            places += [(number, code) for code in part.departments]
    return {
        "cohort_told": told,
        "cohort_condition": conditions,
        "cohort_department": places,
    }


def as_text(cell: Any) -> str | None:
    """Returns a cell as text, for an engine that reads text alone."""
    if cell is None:
        return None
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def digest_of(rows: Sequence[Sequence[Any]]) -> str:
    """Returns a digest of rows, whatever their order."""
    import hashlib

    told = sorted("\t".join(as_text(cell) or "" for cell in row) for row in rows)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
