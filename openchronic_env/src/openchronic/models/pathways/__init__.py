"""Care pathways: turns exposures to treatments into eras, runs, steps and paths, for a cohort's periods.

The same texts run in a session and for the tables of ``openchronic pathways``, on either engine.
"""

from __future__ import annotations

from openchronic.models.model import Given, Model

# Whole numbers that hold one bit a treatment.
MOST_TREATMENTS = 62

SETTING = Given(
    "setting",
    {
        "pathway": "STRING",
        "era": "STRING",
        "max_gap_days": "BIGINT",
        "grace_days": "BIGINT",
        "era_purchases": "BIGINT",
        "era_window_days": "BIGINT",
        "min_exposure_days": "BIGINT",
        "min_era_days": "BIGINT",
        "clip": "BOOLEAN",
        "combination_days": "BIGINT",
        "min_part_days": "BIGINT",
        "repeats": "STRING",
        "max_steps": "BIGINT",
        "first_anchor": "STRING",
        "first_offset": "BIGINT",
        "last_anchor": "STRING",
        "last_offset": "BIGINT",
        "joins_periods": "BOOLEAN",
        "switch_gap_days": "BIGINT",
        "stop_days": "BIGINT",
        "carry": "STRING",
        "reset_days": "BIGINT",
        "min_purchases": "BIGINT",
        "regimen_days": "BIGINT",
        "line_gap_days": "BIGINT",
        "same_class_is_new": "BOOLEAN",
        "drop_is_new": "BOOLEAN",
        "max_lines": "BIGINT",
    },
)
TREATMENT_CLASS = Given(
    "treatment_class", {"pathway": "STRING", "treatment_bit": "BIGINT", "class_bits": "BIGINT"}
)
"""The bits of all treatments of the class of each one, its own included."""
HELD_NAME = Given("held_name", {"pathway": "STRING", "held": "BIGINT", "name": "STRING"})

# ``target`` (pathway, subject_id, period_no, start_date, end_date) and ``exposure`` (pathway, subject_id, exposure_id,
# treatment_bit, start_date, end_date) are whoever runs them to give.
STEPS = (
    Model("pathway_period", ("target", "setting")),
    Model("pathway_purchase", ("pathway_period", "setting", "exposure")),
    Model("pathway_era", ("pathway_purchase", "pathway_period", "setting")),
    Model("pathway_run", ("pathway_era", "setting")),
    Model("pathway_step", ("pathway_run", "setting")),
)
ADHERENCE = (
    Model("pathway_supply", ("pathway_purchase", "setting"), made="view"),
    Model("adherence", ("pathway_period", "pathway_supply", "setting")),
    Model("persistence", ("pathway_era", "pathway_period", "setting")),
)

LINE_ERAS = (
    Model("line_era", ("pathway_era", "setting", "treatment_class")),
    Model("line_0", ("line_era",), text="no_line"),
)


def line_after(number: int) -> Model:
    """Returns the model of the lines ``number + 1``, from those of ``number``: a line needs the one before it."""
    return Model(
        f"line_{number + 1}",
        ("line_era", f"line_{number}", "setting"),
        text="next_line",
        parts={"line_before": f"= line_{number}"},
    )


def lines(passes: int) -> Model:
    """Returns the model that unites the lines of so many passes."""
    every = " UNION ALL ".join(f"SELECT * FROM line_{n}" for n in range(1, passes + 1))
    return Model(
        "treatment_line",
        ("line_era", *(f"line_{n}" for n in range(1, passes + 1)), "setting"),
        words={"every_line": every},
    )


def dispensed_exposure(*, days: int, days_large: int, days_hospital: int) -> Model:
    """Returns the model that takes dispensings for exposures of so many days."""
    return Model(
        "dispensed_exposure",
        ("code", "event", "treatment_prefix"),
        words={
            "days": str(days),
            "days_large": str(days_large),
            "days_hospital": str(days_hospital),
        },
    )


def paths(max_steps: int) -> tuple[Model, ...]:
    """Returns the models made from steps and ``held_name``. ``max_steps``: the greatest of all settings."""
    return (
        Model(
            "pathway",
            ("pathway_period", "pathway_run", "pathway_step", "held_name", "setting"),
            words={"path": _path(max_steps)},
        ),
        Model("pathway_share", ("pathway",)),
    )


def _path(max_steps: int) -> str:
    """Returns SQL: the names of the steps of a period in order, with ``-`` between them."""
    first, *others = (
        f"max(CASE WHEN step = {step} THEN name END)" for step in range(1, max_steps + 1)
    )
    return " || ".join([first, *(f"coalesce('-' || {one}, '')" for one in others)])
