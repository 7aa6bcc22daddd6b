"""The written rule of cohorts in plain Python: one subject, one period, one condition at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from openchronic.cohort.recipe import Condition, Fact, Part, Recipe
from tests.openchronic.reference.rule import Case, Rows

FOREVER = date(9999, 12, 31)
Span = tuple[date | None, date | None, date, date]


def evaluate(recipe: Recipe, case: Case, codes: Rows) -> dict[str, Rows]:
    """Returns the rows of the cohort, and the periods that a step left out."""
    kept: Rows = []
    failed: Rows = []
    for patient in case["patient"]:
        mine = {
            name: [row for row in rows if row["subject_id"] == patient["subject_id"]]
            for name, rows in case.items()
        }
        number = 0
        for period_no, index in enumerate(_index_days(recipe, patient, mine, codes), 1):
            key = {"subject_id": patient["subject_id"], "period_no": period_no}
            step = _first_failed(recipe, index, patient, mine, codes)
            if step is not None:
                failed.append(key | {"step": step})
                continue
            number += 1
            end, reason = _end(recipe, index, patient, mine)
            kept.append(
                key
                | {
                    "name": recipe.name,
                    "period_no": number,
                    "index_date": index,
                    "end_date": end,
                    "end_reason": reason,
                }
            )
    return {"cohort": kept, "cohort_failed": failed}


def _index_days(recipe: Recipe, patient: dict[str, Any], mine: Case, codes: Rows) -> list[date]:
    index = recipe.index
    found: set[date | None] = set()
    if index.kind == "onset":
        found = {
            row["onset_date"]
            for row in mine["disease_onset"]
            if row["definition"] == index.definition
            and (not index.only_incident or row["incidence"] == "incident")
        }
    elif index.kind == "everyone":
        found = set(index.days)
    elif index.kind == "year":
        found = {
            day
            for day in index.days
            for row in mine["disease_year"]
            if row["year"] == day.year
            and row["definition"] == index.definition
            and index.state in ("", row["state"])
        }
    else:
        assert index.fact is not None
        spans = _spans(index.fact, mine, codes)
        if index.kind == "fact":
            found = {span[1 if index.by_end else 0] for span in spans}
        elif index.kind == "first fact":
            found = {min((span[0] for span in spans if span[0]), default=None)}
        else:
            found = {day for day in index.days for span in spans if span[2] <= day}
    days = sorted(day for day in found if day is not None)
    first, last = index.first_day or date.min, index.last_day or date.max
    inside = [day for day in days if first <= day <= last]
    if index.keep == "first":
        return inside[:1]
    if index.keep == "last":
        return inside[-1:]
    if index.keep == "first_ever":
        return [day for day in inside if day == days[0]]
    return inside


def _first_failed(
    recipe: Recipe, index: date, patient: dict[str, Any], mine: Case, codes: Rows
) -> int | None:
    for number, step in enumerate(recipe.steps, 1):
        if not all(_meets(one, index, patient, mine, codes) for one in step.conditions):
            return number
    return None


def _meets(one: Condition, index: date, patient: dict[str, Any], mine: Case, codes: Rows) -> bool:
    first, last = (_moved(index, offset) for offset in one.window)
    if one.kind == "ages":
        born = patient["birth_date"]
        return born is not None and one.at_least <= _age(born, index) <= one.at_most
    if one.kind == "sex":
        return bool(patient["sex"] == one.word)
    if one.kind == "alive":
        return patient["death_date"] is None or patient["death_date"] >= (one.day or last)
    if one.kind == "not a twin":
        return not patient["is_twin"]
    if one.kind == "observed":
        return any(
            row["start_date"] <= first and row["end_date"] >= last
            for row in mine["observation_period"]
        )
    if one.kind == "lives in":
        return any(
            row["department"] in one.departments
            and (row["start_date"] or date.min) <= index <= (row["end_date"] or date.max)
            for row in mine["residence"]
        )
    assert one.fact is not None
    spans = _spans(one.fact, mine, codes)
    if one.kind == "fact":
        days = {span[2] for span in spans if span[2] <= last and span[3] >= first}
        return one.at_least <= len(days) <= one.at_most
    since = [(index - min(span[3], index)).days for span in spans if span[2] <= index]
    return bool(since) and one.at_least <= min(since) <= one.at_most


def _end(recipe: Recipe, index: date, patient: dict[str, Any], mine: Case) -> tuple[date, str]:
    found: list[tuple[date, int, str]] = []
    for place, one in enumerate(recipe.ends):
        day: date | None = None
        if one.kind == "death":
            day = patient["death_date"]
        elif one.kind == "end_of_observation":
            for row in mine["observation_period"]:
                if row["start_date"] <= index <= row["end_date"]:
                    day = row["end_date"]
        elif one.days is not None:
            day = _moved(index, one.days)
        else:
            day = one.day
        if day is not None:
            found.append((max(day, index), place, one.reason))
    end, _, reason = min(found)
    return end, reason


def _spans(fact: Fact, mine: Case, codes: Rows) -> list[Span]:
    """Returns the facts: start, end, first and last day on which they count."""
    found = [span for part in fact.parts for span in _of_part(part, mine, codes) if span[2]]
    if fact.only_first:
        earliest = min((span[2] for span in found), default=None)
        found = [span for span in found if span[2] == earliest]
    return found


def _of_part(part: Part, mine: Case, codes: Rows) -> Iterator[Any]:
    if part.source == "onset":
        for row in mine["disease_onset"]:
            if row["definition"] == part.definition:
                yield row["onset_date"], row["onset_date"], row["onset_date"], FOREVER
    elif part.source == "disease stay":
        for row in mine["disease_stay"]:
            if row["definition"] == part.definition and part.state in ("", row["state"]):
                yield row["start_date"], row["end_date"], row["end_date"], row["end_date"]
    elif part.source == "disease":
        for row in mine["cohort_disease"]:
            if row["definition"] == part.definition and part.state in ("", row["state"]):
                yield row["met_on"], row["last_on"], row["met_on"], row["last_on"]
    else:
        for row in mine["event"]:
            if _is_meant(part, row, codes):
                start, end = row["start_date"], row["end_date"]
                if row["event_type"] in ("diagnosis", "session", "stay"):
                    yield start, end, end, end
                elif row["event_type"] == "ald":
                    yield start, end, start, end or FOREVER
                else:
                    yield start, end, start, start


def _is_meant(part: Part, row: dict[str, Any], codes: Rows) -> bool:
    if part.source == "event":
        kinds = {part.event_type}
    else:
        named = {vocabulary for vocabulary, _ in part.codes} or {"GHM"}
        kinds = {{"CIM10": "diagnosis", "GHM": "stay"}[one] for one in named}
    if row["event_type"] not in kinds:
        return False
    if part.settings and row["care_setting"] not in part.settings:
        return False
    is_stay = part.source == "stay" and row["event_type"] == "stay"
    if part.roles and not is_stay and row["code_role"] not in part.roles:
        return False
    return not part.codes or _is_coded(part, row, codes)


def _is_coded(part: Part, row: dict[str, Any], codes: Rows) -> bool:
    for one in codes:
        if (one["vocabulary"], one["code"]) == (row["vocabulary"], row["code"]):
            names = [(one["vocabulary"], one["code"])]
            if one["parent_vocabulary"] == "ATC":
                names.append(("ATC", one["parent_code"]))
            inside = any(
                vocabulary == said and code.startswith(prefix)
                for vocabulary, code in names
                for said, prefix in part.codes
            )
            out = any(code.startswith(prefix) for _, code in names for prefix in part.without)
            if inside and not out:
                return True
    return False


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _moved(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
