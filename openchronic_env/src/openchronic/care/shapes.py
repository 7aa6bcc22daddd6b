"""The shapes in which tools of sequence analysis read sequences: TraMineR, Sequenzo, TanaT, pm4py; and their files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from openchronic.errors import OpenChronicError

# One sequence is one period: its name is that of the subject and the number of the period.
ID = "CAST(subject_id AS VARCHAR) || '-' || CAST(period_no AS VARCHAR)"
STATES = "SELECT * FROM setting_state ORDER BY subject_id, period_no, month_no"
CONTACTS = "SELECT * FROM care_step ORDER BY subject_id, period_no, step"
FLOW = "SELECT * FROM flow ORDER BY n DESC, source, target"
# Months are numbered without a gap, so that a spell is where number and rank differ by as much.
SPELLS = f"""SELECT {ID} AS id, subject_id, period_no, min(month_no) AS begin, max(month_no) AS end, state AS status,
        min(first_day) AS first_day, max(day_after) AS day_after
    FROM (
        SELECT state.*, month.first_day, month.day_after, state.month_no - row_number() OVER (
            PARTITION BY state.subject_id, state.period_no, state.state ORDER BY state.month_no) AS spell
        FROM setting_state AS state JOIN care_month AS month USING (subject_id, period_no, month_no)
    )
    GROUP BY subject_id, period_no, state, spell
    ORDER BY subject_id, period_no, begin"""
# As TraMineR writes SPS: (home,5)-(mco,1).
SEQUENCES = f"""SELECT sequence, count(*) AS n_periods, count(DISTINCT subject_id) AS n_subjects
    FROM (
        SELECT subject_id, period_no, string_agg(
            '(' || status || ',' || CAST("end" - begin + 1 AS VARCHAR) || ')', '-' ORDER BY begin) AS sequence
        FROM ({SPELLS}) GROUP BY subject_id, period_no
    )
    GROUP BY sequence ORDER BY n_periods DESC, sequence"""
# The names are those of XES (IEEE 1849), which pm4py expects; rows of one day stay in their order.
EVENT_LOG = f"""SELECT {ID} AS "case:concept:name", node AS "concept:name",
        CAST(first_day AS TIMESTAMP) AS "time:timestamp", CAST(last_day AS TIMESTAMP) AS "end_timestamp", n_facts
    FROM care_step ORDER BY subject_id, period_no, step"""
FILES = ("contacts", "event_log", "flow", "sequences", "spells", "states", "sts")


def sts(months: int) -> str:
    """Returns the query of one row per sequence and one column per month, empty after its end. ``months``: the most."""
    cells = "".join(
        f", max(CASE WHEN month_no = {n} THEN state END) AS month_{n}" for n in range(1, months + 1)
    )
    return f"""SELECT {ID} AS id, subject_id, period_no{cells}
        FROM setting_state GROUP BY subject_id, period_no ORDER BY subject_id, period_no"""


def write(relation: duckdb.DuckDBPyRelation, file: Path) -> None:
    """Writes rows as CSV, completely or not at all. Raises OpenChronicError."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        relation.write_csv(str(fresh), header=True)
        fresh.replace(file)
    except (OSError, duckdb.IOException) as error:
        why = str(error).splitlines()[0]
        raise OpenChronicError(
            f"{file}: {why}", f"{file}\u00a0: écriture impossible ({why})."
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
