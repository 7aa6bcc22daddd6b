"""Care pathways: turns exposures to treatments into eras, runs, steps and paths, for a cohort's periods.

The same texts run in a session and for the tables of ``openchronic pathways``, on either engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from openchronic.models.delivery import Delivery
from openchronic.models.model import Given, Model, Node, Released, Stage, Written

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
        "switch_counts": "BOOLEAN",
        "carry": "STRING",
        "reset_days": "BIGINT",
        "min_purchases": "BIGINT",
        "hospital_days": "STRING",
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
TREATMENT_GROUP = Given(
    "treatment_group",
    {
        "pathway": "STRING",
        "treatment_bit": "BIGINT",
        "place": "BIGINT",
        "level": "STRING",
        "name": "STRING",
        "bits": "BIGINT",
    },
)
"""What each treatment is looked at with: itself, those of its class, and all. ``place``: the number of the group in its
pathway; ``bits``: its treatments."""
# Of a pathway of the release, whose paths and names are written out by place.
MOST_STEPS, MOST_NAMED = 10, 20
CARE_PATHWAY = Given(
    "care_pathway",
    {"pathway": "STRING", "version": "INT", "definition": "STRING", "follow_days": "INT"},
)
TREATMENT = Given(
    "treatment",
    {
        "pathway": "STRING",
        "treatment": "STRING",
        "treatment_bit": "BIGINT",
        "place": "INT",
        "method": "STRING",
        "per": "STRING",
        "days": "BIGINT",
        "days_large": "BIGINT",
        "days_hospital": "BIGINT",
    },
)
TREATMENT_PREFIX = Given(
    "treatment_prefix",
    {
        "pathway": "STRING",
        "treatment": "STRING",
        "vocabulary": "STRING",
        "prefix": "STRING",
        "is_out": "BOOLEAN",
    },
)
HELD_NAME = Given("held_name", {"pathway": "STRING", "held": "BIGINT", "name": "STRING"})

# ``target`` (pathway, subject_id, period_no, start_date, end_date) and ``exposure`` (pathway, subject_id, exposure_id,
# treatment_bit, start_date, end_date) are whoever runs them to give.
STEPS = (
    Model("pathway_period", ("target", "setting")),
    Model("pathway_purchase", ("pathway_period", "setting", "exposure")),
    Model("pathway_era", ("pathway_purchase", "pathway_period", "setting")),
    Model("pathway_run", ("pathway_era", "setting")),
    Model("pathway_step", ("pathway_period", "pathway_run", "setting")),
)
# ``hospital_stretch``: of whoever runs them, as those two.
ADHERENCE = (
    Model("period_stretch", ("hospital_stretch", "pathway_period", "setting")),
    Model("pathway_supply", ("pathway_purchase", "period_stretch", "setting"), made="view"),
    Model(
        "adherence",
        ("pathway_period", "pathway_supply", "period_stretch", "setting", "treatment_group"),
    ),
    Model(
        "persistence",
        ("pathway_era", "pathway_period", "pathway_step", "setting", "treatment_group"),
    ),
)

TREATMENT_CODE = Model("treatment_code", ("code", "treatment_prefix"), made="table")
METHODS = {
    "pack": Model("pack_days", ("treatment", "treatment_code")),
    "refill": Model(
        "refill_days",
        ("event", "treatment", "treatment_code"),
        parts={"dispensed_event": "= event"},
    ),
    "dose": Model("dose_days", ("pack_dose", "treatment", "treatment_code")),
}
"""How many days a pack counts as: by its size, by how soon others of the treatment follow, or by its doses."""
PACK_DOSE = Given(
    "pack_dose",
    {"code": "STRING", "units": "DOUBLE", "strength": "DOUBLE", "daily_dose": "DOUBLE"},
)
HOSPITAL_STAY = Model("hospital_stay", ("stay",), made="view")
STRETCH = Model("hospital_stretch", ("hospital_stay",))
NIGHTS = (HOSPITAL_STAY, STRETCH)
"""Of the stays of a release."""
HOSPITAL_DAYS = {
    "ignore": (),
    "extend": (*NIGHTS, Model("extended_exposure", ("dispensed_exposure", "hospital_stretch"))),
    "cover": (*NIGHTS, Model("covered_exposure", ("dispensed_exposure", "hospital_stretch"))),
}
"""What nights in hospital do to an exposure: nothing, or they prolong it, or they are days of it."""
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


def dispensed_exposure(events: str, *reads: str) -> Model:
    """Returns the model that takes dispensings for exposures. ``events``: the part of a model that gives them; ``reads``: what
    it reads."""
    return Model(
        "dispensed_exposure",
        (*reads, "supply_days", "treatment"),
        parts={"dispensed_event": events},
    )


def stages(_delivery: Delivery) -> Iterator[Stage]:
    """Yields the stage of the pathways that the package ships; then that of the subjects of each bucket who have one."""
    yield Stage("pathway definitions", tuple(_definitions()))
    yield Stage("pathways", tuple(_shipped()), scope="buckets", title="pathways", light=True)


def _definitions() -> Iterator[Node]:
    yield from (CARE_PATHWAY, SETTING, TREATMENT, TREATMENT_GROUP, TREATMENT_PREFIX)
    yield TREATMENT_CODE
    yield Model("supply_days", ("treatment", "treatment_code"), text="pack_days", made="table")
    yield HOSPITAL_STAY
    yield replace(STRETCH, made="table")


def _shipped() -> Iterator[Node]:
    yield Released("disease_onset")
    yield Released("event")
    onset = ("care_pathway", "observation_period", "released_disease_onset")
    yield Model("target", onset, text="onset_target")
    yield dispensed_exposure("targeted_event", "released_event", "target")
    yield Model("exposure", ("dispensed_exposure", "treatment"), text="numbered_exposure")
    yield from STEPS
    places = (f"max(CASE WHEN place = {n} THEN treatment END)" for n in range(1, MOST_NAMED + 1))
    yield Model(
        "held_name",
        ("care_pathway", "pathway_step", "treatment"),
        words={"name": f"concat_ws('+', {', '.join(places)})"},
    )
    yield paths(MOST_STEPS)[0]
    yield from ADHERENCE
    for name, reads, table, order in (
        (
            "told_exposure",
            ("pathway_purchase", "treatment"),
            "exposure",
            ("start_date", "treatment"),
        ),
        ("told_step", ("held_name", "pathway_step"), "pathway_step", ("step",)),
        ("told_path", ("care_pathway", "pathway", "pathway_period", "target"), "pathway", ()),
        ("told_adherence", ("adherence",), "adherence", ("level", "treatment")),
        ("told_persistence", ("persistence",), "persistence", ("level", "treatment")),
    ):
        written = Written(table, ("subject_id", "pathway", *order))
        yield Model(name, reads, made="view", writes=written)


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
