"""The tables of a release, written in their final order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, field
from functools import partial

from openchronic.building.claims import Claims
from openchronic.building.context import Context
from openchronic.building.dealing import passes, show_dealt
from openchronic.building.hanging import FOLDER
from openchronic.building.lines import DRUG, lines_of_claims
from openchronic.building.parts import write_part
from openchronic.building.typed import files_of, show
from openchronic.building.valued import FOLDER as COSTS
from openchronic.delivery.rejects import Reject
from openchronic.engines.text import sql

# What only the build needs of each small table, and the complete order of what analysts get.
SMALL: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "patient": (
        (
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
        ("subject_id",),
    ),
    "ald": (("natural_key",), ("subject_id", "start_date", "kind", "icd10", "end_date")),
    "stay": (
        ("natural_key", "source_table", "group_vocabulary", "group_code", "is_shared_number"),
        ("subject_id", "start_date", "stay_id"),
    ),
    "observation_period": ((), ("subject_id", "start_date")),
    "code": ((), ("vocabulary", "code")),
}
LATE_CARE = (
    "SELECT person.*, late.subject_id IS NOT NULL AS care_after_death FROM ({query}) AS person "
    "LEFT JOIN late ON late.subject_id = person.subject_id"
)
# What the filters of costs look at, and analysts do not get.
COST_JUDGED = ("is_fictive", "DPN_QLF", "ETE_IND_TAA", "is_in_pmsi")
EVENT_ORDER = ("subject_id", "start_date", "order_in_day", "event_id")
COST_ORDER = (
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
)


@dataclass(frozen=True)
class Netted:
    """Lines summed by patient, day, code, role, executor and prescriber: what the sums took.

    ``lines`` made the ``sums`` that vanished, ``without_quantity`` of them without any
    cancellation; ``cancelling_lines`` are the negative ones of all sums; ``reduced`` sums hold
    some, or others took from them, and stay positive. ``below_zero``: sums that cancel more than
    was delivered, whoever did it.
    """

    lines: int = 0
    sums: int = 0
    without_quantity: int = 0
    cancelling_lines: int = 0
    reduced: int = 0
    below_zero: int = 0

    def __add__(self, other: Netted) -> Netted:
        return Netted(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Regularised:
    """What the sums took of the lines of each table (by its name in DCIR).

    ``cost_lines``: negative lines of ``cost``, where nothing is summed.
    """

    tables: Mapping[str, Netted]
    cost_lines: int

    def of(self, table: str) -> Netted:
        """What they took of one table: nothing where it gave no line."""
        return self.tables.get(table, Netted())

    def record(self) -> dict[str, int]:
        """The figures of all tables together."""
        return asdict(sum(self.tables.values(), Netted())) | {"cost_lines": self.cost_lines}


@dataclass
class Counted:
    """What was counted of the buckets written so far."""

    netted: dict[str, Netted] = field(default_factory=dict)
    cost_lines: int = 0


def write_tables(context: Context, claims: Claims, rejects: list[Reject]) -> Regularised:
    """Write every table of the release; return what regularisation took."""
    context.finished.once("episodes", partial(context.engine.table, "episode", sql("episode")))
    context.engine.view("stay", sql("chained_stay"))
    context.finished.once("tables", partial(_make_tables, context))
    counted = Counted()
    with context.steps.step("events", total=context.settings.buckets, unit="buckets") as tick:
        for buckets in passes(context):
            write = partial(_write_buckets, context, claims, buckets, counted)
            counted = context.finished.once(f"events-{buckets[0]}-{buckets[-1]}", write)
            tick(len(buckets))
    engine = context.engine
    engine.table("observation_period", sql("observation_period"))
    show(context, "IR_PHA_R", files_of(context.readings.get("IR_PHA_R")))
    engine.view(
        "used_code",
        "SELECT vocabulary, code, CAST(sum(n_events) AS BIGINT) AS n_events FROM used "
        "GROUP BY vocabulary, code",
    )
    engine.table("code", sql("code"))
    engine.scratch("late", "SELECT DISTINCT subject_id FROM late_care")
    for table, (own, order) in SMALL.items():
        columns = engine.but(*own) if own else "*"
        query = f"SELECT {columns} FROM {table}"
        write_part(
            context, table, LATE_CARE.format(query=query) if table == "patient" else query, order
        )
    _write_rejects(context, rejects)
    return Regularised(counted.netted, counted.cost_lines)


def _make_tables(context: Context) -> None:
    buckets = context.settings.buckets
    context.engine.table("patient", sql("patient"))
    context.engine.table(
        "open_stay", "SELECT stay_id, last_seen_date FROM stay WHERE end_date IS NULL"
    )
    context.engine.table(
        "other_event",
        f"SELECT *, CAST(subject_id % {buckets} AS INTEGER) AS bucket FROM ({sql('other_event')})",
    )


def _write_buckets(context: Context, claims: Claims, buckets: range, counted: Counted) -> Counted:
    engine = context.engine
    private = context.place.private
    part = f"{buckets[0]:03}"
    empty = lines_of_claims(context, DRUG)
    show_dealt(context, "claim_line", claims.event_lines, buckets, empty=empty)
    engine.scratch("claim_event", sql("claim_event"))
    for table, taken in _taken(context).items():
        counted.netted[table] = counted.netted.get(table, Netted()) + taken
    of_hospitals = private / FOLDER
    show_dealt(context, "hospital_event", of_hospitals, buckets, empty="SELECT * FROM other_event")
    here = f"FROM other_event WHERE bucket BETWEEN {buckets[0]} AND {buckets[-1]}"
    engine.scratch("event", sql("event").replace("FROM other_event", here))
    write_part(context, "event", "SELECT * FROM event", EVENT_ORDER, buckets)
    engine.add(
        "used",
        part,
        "SELECT vocabulary, code, count(*) AS n_events FROM event "
        "WHERE code IS NOT NULL GROUP BY vocabulary, code",
    )
    show_dealt(context, "cost_line", claims.cost_lines, buckets, empty=sql("cost_line"))
    counted.cost_lines += context.one(
        "SELECT count(*) FROM cost_line WHERE quantity < 0 OR billed < 0"
    )[0]
    claimed = f"SELECT {engine.but(*COST_JUDGED)} FROM cost_line"
    columns = ", ".join(engine.columns(claimed))
    show_dealt(context, "hospital_cost", private / COSTS, buckets, empty=claimed)
    both = f"SELECT {columns} FROM cost_line UNION ALL SELECT {columns} FROM hospital_cost"
    write_part(context, "cost", both, COST_ORDER, buckets)
    engine.add("late_care", part, sql("late_care"))
    engine.add("care_run", part, sql("care_run"))
    engine.drop("claim_event", "event")
    return counted


def _taken(context: Context) -> dict[str, Netted]:
    """What regularisation took of the lines at hand, by the table that they come from."""
    rows = context.engine.rows(
        "SELECT source_table, coalesce(sum(n_source_rows) FILTER (WHERE NOT is_kept), 0), "
        "count(*) FILTER (WHERE NOT is_kept), "
        "count(*) FILTER (WHERE NOT is_kept AND n_cancelling = 0 AND NOT is_reduced), "
        "sum(n_cancelling), count(*) FILTER (WHERE is_kept AND (n_cancelling > 0 OR is_reduced)), "
        "count(*) FILTER (WHERE quantity < 0) "
        "FROM claim_event GROUP BY source_table"
    )
    return {table: Netted(*map(int, figures)) for table, *figures in rows}


def _write_rejects(context: Context, rejects: list[Reject]) -> None:
    columns = {
        "table_name": "STRING",
        "file": "STRING",
        "column_name": "STRING",
        "reason": "STRING",
        "n_lines": "BIGINT",
        "first_lines": context.engine.numbers,
    }
    rows = [
        (one.table, one.file, one.column, one.reason, one.count, list(one.lines)) for one in rejects
    ]
    context.engine.give("reject", columns, rows)
    order = ("table_name", "file", "column_name", "reason")
    write_part(context, "reject", "SELECT * FROM reject", order)
