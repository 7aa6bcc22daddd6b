"""Sequences of care: who sees whom after whom, and where a subject is each month, for the periods of a cohort."""

from __future__ import annotations

from openchronic.models.model import Given, Model

START, END = "START", "END"
STATES = ("death", "mco", "ssr", "had", "psy", "home")
"""What the state of a day is, by priority."""
NODE = Given(
    "care_node",
    {
        "place": "BIGINT",
        "node": "STRING",
        "event_type": "STRING",
        "care_setting": "STRING",
        "provider_specialty": "STRING",
        "vocabulary": "STRING",
        "prefix": "STRING",
        "flag": "STRING",
    },
)
MONTH = Given("month_number", {"month_no": "BIGINT"})


def contacts(*, collapse_repeats: bool) -> tuple[Model, ...]:
    """Returns the models from facts to the graph, for ``care_period`` (subject_id, period_no, start_date, end_date)."""
    return (
        Model("care_fact", ("care_node", "care_period", "code", "event")),
        Model(
            "care_step",
            ("care_fact",),
            words={"collapse_repeats": str(collapse_repeats).upper()},
        ),
        Model("flow", ("care_period", "care_step")),
    )


STATES_OF_MONTHS = (
    Model("care_month", ("care_period", "month_number")),
    Model("setting_state", ("care_month", "patient", "stay")),
)
