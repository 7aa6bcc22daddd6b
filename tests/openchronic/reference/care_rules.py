"""Cases of care: facts of one day, neighbours of one node, stays that touch, overlap and outlast a period, deaths."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from openchronic.models.care import MONTH, NODE, STATES_OF_MONTHS, contacts
from openchronic.models.model import Model
from openchronic.models.query import query_of
from tests.openchronic.reference.care import contacts_of, flow_of, states_of
from tests.openchronic.reference.rule import APART, Case, Rows, Rule, days, maybe

NODES: Rows = [
    dict(zip(NODE.columns, row, strict=True))
    for row in (
        (1, "emergency", "visit", "", "", "", "", "emergency"),
        (2, "mco", "stay", "mco", "", "", "", ""),
        (3, "gp", "visit", "", "1", "", "", ""),
        (4, "specialist", "visit", "", "", "", "", ""),
        (5, "statin", "drug", "", "", "ATC", "C10A", ""),
        (6, "pack", "drug", "", "", "CIP13", "34009", ""),
    )
]
CODES: Rows = [
    {"vocabulary": "CIP13", "code": "3400930000001", "parent_vocabulary": "ATC", "parent_code": "C10AA01"},
    {"vocabulary": "CIP13", "code": "3400930000002", "parent_vocabulary": "ATC", "parent_code": "A10BA02"},
    {"vocabulary": "CIP13", "code": "other", "parent_vocabulary": None, "parent_code": None},
]  # fmt: skip
KINDS = (
    *(("visit", "city", specialty, None, None) for specialty in ("1", "3", None)),
    ("stay", "mco", None, "GHM", "04M05"),
    ("diagnosis", "mco", None, "CIM10", "J44"),
    *(("drug", "city", "1", "CIP13", one["code"]) for one in CODES),
)
COLUMNS = {
    NODE.name: NODE.columns,
    MONTH.name: MONTH.columns,
    "code": dict.fromkeys(
        ("vocabulary", "code", "parent_vocabulary", "parent_code"), "STRING"
    ),
    "event": {
        "subject_id": "BIGINT",
        "start_date": "DATE",
        "end_date": "DATE",
        "order_in_day": "BIGINT",
        "event_id": "STRING",
        "event_type": "STRING",
        "care_setting": "STRING",
        "provider_specialty": "STRING",
        "vocabulary": "STRING",
        "code": "STRING",
        "flags": "STRING",
    },
    "stay": {
        "subject_id": "BIGINT",
        "care_setting": "STRING",
        "start_date": "DATE",
        "end_date": "DATE",
        "last_seen_date": "DATE",
        "is_session": "BOOLEAN",
        "care_form": "STRING",
    },
    "patient": {"subject_id": "BIGINT", "death_date": "DATE"},
    "care_period": {
        "subject_id": "BIGINT",
        "period_no": "BIGINT",
        "start_date": "DATE",
        "end_date": "DATE",
    },
}  # fmt: skip


@st.composite
def _history(draw: st.DrawFn) -> Case:
    """Draws one or two subjects with their periods, facts, stays and death."""
    case: Case = {name: [] for name in ("event", "stay", "patient", "care_period")}
    for subject in range(1, draw(st.integers(1, 2)) + 1):
        case["patient"].append(
            {"subject_id": subject, "death_date": draw(st.one_of(st.none(), days(150)))}
        )
        for number in range(1, draw(st.integers(1, 2)) + 1):
            start = draw(days(60))
            end = start + timedelta(days=draw(st.integers(0, 100)))
            case["care_period"].append(
                {"subject_id": subject, "period_no": number, "start_date": start, "end_date": end}
            )
        for number in range(draw(st.integers(0, 8))):
            start = draw(days(120))
            kind, setting, specialty, vocabulary, code = draw(st.sampled_from(KINDS))
            flag = draw(st.sampled_from([None, "regularised", "regularised,emergency"]))
            case["event"].append(
                {
                    "subject_id": subject,
                    "start_date": start,
                    "end_date": draw(st.sampled_from([None, start, start + timedelta(days=9)])),
                    "order_in_day": draw(st.integers(1, 3)),
                    "event_id": f"{subject}-{number}",
                    "event_type": kind,
                    "care_setting": setting,
                    "provider_specialty": specialty,
                    "vocabulary": vocabulary,
                    "code": code,
                    "flags": flag,
                }
            )
        for _ in range(draw(st.integers(0, 4))):
            start = draw(days(120))
            end = start + timedelta(days=draw(st.sampled_from([0, 1, 5, 14, 15, 16, 40])))
            setting = draw(st.sampled_from(["mco", "mco", "ssr", "had", "psy"]))
            case["stay"].append(
                {
                    "subject_id": subject,
                    "care_setting": setting,
                    "start_date": start,
                    "end_date": draw(st.sampled_from([end, end, None])),
                    "last_seen_date": end,
                    "is_session": setting == "mco" and draw(st.integers(0, 5)) == 0,
                    "care_form": draw(maybe(["1", "04", "2"]))
                    if setting in ("ssr", "psy")
                    else None,
                }
            )
    return case


def _apart(case: Case, number: int) -> Case:
    """Events have names of their own too: what orders facts of a day is complete."""
    return {
        name: [row | {"subject_id": row["subject_id"] + APART * number} for row in rows]
        for name, rows in case.items()
    }


def _named(model: Model, collapsed: str) -> tuple[str, str]:
    return f"{model.name}{collapsed}", query_of(model, judge="").replace(
        "FROM care_step", f"FROM care_step{collapsed}"
    ).replace("JOIN care_step ", f"JOIN care_step{collapsed} ")


APART_TEXTS = dict(_named(model, "_apart") for model in contacts(collapse_repeats=False)[1:])
ANSWERED = ("care_step", "care_step_apart", "setting_state")


def _reference(case: Case) -> dict[str, Rows]:
    return {
        "care_step": contacts_of(case, NODES, CODES, collapse_repeats=True),
        "care_step_apart": contacts_of(case, NODES, CODES, collapse_repeats=False),
        "setting_state": states_of(case),
    }


def flows(cases: list[Case]) -> dict[str, Rows]:
    """Returns the graphs of all cases together, by the reference."""
    every: Case = {name: [row for case in cases for row in case[name]] for name in cases[0]}
    return {
        f"flow{name}": flow_of(every, contacts_of(every, NODES, CODES, collapse_repeats=collapsed))
        for name, collapsed in (("", True), ("_apart", False))
    }


def _shared() -> dict[str, list[dict[str, Any]]]:
    return {NODE.name: NODES, "code": CODES, MONTH.name: [{"month_no": n} for n in range(1, 8)]}


CARE = Rule(
    name="care",
    columns=COLUMNS,
    texts={
        **{
            model.name: query_of(model, judge="")
            for model in (*contacts(collapse_repeats=True), *STATES_OF_MONTHS)
        },
        **APART_TEXTS,
    },
    answered=ANSWERED,
    cases=_history(),
    apart=_apart,
    reference=_reference,
    shared=_shared(),
)
