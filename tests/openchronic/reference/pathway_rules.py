"""Cases of exposures and periods: nested, touching, equal and repeated ones, gaps, short and long overlaps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from openchronic.models.pathways import (
    ADHERENCE,
    HELD_NAME,
    LINE_ERAS,
    SETTING,
    STEPS,
    STRETCH,
    TREATMENT_CLASS,
    TREATMENT_GROUP,
    line_after,
    lines,
    paths,
)
from openchronic.models.query import query_of
from openchronic.pathway.parameters import parameters_of
from openchronic.pathway.treatments import Treatments
from tests.openchronic.reference.lines import lines_of
from tests.openchronic.reference.pathways import adherence_of, persistence_of, steps_of
from tests.openchronic.reference.rule import APART, Case, Rows, Rule, days

TREATMENTS = Treatments(("A", "B", "C"), {"A": "one", "B": "one"})
CLASSES = {bit: TREATMENTS.class_bits(name) for name, bit in TREATMENTS.bits.items()}
# Days are fewer than in life, so that a few weeks hold what a few years do.
LINES = {"regimen_days": "5", "line_gap_days": "8", "max_lines": "3"}
SHORT = {"max_gap_days": "5", "combination_days": "6", "min_part_days": "4", **LINES}
SETS = parameters_of(
    [
        {"pathway": "short", **SHORT, "stop_days": "7", "switch_counts": "true"},
        {"pathway": "all, eras apart", **SHORT, "stop_days": "10", "max_gap_days": "-1", "repeats": "all",
         "switch_counts": "true"},
        {"pathway": "no rule", **LINES, "max_gap_days": "0", "combination_days": "0", "min_part_days": "0", "repeats": "all",
         "same_class_is_new": "true"},
        {"pathway": "first", **SHORT, "drop_is_new": "true", "same_class_is_new": "true", "repeats": "first", "max_steps": "2"},
        {"pathway": "joined", **SHORT, "stop_days": "12", "switch_gap_days": "3", "joins_periods": "true", "min_part_days": "0", "regimen_days": "20"},
        {"pathway": "clipped", **SHORT, "reset_days": "3", "min_purchases": "1", "clip": "true", "last_offset": "-5", "first_offset": "3",
         "hospital_days": "ignore"},
        {"pathway": "joined, clipped", **SHORT, "joins_periods": "true", "clip": "true", "carry": "none", "min_purchases": "1"},
        {"pathway": "from the end", **SHORT, "drop_is_new": "true", "first_anchor": "end", "first_offset": "-20"},
        {"pathway": "long ones", **SHORT, "min_exposure_days": "4", "min_era_days": "9"},
        {"pathway": "counted", **SHORT, "era": "purchase_count", "grace_days": "3"},
        {"pathway": "in hospital", **SHORT, "stop_days": "6", "reset_days": "4", "min_purchases": "1"},
        {"pathway": "latest", **SHORT, "era": "latest_purchase", "grace_days": "3", "repeats": "all", "carry": "none"},
        {"pathway": "unlimited", **SHORT, "era": "unlimited", "era_purchases": "2", "era_window_days": "15"},
    ]
)  # fmt: skip
PASSES = SETS.max_lines + 1
LINE_MODELS = (*LINE_ERAS, *map(line_after, range(PASSES)), lines(PASSES))
EVERY_SET = {
    name: f"SELECT setting.pathway, {given}.* FROM {given} CROSS JOIN setting"  # noqa: S608 - our own names
    for name, given in (("target", "given_period"), ("exposure", "given_exposure"))
}


@st.composite
def _history(draw: st.DrawFn) -> Case:
    """Draws one or two subjects with their periods and exposures."""
    case: Case = {"given_period": [], "given_exposure": [], "hospital_stay": []}
    for subject in range(1, draw(st.integers(1, 2)) + 1):
        for number in range(1, draw(st.integers(1, 2)) + 1):
            start = draw(days(30))
            end = start + timedelta(days=draw(st.integers(0, 60)))
            case["given_period"].append(
                {"subject_id": subject, "start_date": start, "end_date": end, "period_no": number}
            )
        for number in range(draw(st.integers(0, 8))):
            start = draw(days(70))
            length = draw(st.sampled_from([0, 1, 2, 4, 6, 6, 9, 15, 30]))
            case["given_exposure"].append(
                {
                    "subject_id": subject,
                    "treatment_bit": draw(st.sampled_from([1, 1, 2, 2, 4])),
                    "start_date": start,
                    "end_date": start + timedelta(days=length),
                    "exposure_id": number,
                }
            )
        for _ in range(draw(st.integers(0, 3))):
            start = draw(days(90))
            nights = timedelta(days=draw(st.sampled_from([1, 1, 2, 3, 5, 9, 20, 70])))
            case["hospital_stay"].append(
                {"subject_id": subject, "first_day": start, "day_after": start + nights}
            )
    return case


def _apart(case: Case, number: int) -> Case:
    return {
        name: [row | {"subject_id": row["subject_id"] + APART * number} for row in rows]
        for name, rows in case.items()
    }


def _reference(case: Case) -> dict[str, Rows]:
    steps: Rows = []
    paths_of: Rows = []
    adherence: Rows = []
    persistence: Rows = []
    treatment_lines: Rows = []
    for setting in SETS.sets:
        for subject in sorted({row["subject_id"] for row in case["given_period"]}):
            periods, exposures, stays = (
                [row for row in case[name] if row["subject_id"] == subject]
                for name in ("given_period", "given_exposure", "hospital_stay")
            )
            found = steps_of(setting, periods, exposures)
            key = {"pathway": setting["pathway"], "subject_id": subject}
            steps += [key | step for step in found]
            found_lines = lines_of(setting, periods, exposures, CLASSES)
            treatment_lines += [key | row for row in found_lines]
            persistence += [key | row for row in persistence_of(setting, periods, exposures)]
            adherence += [key | row for row in adherence_of(setting, periods, exposures, stays)]
            numbers = {1 if setting["joins_periods"] else row["period_no"] for row in periods}
            for number in numbers:
                own = [step for step in found if step["period_no"] == number]
                path = "-".join(TREATMENTS.held(step["held"]) for step in own)
                paths_of.append(key | {"period_no": number, "path": path, "n_steps": len(own)})
    return {
        "pathway_step": steps,
        "path_of": paths_of,
        "adherence": adherence,
        "persistence": persistence,
        "treatment_line": treatment_lines,
    }


def _rows_of(rows: list[tuple[Any, ...]], columns: Any) -> Rows:
    return [dict(zip(columns, row, strict=True)) for row in rows]


PATHWAYS = Rule(
    name="pathways",
    columns={
        SETTING.name: SETTING.columns,
        HELD_NAME.name: HELD_NAME.columns,
        TREATMENT_CLASS.name: TREATMENT_CLASS.columns,
        TREATMENT_GROUP.name: TREATMENT_GROUP.columns,
        "given_period": {
            "subject_id": "BIGINT",
            "start_date": "DATE",
            "end_date": "DATE",
            "period_no": "BIGINT",
        },
        "given_exposure": {
            "subject_id": "BIGINT",
            "treatment_bit": "BIGINT",
            "start_date": "DATE",
            "end_date": "DATE",
            "exposure_id": "BIGINT",
        },
        "hospital_stay": {"subject_id": "BIGINT", "first_day": "DATE", "day_after": "DATE"},
    },
    texts={
        **EVERY_SET,
        **{
            model.name: query_of(model, judge="")
            for model in (*STEPS, STRETCH, *ADHERENCE, paths(SETS.max_steps)[0], *LINE_MODELS)
        },
        "path_of": "SELECT pathway, subject_id, period_no, path, n_steps FROM pathway",
    },
    answered=("pathway_step", "path_of", "adherence", "persistence", "treatment_line"),
    cases=_history(),
    apart=_apart,
    reference=_reference,
    shared={
        SETTING.name: _rows_of(SETS.rows(), SETTING.columns),
        HELD_NAME.name: [
            {"pathway": pathway, "held": held, "name": TREATMENTS.held(held)}
            for pathway in SETS.pathways
            for held in range(1, 8)
        ],
        TREATMENT_CLASS.name: [
            {"pathway": pathway, "treatment_bit": bit, "class_bits": kin}
            for pathway in SETS.pathways
            for bit, kin in CLASSES.items()
        ],
        TREATMENT_GROUP.name: _rows_of(
            [(pathway, *one) for pathway in SETS.pathways for one in TREATMENTS.groups()],
            TREATMENT_GROUP.columns,
        ),
    },
)
