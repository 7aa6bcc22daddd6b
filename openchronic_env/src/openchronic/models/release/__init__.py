"""The tables of a release: patients, stays, events and costs, in their final order."""

from __future__ import annotations

from collections.abc import Iterator

from openchronic.models.delivery import Delivery
from openchronic.models.model import Count, Given, Model, Source, Stage, Written
from openchronic.models.release.event_types import words_of_types

# Tables that may be absent (a delivery without hospitals), with a table that has the same columns.
LIKE = {"hospital_event": "other_event", "hospital_cost": "cost_line"}
EVENT = Written("event", ("subject_id", "start_date", "order_in_day", "event_id"))
COST = Written(
    "cost",
    (
        "subject_id",
        "start_date",
        "known_date",
        "service_code",
        "quantity",
        "billed",
        "reimbursement_base",
        "reimbursed",
        "reimbursed_complement",
        "exemption_code",
        "flags",
        "source_table",
        "care_setting",
    ),
)
PATIENT = Written(
    "patient",
    ("subject_id",),
    without=(
        "death_known",
        "recorded_death",
        "claimed_death",
        "hospital_death",
        "certified_death",
        "n_hospital_deaths",
        "recorded_birth_year",
        "claimed_birth_year",
        "hospital_birth_year",
        "certified_birth_year",
    ),
)
ALD = Written(
    "ald", ("subject_id", "start_date", "kind", "icd10", "end_date"), without=("natural_key",)
)
STAY = Written(
    "stay",
    ("subject_id", "start_date", "stay_id"),
    without=("natural_key", "source_table", "group_vocabulary", "group_code", "is_shared_number"),
)
REJECT = {
    "table_name": "STRING",
    "file": "STRING",
    "column_name": "STRING",
    "reason": "STRING",
    "n_lines": "BIGINT",
    # Each engine has its own type for a list of whole numbers.
    "first_lines": "NUMBERS",
}
LABEL = {"vocabulary": "STRING", "code": "STRING", "label": "STRING"}
# How many lines and sums the netting of claims removed or reduced (``Netted``).
NETTED = {
    "lines": "coalesce(sum(n_source_rows) FILTER (WHERE NOT is_kept), 0)",
    "sums": "count(*) FILTER (WHERE NOT is_kept)",
    "without_quantity": (
        "count(*) FILTER (WHERE NOT is_kept AND n_cancelling = 0 AND NOT is_reduced)"
    ),
    "cancelling_lines": "sum(n_cancelling)",
    "reduced": "count(*) FILTER (WHERE is_kept AND (n_cancelling > 0 OR is_reduced))",
    "below_zero": "count(*) FILTER (WHERE quantity < 0)",
}


def stages(_delivery: Delivery) -> Iterator[Stage]:
    """Yields the stages of episodes and patients; then of events and costs by bucket; then of counts on them."""
    yield Stage("episodes and patients", tuple(_whole()))
    yield Stage("events", tuple(_buckets()), scope="buckets", title="events", by_day=True)
    yield Stage("small tables", tuple(_small()))


def _whole() -> Iterator[Model]:
    yield Model("episode", ("all_stay",), parts={"stay": "= all_stay"}, made="table")
    yield Model("stay", ("all_stay", "episode"), text="chained_stay", made="view")
    yield Model("patient", ("certificate", "person", "stay"), made="table")
    yield Model("open_stay", ("stay",), made="table")
    yield Model(
        "whole_event",
        ("ald", "diagnosis", "patient", "stay"),
        text="other_event",
        made="passed",
        by_bucket="other_event",
    )


def _buckets() -> Iterator[Model]:
    yield Model(
        "claim_event",
        ("claim_line",),
        counts=(
            Count(
                ("netted",),
                f"SELECT source_table, {', '.join(NETTED.values())} FROM claim_event "
                "GROUP BY source_table",
                names=tuple(NETTED),
            ),
        ),
    )
    yield Model(
        "event",
        ("claim_event", "episode", "hospital_event", "other_event", "secret"),
        words=words_of_types(),
        writes=EVENT,
    )
    yield Model("event_code", ("event",), made="passed", adds="used")
    yield Model("cost", ("cost_line", "hospital_cost"), made="view", writes=COST)
    yield Model(
        "late_event",
        ("cost_line", "event", "patient"),
        text="late_care",
        words=words_of_types(),
        made="passed",
        adds="late_care",
        counts=(
            Count(
                ("negative cost lines",),
                "SELECT count(*) FROM cost_line WHERE quantity < 0 OR billed < 0",
            ),
        ),
    )
    yield Model(
        "run_of_care",
        ("care_window", "cost_line", "event", "open_stay"),
        text="care_run",
        made="passed",
        adds="care_run",
    )


def _small() -> Iterator[Model | Source | Given]:
    yield Model(
        "observation_period",
        ("care_run", "care_window", "patient", "person"),
        made="table",
        writes=Written("observation_period", ("subject_id", "start_date")),
    )
    yield Source("IR_PHA_R", every=True, own_name=True)
    yield Model("used_code", ("used",), made="view")
    # Only those of the codes in use: the official lists are long.
    yield Given("official_label", LABEL)
    yield Model(
        "code",
        ("ald_code", "ir_pha_r", "official_label", "service_label", "service_letter", "used_code"),
        made="table",
        writes=Written("code", ("vocabulary", "code")),
    )
    yield Model("late", ("late_care",))
    yield Model("patient_release", ("late", "patient"), made="view", writes=PATIENT)
    yield Model("ald_release", ("ald",), made="view", writes=ALD)
    yield Model("stay_release", ("stay",), made="view", writes=STAY)
    yield Given("reject", REJECT)
    yield Model(
        "reject_release",
        ("reject",),
        made="view",
        writes=Written("reject", ("table_name", "file", "column_name", "reason")),
    )
