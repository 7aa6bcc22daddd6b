"""The rules of the disease library in plain Python: who has which disease in which year, and since when.

Written from the specification, not from the SQL: a criterion looks at the facts of each year, one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from openchronic.diseases import Criterion, Definition, Form, Library
from openchronic.diseases.expression import Node
from tests.openchronic.reference.rule import Case, Rows

FOREVER = date(9999, 12, 31)


@dataclass(frozen=True)
class Met:
    """A fact that is enough: the years in which it counts, the day it was met, its last day, when it was known."""

    first_year: int
    last_year: int
    on: date
    last: date
    known: date


class Person:
    """One subject of a case, with the codes of the release."""

    def __init__(self, patient: Mapping[str, Any], case: Case, codes: Rows) -> None:
        self.id = patient["subject_id"]
        self.patient = patient
        self.events = [one for one in case["released_event"] if one["subject_id"] == self.id]
        self.costs = [one for one in case["released_cost"] if one["subject_id"] == self.id]
        self.periods = [one for one in case["observation_period"] if one["subject_id"] == self.id]
        self.codes = {(one["vocabulary"], one["code"]): one for one in codes}

    def age_on(self, day: date) -> int | None:
        born: date | None = self.patient["birth_date"]
        if born is None:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def is_in(self, definition: Definition, name: str, event: Mapping[str, Any]) -> bool:
        """Returns whether the code of an event is in a list."""
        one = definition.codes[name]
        entry = self.codes.get((event["vocabulary"], event["code"]))
        if entry is None:
            return False
        for vocabulary, prefixes in one.codes:
            code = event["code"] if vocabulary == event["vocabulary"] else None
            if vocabulary == "ATC" and entry["parent_vocabulary"] == "ATC":
                code = entry["parent_code"]
            if code and code.startswith(prefixes):
                return not code.startswith(one.without) if one.without else True
        return False

    def is_large(self, event: Mapping[str, Any]) -> bool:
        return bool(self.codes[event["vocabulary"], event["code"]]["is_large_pack"])


def met(definition: Definition, part: Criterion, person: Person) -> list[Met]:
    """Returns the facts that are enough for a criterion."""
    facts = [one for one in person.events if one["start_date"] and _concerns(part, person, one)]
    own = [one for one in facts if person.is_in(definition, part.codes, one)]
    before, after = part.years
    if part.find == "ald":
        return [_exempt(part, one) for one in own if one["event_type"] == "ald"]
    if part.find == "diagnosis":
        return [
            Met(
                one["end_date"].year - after,
                one["end_date"].year - before,
                one["start_date"],
                one["end_date"],
                known,
            )
            for one in own
            if _has_role(part, part.roles, one) and one["end_date"]
            for known in _known_with(definition, part, person, one)
        ]
    return [
        Met(year - after, year - before, day, day, known)
        for year, days in _by_year(definition, part, person, own)
        for day, known in _enough(part, days)
    ]


def _concerns(part: Criterion, person: Person, one: Mapping[str, Any]) -> bool:
    if part.sex and person.patient["sex"] != part.sex:
        return False
    if part.ages:
        age = person.age_on(one["start_date"])
        return age is not None and part.ages[0] <= age <= part.ages[1]
    return True


def _exempt(part: Criterion, one: Mapping[str, Any]) -> Met:
    start, end = one["start_date"], one["end_date"] or FOREVER
    years = (start.year, end.year)
    if part.date == "start":
        years = (start.year - part.years[1], start.year - part.years[0])
    return Met(*years, start, end, one["known_date"])


def _has_role(part: Criterion, roles: Sequence[str], one: Mapping[str, Any]) -> bool:
    return (
        one["event_type"] == "diagnosis"
        and one["care_setting"] in part.settings
        and one["code_role"] is not None
        and ("*" in roles or one["code_role"] in roles)
    )


def _known_with(
    definition: Definition, part: Criterion, person: Person, one: Mapping[str, Any]
) -> Iterator[date]:
    """Yields the day on which the diagnosis and the one that must be with it were known; nothing where it fails."""
    if part.pair is None:
        yield one["known_date"]
        return
    same = f"{part.pair.same}_id"
    others = [
        other["known_date"]
        for other in person.events
        if one[same] is not None
        and other[same] == one[same]
        and other["start_date"]
        and _has_role(part, part.pair.roles, other)
        and person.is_in(definition, part.pair.codes, other)
    ]
    if part.pair.absent and not others:
        yield one["known_date"]
    elif others and not part.pair.absent:
        yield max(one["known_date"], min(others))


def _by_year(
    definition: Definition, part: Criterion, person: Person, own: Rows
) -> Iterator[tuple[int, dict[date, Rows]]]:
    """Yields each calendar year with its days of facts, unless something else of the year spoils it."""
    if part.find == "service":
        codes = {code for _, some in definition.codes[part.codes].codes for code in some}
        lines = [
            one
            | {"vocabulary": "PRS_NAT", "code": one["service_code"], "end_date": one["start_date"]}
            for one in person.costs
            if one["service_code"] in codes
        ]
        sums: dict[date, float] = defaultdict(float)
        for one in lines:
            sums[one["start_date"]] += one["quantity"]
        own = [one for one in lines if sums[one["start_date"]] > 0 and _concerns(part, person, one)]
    else:
        own = [one for one in own if one["event_type"] == part.find]
    years: dict[int, dict[date, Rows]] = defaultdict(lambda: defaultdict(list))
    for one in own:
        day = one["end_date"] if part.find in ("session", "stay") else one["start_date"]
        if day:
            years[day.year][one["start_date"]].append(one)
    for year, days in years.items():
        spoilt = part.only_among and any(
            one["event_type"] == part.find
            and one["start_date"]
            and one["start_date"].year == year
            and person.is_in(definition, part.only_among, one)
            and not person.is_in(definition, part.codes, one)
            for one in person.events
        )
        if not spoilt:
            yield year, days


def _enough(part: Criterion, days: Mapping[date, Rows]) -> Iterator[tuple[date, date]]:
    """Yields the day on which there were enough days, and when the facts up to it were known."""
    is_large, quantity, known = False, 0.0, date.min
    for n, day in enumerate(sorted(days), start=1):
        for one in days[day]:
            quantity += one["quantity"] or 0
        known = max(known, _known_of(part, days[day]))
        is_large = is_large or any(one.get("is_large") for one in days[day])
        needed = part.dates_large if is_large and part.dates_large is not None else part.dates
        if n >= needed and (part.quantity is None or quantity >= part.quantity):
            yield day, known
            return


def _known_of(part: Criterion, some: Rows) -> date:
    # The lines of a service that add up are one fact.
    every: list[date] = [one["known_date"] for one in some]
    return min(every) if part.find == "service" else max(every)


def evaluate(library: Library, case: Case, codes: Rows, asked: Rows) -> dict[str, Rows]:
    """Returns the rows of ``disease_year``, ``disease_onset`` and ``disease_stay``."""
    found: dict[str, Rows] = {"disease_year": [], "disease_onset": [], "disease_stay": []}
    for patient in case["patient"]:
        person = Person(patient, case, codes)
        for event in person.events:
            if ("CIP13", event["code"]) in person.codes:
                event["is_large"] = person.is_large(event)
        states = _states(library, person, asked)
        found["disease_year"] += _years(library, person, states, asked)
        found["disease_onset"] += _onsets(library, person, states)
        found["disease_stay"] += _stays(library, person)
        for event in person.events:
            event.pop("is_large", None)
    return found


Ways = tuple[str, int, date, int, date]  # state, bits, first day, place, known


def _states(library: Library, person: Person, asked: Rows) -> dict[tuple[str, int], Ways]:
    """Returns the state of each form and year, with the bits of what is met and the first day."""
    found: dict[tuple[str, int], Ways] = {}
    forms = sorted(library.forms(), key=lambda one: library.levels[one[1].name])
    for definition, form in forms:
        if definition.kind == "year":
            facts = {part.name: met(definition, part, person) for part in definition.criteria}
            for year in [one["year"] for one in asked if one["definition"] == form.name]:
                state = _state(definition, form, person, year, facts, found)
                if state:
                    found[form.name, year] = state
    return found


def _state(
    definition: Definition,
    form: Form,
    person: Person,
    year: int,
    facts: Mapping[str, list[Met]],
    before: Mapping[tuple[str, int], Ways],
) -> Ways | None:
    age = None if person.patient["birth_date"] is None else year - person.patient["birth_date"].year
    if definition.sex and definition.sex != person.patient["sex"]:
        return None
    if definition.ages != (0, 130) and (
        age is None or not definition.ages[0] <= age <= definition.ages[1]
    ):
        return None
    days: dict[str, tuple[date, date]] = {}
    used = _names(form)
    for name in used:
        if "." in name:
            other, _, state = name.partition(".")
            there = before.get((other, year))
            if there and there[0] == state:
                days[name] = (there[2], there[4])
            continue
        here = [one for one in facts[name] if one.first_year <= year <= one.last_year]
        if here:
            days[name] = min((one.on, one.known) for one in here)
    own = [part.name for part in definition.criteria]
    places = {name: place for place, name in enumerate(dict.fromkeys([*own, *used]))}
    bits = sum(1 << own.index(name) for name in days if name in own)
    for state, node in form.states:
        ways = [_first(way, days, places) for way in _ways(node, days) if way]
        if ways:
            day, place, known = min(ways)
            return state, bits, day, place, known
    return None


def _names(form: Form) -> list[str]:
    def under(node: Node) -> Iterator[str]:
        if node.kind == "name":
            yield node.name
        for one in node.parts:
            yield from under(one)

    return list(dict.fromkeys(name for _, node in form.states for name in under(node)))


def _ways(node: Node, days: Mapping[str, object]) -> list[frozenset[str]]:
    """Returns the sets of what is met that make the expression true; an empty set where what is absent does."""
    if node.kind == "name":
        return [frozenset([node.name])] if node.name in days else []
    if node.kind == "not":
        return [] if _ways(node.parts[0], days) else [frozenset()]
    below = [_ways(one, days) for one in node.parts]
    if node.kind == "or":
        return [way for some in below for way in some]
    found = [frozenset[str]()]
    for some in below:
        found = [one | two for one in found for two in some]
    return found


def _first(
    way: frozenset[str], days: Mapping[str, tuple[date, date]], places: Mapping[str, int]
) -> tuple[date, int, date]:
    day, place = min((days[name][0], places[name]) for name in way)
    return day, place, max(days[name][1] for name in way)


def _years(
    library: Library, person: Person, states: Mapping[tuple[str, int], Ways], asked: Rows
) -> Rows:
    published = {(one["definition"], one["year"]) for one in asked if one["is_published"]}
    versions = {form.name: one.version for one, form in library.forms()}
    care = ("birth", "death", "death_cause", "ald", "diagnosis")
    seen = {
        day.year
        for one in person.events
        if one["event_type"] not in care
        for day in (one["start_date"], one["end_date"] if one["event_type"] == "stay" else None)
        if day
    }
    born, died = person.patient["birth_date"], person.patient["death_date"]
    return [
        {
            "year": year,
            "definition": name,
            "version": versions[name],
            "state": state,
            "subject_id": person.id,
            "first_met": day,
            "criteria": bits,
        }
        for (name, year), (state, bits, day, _, _) in states.items()
        if (name, year) in published
        and year in seen
        and (born is None or born <= date(year, 1, 1))
        and (died is None or died >= date(year, 1, 1))
    ]


def _onsets(
    library: Library, person: Person, states: Mapping[tuple[str, int], Ways]
) -> Iterator[dict[str, Any]]:
    for definition, form in library.forms():
        here = [
            (day, place, known)
            for (name, _), (_, _, day, place, known) in states.items()
            if name == form.name
        ]
        if not here:
            continue
        day, place, known = min(here)
        used = _names(form)
        own = [part.name for part in definition.criteria]
        names = list(dict.fromkeys([*own, *used]))
        first = day - timedelta(days=definition.washout_days)
        earlier = any(
            one.on < day and one.last >= first
            for part in definition.criteria
            if part.name in used
            for one in met(definition, part, person)
        )
        observed = max(
            (
                (day - one["start_date"]).days
                for one in person.periods
                if one["start_date"] <= day <= one["end_date"]
            ),
            default=None,
        )
        is_long = observed is not None and observed >= definition.washout_days
        yield {
            "definition": form.name,
            "version": definition.version,
            "subject_id": person.id,
            "onset_date": day,
            "known_date": known,
            "criterion": names[place],
            "washout_days": definition.washout_days,
            "observed_days": observed or 0,
            "incidence": "prevalent" if earlier else "incident" if is_long else "unobserved",
        }


def _stays(library: Library, person: Person) -> Iterator[dict[str, Any]]:
    for definition, form in library.forms():
        if definition.kind != "stay":
            continue
        for stay in sorted({one["stay_id"] for one in person.events if one["stay_id"]}):
            within = [one for one in person.events if one["stay_id"] == stay]
            there = Person.__new__(Person)
            there.__dict__ = person.__dict__ | {"events": within}
            facts = {part.name: met(definition, part, there) for part in definition.criteria}
            true = {name: (one, one) for name, one in facts.items() if one}
            for state, node in form.states:
                if [way for way in _ways(node, true) if way]:
                    every = [one for some in facts.values() for one in some]
                    own = [part.name for part in definition.criteria]
                    yield {
                        "definition": form.name,
                        "version": definition.version,
                        "state": state,
                        "subject_id": person.id,
                        "stay_id": stay,
                        "start_date": min(one.on for one in every),
                        "end_date": max(one.last for one in every),
                        "known_date": max(one.known for one in every),
                        "criteria": sum(1 << own.index(name) for name in true),
                    }
                    break
