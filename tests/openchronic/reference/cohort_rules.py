"""Cohorts as rules that are answered three ways: recipes as files say them, their tables, drawn subjects."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from openchronic.cohort.base import Base, Known
from openchronic.cohort.making import DISEASE_TABLES
from openchronic.cohort.reading import recipe_of
from openchronic.cohort.recipe import Recipe
from openchronic.cohort.rows import rows_of
from openchronic.cohort.where import Where
from openchronic.models.cohorts import DISEASE_COLUMNS, MODELS, TABLES
from openchronic.models.query import query_of
from tests.openchronic.reference.cohorts import evaluate
from tests.openchronic.reference.rule import APART, Case, Rows, Rule, days, maybe

BASE = Base(
    {
        "failure": Known("failure", 1, "Insuffisance", False, ("acute", "chronic"), False),
        "dialysis": Known("dialysis", 2, "Dialyse", False, ("case",), True),
        "flare": Known("flare", 1, "Poussée", True, ("case",), True),
    },
    date(2020, 1, 1),
    date(2021, 12, 31),
)
CODES: Rows = [
    {"vocabulary": v, "code": code, "parent_vocabulary": p and "ATC", "parent_code": p}
    for v, code, p in (
        ("CIP13", "3400930000001", "A10BA02"),
        ("CIP13", "3400930000002", "A10BX06"),
        ("CIP13", "3400930000003", None),
        ("CIM10", "I500", None),
        ("CIM10", "I509", None),
        ("CIM10", "J440", None),
        ("GHM", "05M09", None),
    )
]
RELEASE: dict[str, dict[str, str]] = {
    "code": {
        "vocabulary": "STRING",
        "code": "STRING",
        "parent_vocabulary": "STRING",
        "parent_code": "STRING",
    },
    "patient": {
        "subject_id": "BIGINT",
        "sex": "STRING",
        "birth_date": "DATE",
        "death_date": "DATE",
        "is_twin": "BOOLEAN",
    },
    "observation_period": {"subject_id": "BIGINT", "start_date": "DATE", "end_date": "DATE"},
    "event": {
        "subject_id": "BIGINT",
        "start_date": "DATE",
        "end_date": "DATE",
        "event_type": "STRING",
        "care_setting": "STRING",
        "vocabulary": "STRING",
        "code": "STRING",
        "code_role": "STRING",
    },
    **{name: dict(columns) for name, columns in DISEASE_TABLES.items()},
    "cohort_disease": dict(DISEASE_COLUMNS),
}
TEXTS = {one.name: query_of(one, judge="") for one in MODELS}
ANSWERED = ("cohort", "cohort_failed")
# Each way to choose index days, and each kind of step, is in one of them.
RECIPES = {
    "onset": """
        name = "onset"
        keep_twins = true
        [index]
        from = "failure"
        between = [2021-01-05, 2021-03-01]
        [follow]
        until = "30 days or death or end_of_observation"
        [[step]]
        observed_before = 20
        [[step]]
        ages = [40, 70]
        sex = "F"
        [[step]]
        lives_in = ["metropole", "974"]
        [[step]]
        without = { definition = "dialysis", days = [-30, -1] }
        """,
    "stays": """
        name = "stays"
        keep_twins = true
        [index]
        stays = { codes = "hf", roles = ["DP", "DAS"], settings = ["mco", "ssr"] }
        keep = "all"
        [codes.hf]
        CIM10 = ["I50", "J44"]
        GHM = ["05M"]
        not = ["I509"]
        [[step]]
        with = { any = [{ definition = "failure" }, { events = { type = "drug", codes = ["A10"] } }], days = [-20, 0], at_least = 1, at_most = 2 }
        [[step]]
        ages = [20, 75]
        lives_in = ["metropole", "974", "971"]
        [[step]]
        without = { definition = "dialysis", days = [-30, -1] }
        """,
    "events": """
        name = "events"
        [index]
        events = { type = "drug", codes = "diabetes" }
        keep = "first_ever"
        between = [2021-01-05, 2021-12-31]
        [codes.diabetes]
        ATC = ["A10"]
        not = ["A10BX06"]
        [[step]]
        days_since = { stays = { codes = ["I50"] }, at_least = 1, at_most = 40 }
        [[step]]
        without = { events = { type = "ald", codes = ["CIM10:I50"] }, days = [-10, 0] }
        """,
    "known": """
        name = "known"
        keep_twins = true
        [index]
        from = "failure"
        on = "date:2021-02-20"
        [[step]]
        alive_at = -5
        [[step]]
        with = { stays = { codes = ["I50", "J44"], roles = "*" }, days = [-45, 0], first = true }
        """,
    "years": """
        name = "years"
        allow_future = true
        [index]
        from = "failure.acute"
        on = "each_year"
        [follow]
        until = "2021-02-15 or death"
        [[step]]
        observed_after = 15
        alive_at = 2021-01-20
        """,
    "acute": """
        name = "acute"
        keep_twins = true
        [index]
        from = "failure.acute"
        on = "onset"
        [[step]]
        with = { definition = "flare", days = [-30, 0] }
        """,
    "flares": """
        name = "flares"
        allow_future = true
        [index]
        from = "flare"
        on = "admission"
        keep = "last"
        """,
    "everyone": """
        name = "everyone"
        [index]
        from = "everyone"
        on = "each_year"
        keep = "all"
        [[step]]
        with = { events = { type = "visit" } }
        """,
}  # fmt: skip


def read(text: str) -> Recipe:
    """Returns the recipe of a file."""
    return recipe_of(tomllib.loads(text), Where("test.toml", text), BASE)


def rule_of(text: str, *, more: tuple[str, ...] = ()) -> Rule:
    """Returns the rule of a recipe."""
    recipe = read(text)
    return Rule(
        name=f"cohort {recipe.name}",
        columns={**RELEASE, **TABLES},
        texts=TEXTS,
        answered=(*ANSWERED, *more),
        cases=SUBJECTS,
        apart=apart,
        reference=lambda case: evaluate(recipe, case, CODES),
        shared={
            "code": CODES,
            **{
                name: [dict(zip(TABLES[name], row, strict=True)) for row in rows]
                for name, rows in rows_of(recipe).items()
            },
        },
    )


def apart(case: Case, number: int) -> Case:
    """Returns the case with a subject of its own."""
    return {
        name: [row | {"subject_id": row["subject_id"] % APART + APART * number} for row in rows]
        for name, rows in case.items()
    }


@st.composite
def subjects(draw: st.DrawFn) -> Case:
    """Draws a subject with facts of some days of 2021."""
    case: Case = {name: [] for name in RELEASE if name != "code"}

    def add(table: str, **cells: Any) -> None:
        case[table].append({"subject_id": 1, **cells})

    def span(most: int = 12) -> tuple[date, date]:
        start = draw(days(40))
        return start, start + timedelta(days=draw(st.integers(0, most)))

    add(
        "patient",
        sex=draw(maybe(["F", "F", "F", "M"])),
        birth_date=draw(
            maybe([date(1960, 3, 1), date(1970, 5, 1), date(1981, 2, 1), date(1950, 2, 10)])
        ),
        death_date=draw(maybe([None, None, date(2021, 1, 20), date(2021, 3, 1)])),
        is_twin=draw(st.sampled_from([False, False, False, False, False, True, None])),
    )
    begin = draw(st.sampled_from([None, date(2020, 1, 1), date(2021, 1, 5)]))
    if begin:
        add("observation_period", start_date=begin, end_date=begin + timedelta(days=400))
    for number in range(draw(st.integers(0, 2))):
        start = None if number == 0 and draw(st.booleans()) else draw(days(40))
        add(
            "residence",
            start_date=start,
            end_date=draw(maybe([date(2021, 2, 15)])),
            department=draw(st.sampled_from(["75", "75", "2A", "974", "971", None])),
        )
    _events(draw, add, span)
    if draw(st.integers(0, 3)):
        add(
            "disease_onset",
            definition="failure",
            onset_date=draw(days(45)),
            incidence=draw(st.sampled_from(["incident", "prevalent"])),
        )
    for _ in range(draw(st.integers(0, 2))):
        start, end = span()
        name, state = draw(
            st.sampled_from([("dialysis", "case"), ("failure", "acute"), ("failure", "chronic")])
        )
        add("cohort_disease", definition=name, state=state, met_on=start, last_on=end)
    for _ in range(draw(st.integers(0, 2))):
        start, end = span()
        add("disease_stay", definition="flare", state="case", start_date=start, end_date=end)
    for year in draw(st.sets(st.integers(2019, 2021))):
        add(
            "disease_year",
            definition="failure",
            state=draw(st.sampled_from(["acute", "acute", "chronic"])),
            year=year,
        )
    return case


def _events(draw: st.DrawFn, add: Any, span: Any) -> None:
    for _ in range(draw(st.integers(0, 9))):
        start, end = span(10)
        kind = draw(
            st.sampled_from(["drug", "drug", "diagnosis", "diagnosis", "stay", "ald", "visit"])
        )
        said: dict[str, Any] = {"care_setting": None, "code_role": None}
        if kind == "drug":
            said |= {
                "vocabulary": "CIP13",
                "code": f"340093000000{draw(st.integers(1, 3))}",
                "end_date": start,
            }
        elif kind == "stay":
            said |= {"vocabulary": "GHM", "code": "05M09", "care_setting": "mco", "end_date": end}
        elif kind == "visit":
            said |= {"vocabulary": None, "code": None, "end_date": start}
        else:
            said |= {
                "vocabulary": "CIM10",
                "code": draw(st.sampled_from(["I500", "I500", "I509", "J440"])),
                "end_date": draw(st.sampled_from([end, end, None])),
            }
        if kind == "diagnosis":
            said |= {
                "care_setting": draw(st.sampled_from(["mco", "mco", "ssr", "psy"])),
                "code_role": draw(st.sampled_from(["DP", "DP", "DAS", "DR"])),
            }
        add("event", start_date=start, event_type=kind, **said)


SUBJECTS = subjects()
COHORTS = {name: rule_of(text) for name, text in RECIPES.items()}
