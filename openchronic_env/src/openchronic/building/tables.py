"""The tables of a release, written in their final order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass

from openchronic.building.claims import Claims
from openchronic.building.context import Context
from openchronic.building.dealing import bucket_files, show_dealt
from openchronic.building.engine import sql
from openchronic.building.hanging import FOLDER
from openchronic.building.lines import DRUG, lines_of_claims
from openchronic.building.parts import bucket_name, write_part
from openchronic.building.typed import files_of, show
from openchronic.building.valued import FOLDER as COSTS
from openchronic.delivery.rejects import Reject

# What analysts get of each small table, and its complete order.
SMALL = {
    "patient": (
        "* EXCLUDE (death_known, recorded_death, claimed_death, hospital_death, certified_death, "
        "n_hospital_deaths, recorded_birth_year, claimed_birth_year, hospital_birth_year, "
        "certified_birth_year), "
        "subject_id IN (SELECT subject_id FROM late_care) AS care_after_death",
        "subject_id",
    ),
    "ald": ("* EXCLUDE (natural_key)", "subject_id, start_date, kind, icd10, end_date"),
    "stay": (
        "* EXCLUDE (natural_key, source_table, group_vocabulary, group_code)",
        "subject_id, start_date, stay_id",
    ),
    "observation_period": ("*", "subject_id"),
    "code": ("*", "vocabulary, code"),
}
COST_ORDER = (
    "subject_id, start_date, known_date, service_code, quantity, billed, "
    "reimbursement_base, reimbursed, reimbursed_complement, exemption_code, flags"
)


@dataclass(frozen=True)
class Netted:
    """Lines summed by patient, day, code, role, executor and prescriber: what the sums took.

    ``lines`` made the ``sums`` that vanished, ``without_quantity`` of them without any
    cancellation; ``cancelling_lines`` are the negative ones of all sums; ``reduced`` sums hold
    some and stay positive.
    """

    lines: int = 0
    sums: int = 0
    without_quantity: int = 0
    cancelling_lines: int = 0
    reduced: int = 0

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


def write_tables(context: Context, claims: Claims, rejects: list[Reject]) -> Regularised:
    """Write every table of the release; return what regularisation took."""
    connection = context.connection
    connection.execute(f"CREATE OR REPLACE TABLE patient AS {sql('patient')}")
    connection.execute(
        f"CREATE OR REPLACE TABLE other_event AS SELECT *, "
        f"CAST(subject_id % {context.settings.buckets} AS INTEGER) AS bucket "
        f"FROM ({sql('other_event')})"
    )
    connection.execute(f"CREATE OR REPLACE TABLE observation_period AS {sql('observation_period')}")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE used (vocabulary VARCHAR, code VARCHAR, n_events BIGINT)"
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE late_care (subject_id BIGINT)")
    regularised = _write_buckets(context, claims)
    show(connection, "IR_PHA_R", files_of(context.readings.get("IR_PHA_R")))
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW used_code AS SELECT vocabulary, code, "
        "CAST(sum(n_events) AS BIGINT) AS n_events FROM used GROUP BY vocabulary, code"
    )
    connection.execute(f"CREATE OR REPLACE TABLE code AS {sql('code')}")
    for table, (columns, order) in SMALL.items():
        write_part(context, table, f"SELECT {columns} FROM {table} ORDER BY {order}")
    _write_rejects(context, rejects)
    return regularised


def _write_buckets(context: Context, claims: Claims) -> Regularised:
    connection = context.connection
    netted: dict[str, Netted] = {}
    cost_lines = 0
    with context.steps.step("events", total=context.settings.buckets, unit="buckets") as tick:
        for bucket in range(context.settings.buckets):
            lines = bucket_files(claims.event_lines, bucket)
            show_dealt(context, "claim_line", lines, empty=lines_of_claims(context, DRUG))
            connection.execute(f"CREATE OR REPLACE TEMP TABLE claim_event AS {sql('claim_event')}")
            for table, taken in _taken(context).items():
                netted[table] = netted.get(table, Netted()) + taken
            hospital = bucket_files(context.place.private / FOLDER, bucket)
            show_dealt(context, "hospital_event", hospital, empty="SELECT * FROM other_event")
            every = sql("event").replace(
                "FROM other_event", f"FROM other_event WHERE bucket = {bucket}"
            )
            connection.execute(f"CREATE OR REPLACE TEMP TABLE event AS {every}")
            part = bucket_name(bucket)
            write_part(
                context,
                "event",
                "SELECT * FROM event ORDER BY subject_id, start_date, order_in_day, event_id",
                part,
            )
            connection.execute(
                "INSERT INTO used SELECT vocabulary, code, count(*) FROM event "
                "WHERE code IS NOT NULL GROUP BY vocabulary, code"
            )
            costs = bucket_files(claims.cost_lines, bucket)
            show_dealt(context, "cost_line", costs, empty=sql("cost_line"))
            cost_lines += context.one(
                "SELECT count(*) FROM cost_line WHERE quantity < 0 OR billed < 0"
            )[0]
            claimed = "SELECT * EXCLUDE (is_fictive, DPN_QLF, ETE_IND_TAA) FROM cost_line"
            of_stays = bucket_files(context.place.private / COSTS, bucket)
            show_dealt(context, "hospital_cost", of_stays, empty=claimed)
            both = f"{claimed} UNION ALL BY NAME SELECT * FROM hospital_cost"
            write_part(context, "cost", f"SELECT * FROM ({both}) ORDER BY {COST_ORDER}", part)
            connection.execute(f"INSERT INTO late_care {sql('late_care')}")
            tick()
    connection.execute("DROP TABLE claim_event; DROP TABLE event")
    return Regularised(netted, cost_lines)


def _taken(context: Context) -> dict[str, Netted]:
    """What regularisation took of the lines of one bucket, by the table that they come from."""
    rows = context.connection.execute(
        "SELECT source_table, coalesce(sum(n_source_rows) FILTER (WHERE NOT is_kept), 0), "
        "count(*) FILTER (WHERE NOT is_kept), count(*) FILTER (WHERE NOT is_kept AND n_cancelling = 0), "
        "sum(n_cancelling), count(*) FILTER (WHERE is_kept AND n_cancelling > 0) "
        "FROM claim_event GROUP BY source_table"
    ).fetchall()
    return {table: Netted(*map(int, figures)) for table, *figures in rows}


def _write_rejects(context: Context, rejects: list[Reject]) -> None:
    connection = context.connection
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE reject (table_name VARCHAR, file VARCHAR, "
        "column_name VARCHAR, reason VARCHAR, n_lines BIGINT, first_lines BIGINT[])"
    )
    if rejects:
        connection.executemany(
            "INSERT INTO reject VALUES (?, ?, ?, ?, ?, ?)",
            [
                [one.table, one.file, one.column, one.reason, one.count, list(one.lines)]
                for one in rejects
            ],
        )
    write_part(
        context, "reject", "SELECT * FROM reject ORDER BY table_name, file, column_name, reason"
    )
