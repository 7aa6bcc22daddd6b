"""Long-term illnesses: exemption records become periods."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.building.engine import sql
from openchronic.building.filters import FilterCount, counts, removed_by
from openchronic.building.typed import files_of, show
from openchronic.schema import load_nomenclature


def read_illnesses(context: Context) -> tuple[FilterCount, ...]:
    """Make ``ald`` from IR_IMB_R."""
    connection = context.connection
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ald_written (icd10 VARCHAR, number BIGINT, label VARCHAR)"
    )
    rows = load_nomenclature("ald_icd10")
    connection.execute(
        "INSERT INTO ald_written SELECT unnest(?), unnest(?), unnest(?)",
        [
            [row["icd10"] for row in rows],
            [int(row["number"]) for row in rows],
            [row["label"] for row in rows],
        ],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ald_code AS SELECT icd10, min(number) AS number, "
        "min(label) AS label FROM ald_written GROUP BY icd10"
    )
    show(connection, "IR_IMB_R", files_of(context.readings.get("IR_IMB_R")))
    judge = removed_by(context.settings.filters, "ald")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE judged AS SELECT *, {judge} AS removed_by "
        f"FROM ({sql('ald')})"
    )
    (lines,) = context.one("SELECT count(*) FROM judged")
    removed = context.counted("SELECT removed_by, count(*) FROM judged GROUP BY removed_by")
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW ald_record AS SELECT * FROM judged WHERE removed_by IS NULL"
    )
    connection.execute(f"CREATE OR REPLACE TABLE ald AS {sql('ald_period')}")
    connection.execute("DROP TABLE judged CASCADE")
    return tuple(counts(context.settings.filters, "ald", rows=lines, removed=removed))
