"""The disease library as a rule that is answered three ways: its tables, its texts, drawn cases."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from openchronic.diseases import load_library
from openchronic.diseases.library import library_of
from openchronic.diseases.reading import read_definition
from openchronic.models.delivery import every_table
from openchronic.models.diseases import ASKED, TABLES
from openchronic.models.diseases.rows import rows_of
from openchronic.models.graph import graph_of
from openchronic.models.query import query_of
from tests.openchronic.reference.diseases import evaluate
from tests.openchronic.reference.lives import CODES, OWN, PACKS, UCD, YEARS, Life
from tests.openchronic.reference.rule import APART, Case, Rows, Rule

NAMES = (
    *("diabetes", "copd", "copd_exacerbation", "asthma", "heart_failure", "breast_cancer"),
    *("prostate_cancer", "cystic_fibrosis", "chronic_respiratory", "dialysis", "kidney_transplant"),
)
# What no definition of the package has, and a third level.
ODD = """\
name = "odd"
fr = "Essai"
version = 3
status = "sourced"
source = "tests"
ages = [18, 80]
washout_days = 365
[codes.cough]
CIM10 = ["R05"]
status = "sourced"
[codes.flu]
CIM10 = ["J10"]
PRS_NAT = ["2148"]
status = "sourced"
[codes.training]
PRS_NAT = ["2149"]
status = "sourced"
[criteria.late]
find = "diagnosis"
codes = "cough"
roles = ["*"]
settings = ["ssr", "psy"]
years = [-2, -1]
[criteria.together]
find = "diagnosis"
codes = "cough"
roles = ["DP"]
with = { codes = "flu", roles = ["DAS", "DP"], same = "episode" }
[criteria.of_men]
find = "ald"
codes = "flu"
date = "start"
years = [-1, 0]
sex = "M"
[criteria.trained]
find = "service"
codes = "training"
sex = "M"
ages = [40, 59]
[states]
both = "late and together"
one = "(late or together or of_men or trained) and not dialysis.case"
treated = "late and asthma.case"
"""
LIBRARY = library_of([*(load_library()[name] for name in NAMES), read_definition("odd.toml", ODD)])
ASKED_ROWS: Rows = [
    {
        "definition": form.name,
        "level": LIBRARY.levels[form.name],
        "year": year,
        "is_published": (form.name, year) != ("asthma", 2018),
    }
    for one, form in LIBRARY.forms()
    for year in YEARS
    if one.kind == "year" and year >= form.first_year
]
EVENT = {
    "subject_id": "BIGINT",
    "start_date": "DATE",
    "end_date": "DATE",
    "known_date": "DATE",
    "event_type": "STRING",
    "care_setting": "STRING",
    "vocabulary": "STRING",
    "code": "STRING",
    "code_role": "STRING",
    "quantity": "DOUBLE",
    "stay_id": "STRING",
    "episode_id": "STRING",
}
COLUMNS = {
    "released_event": EVENT,
    "released_cost": {
        "subject_id": "BIGINT",
        "start_date": "DATE",
        "known_date": "DATE",
        "service_code": "STRING",
        "quantity": "DOUBLE",
    },
    "patient": {
        "subject_id": "BIGINT",
        "sex": "STRING",
        "birth_date": "DATE",
        "death_date": "DATE",
    },
    "observation_period": {"subject_id": "BIGINT", "start_date": "DATE", "end_date": "DATE"},
    "code": {
        "vocabulary": "STRING",
        "code": "STRING",
        "parent_vocabulary": "STRING",
        "parent_code": "STRING",
        "is_large_pack": "BOOLEAN",
    },
    "population_setting": {"population": "STRING"},
    "asked_year": ASKED,
    **TABLES,
}
ANSWERED = ("disease_year", "disease_onset", "disease_stay")


def _texts() -> dict[str, str]:
    """Returns the texts of the models, as a build runs them."""
    graph = graph_of(every_table())
    models = graph.needed(ANSWERED, there=COLUMNS)
    return {one.name: query_of(graph.model(one.name), judge="") for one in models}


def shared(population: str = "consumers") -> Case:
    """Returns the tables that are the same for all subjects."""
    return {
        "code": CODES,
        "population_setting": [{"population": population}],
        "asked_year": ASKED_ROWS,
        **{
            name: [dict(zip(columns, row, strict=True)) for row in rows_of(name, LIBRARY)]
            for name, columns in TABLES.items()
        },
    }


def reference(case: Case) -> dict[str, Rows]:
    return evaluate(LIBRARY, case, CODES, ASKED_ROWS)


def apart(case: Case, number: int) -> Case:
    """Returns the case with a subject and stays of its own."""

    def moved(row: dict[str, Any]) -> dict[str, Any]:
        names = ("stay_id", "episode_id")
        texts = {name: f"{number}-{row[name]}" for name in names if row.get(name)}
        return row | {"subject_id": row["subject_id"] % APART + APART * number} | texts

    return {table: [moved(row) for row in rows] for table, rows in case.items()}


DAYS = st.dates(date(2015, 1, 1), date(2022, 12, 31)).map(date.isoformat)
NEAR = st.dates(date(2020, 11, 1), date(2021, 3, 31)).map(date.isoformat)
DIAGNOSES = st.sampled_from(OWN["CIM10"])


@st.composite
def lives(draw: st.DrawFn) -> Case:
    """Draws a subject with a few facts that the definitions ask for."""
    life = Life(
        sex=draw(st.sampled_from(["F", "F", "M", None])),
        born=draw(st.sampled_from(["1950-03-01", "1981-06-01", "2002-06-01", None])),
        died=draw(st.sampled_from([None, None, "2020-01-01", "2021-05-01"])),
        observed=draw(
            st.sampled_from([None, ("2019-01-01", "2022-12-31"), ("2005-01-01", "2021-01-01")])
        ),
        seen=draw(st.sampled_from([tuple(YEARS), tuple(YEARS), (2020,)])),
    )
    for _ in range(draw(st.integers(0, 4))):
        _hospital(draw, life)
    for _ in range(draw(st.integers(0, 3))):
        atc = draw(st.sampled_from([*PACKS]))
        life.drug(atc, *draw(st.lists(NEAR, max_size=4)))
    for _ in range(draw(st.integers(0, 2))):
        begins = draw(DAYS)
        end = draw(st.sampled_from([None, begins, "2022-12-31"]))
        life.ald(draw(DIAGNOSES), begins, end if end is None or end >= begins else begins)
    if draw(st.booleans()):
        life.hospital_drug(draw(st.sampled_from([*UCD])), draw(DAYS))
    if draw(st.integers(0, 3)) == 0:
        life.sessions(draw(NEAR), "28Z04Z", draw(st.sampled_from([1, 44, 45])))
        life.sessions(draw(DAYS), draw(st.sampled_from(OWN["GHM"])), 1)
    if draw(st.integers(0, 3)) == 0:
        life.act(draw(DAYS), "JAEA003")
        life.services("2121", draw(NEAR), draw(st.sampled_from([1, 44, 45])))
        life.services("2121", draw(NEAR), 2, -1)
    return life.case()


def _hospital(draw: st.DrawFn, life: Life) -> None:
    begins = draw(st.one_of(DAYS, NEAR))
    end = draw(st.sampled_from(["", "2021-01-04", None]))
    diagnoses = {
        role: draw(DIAGNOSES)
        for role in draw(st.lists(st.sampled_from(["DP", "DR", "DAS", "DP_UM"]), max_size=3))
    }
    life.stay(
        begins,
        end if end is None or end >= begins else "",
        setting=draw(st.sampled_from(["mco", "mco", "mco", "ssr", "psy"])),
        episode=draw(st.sampled_from([None, f"{life.id}-e"])),
        ghm=draw(st.sampled_from(OWN["GHM"])),
        **diagnoses,
    )


DISEASES = Rule(
    name="diseases",
    columns=COLUMNS,
    texts=_texts(),
    answered=ANSWERED,
    cases=lives(),
    apart=apart,
    reference=reference,
    shared=shared(),
)
