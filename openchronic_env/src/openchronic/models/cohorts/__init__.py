"""Cohorts: subjects, index days, steps and ends of follow-up, from a recipe that is rows of small tables.

The same texts run in a session, for ``openchronic cohort`` and on Spark: no code and no date is in the SQL.
"""

from __future__ import annotations

from collections.abc import Mapping

from openchronic.models.model import Model

# What a recipe becomes: each table's columns, with their SQL types.
TABLES: Mapping[str, Mapping[str, str]] = {
    "cohort_setting": {"name": "STRING"},
    "cohort_index": {
        "kind": "STRING",
        "definition": "STRING",
        "state": "STRING",
        "only_incident": "BOOLEAN",
        "by_end": "BOOLEAN",
        "first_day": "DATE",
        "last_day": "DATE",
        "keep": "STRING",
    },
    "cohort_day": {"day": "DATE"},
    "cohort_wanted": {
        "fact": "INT",
        "part": "INT",
        "source": "STRING",
        "event_type": "STRING",
        "definition": "STRING",
        "state": "STRING",
        "dated_by": "STRING",
        "any_code": "BOOLEAN",
        "any_role": "BOOLEAN",
        "any_setting": "BOOLEAN",
        "only_first": "BOOLEAN",
    },
    "cohort_prefix": {
        "part": "INT",
        "vocabulary": "STRING",
        "prefix": "STRING",
        "is_out": "BOOLEAN",
    },
    "cohort_role": {"part": "INT", "code_role": "STRING"},
    "cohort_place": {"part": "INT", "care_setting": "STRING"},
    "cohort_told": {"step": "INT", "fr": "STRING"},
    "cohort_condition": {
        "condition_no": "INT",
        "step": "INT",
        "kind": "STRING",
        "fact": "INT",
        "first_offset": "INT",
        "last_offset": "INT",
        "at_least": "BIGINT",
        "at_most": "BIGINT",
        "word": "STRING",
        "day": "DATE",
    },
    "cohort_department": {"condition_no": "INT", "department": "STRING"},
    "cohort_end": {
        "place": "INT",
        "kind": "STRING",
        "reason": "STRING",
        "days": "INT",
        "day": "DATE",
    },
}
# The days of a disease, from ``models/diseases``; made only where a recipe asks for them.
DISEASE = Model("cohort_disease", ("disease_met", "disease_term", "every_state"))
DISEASE_COLUMNS: Mapping[str, str] = {
    "definition": "STRING",
    "state": "STRING",
    "subject_id": "BIGINT",
    "met_on": "DATE",
    "last_on": "DATE",
}
MODELS = (
    Model("cohort_code", ("code", "cohort_prefix")),
    Model(
        "cohort_fact",
        (
            *("cohort_code", "cohort_disease", "cohort_place", "cohort_role", "cohort_wanted"),
            *("disease_onset", "disease_stay", "event"),
        ),
    ),
    Model(
        "cohort_candidate",
        (
            *("cohort_day", "cohort_fact", "cohort_index", "disease_onset", "disease_year"),
            "patient",
        ),
    ),
    Model("cohort_period", ("cohort_candidate", "cohort_index")),
    Model(
        "cohort_passed",
        (
            *("cohort_condition", "cohort_department", "cohort_fact", "cohort_period"),
            *("observation_period", "patient", "residence"),
        ),
    ),
    Model("cohort_failed", ("cohort_condition", "cohort_passed", "cohort_period")),
    Model(
        "cohort",
        (
            *("cohort_end", "cohort_failed", "cohort_period", "cohort_setting"),
            *("observation_period", "patient"),
        ),
    ),
    Model("cohort_step", ("cohort_failed", "cohort_period", "cohort_setting", "cohort_told")),
)


def matching(
    *,
    cases: str,
    pool: str,
    like: Mapping[str, bool],
    ratio: int,
    replace: bool,
    age_width: int,
    seed: int,
) -> Model:
    """Returns the model that draws periods of the table ``pool`` for those of ``cases``. ``like``: what must be equal."""
    slots = "\n    UNION ALL\n".join(f"    SELECT {slot} AS slot" for slot in range(1, ratio + 1))
    return Model(
        "cohort_match",
        (cases, pool, "patient", "residence"),
        words={
            "cases": cases,
            "pool": pool,
            "ratio": str(ratio),
            "with_replacement": _truth(replace),
            "age_width": str(age_width),
            "seed": str(seed),
            "slots": slots,
            **{f"by_{name}": _truth(wanted) for name, wanted in like.items()},
        },
    )


def baseline(cohort: str) -> Model:
    """Returns the model that describes the periods of the table ``cohort``."""
    return Model(
        "cohort_baseline",
        (cohort, "cohort_area", "disease_onset", "patient", "residence"),
        words={"cohort": cohort},
    )


def _truth(one: bool) -> str:
    return "TRUE" if one else "FALSE"
