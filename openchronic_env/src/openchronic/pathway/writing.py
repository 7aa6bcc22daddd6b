"""Writes pathways as CSV: the share of each path, the path of each period, and its steps."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import duckdb

from openchronic.errors import OpenChronicError
from openchronic.runtime.text import quoted

if TYPE_CHECKING:
    from openchronic.pathway.session import Pathways

ROWS_AT_A_TIME = 10_000
# Pathways are in the order of their parameters, each with its most frequent paths first.
SHARES = """SELECT share.* FROM pathway_share AS share JOIN setting USING (pathway)
    ORDER BY setting.rowid, share.n_periods DESC, share.path"""
STEPS = """SELECT step.pathway, given_subject.name AS subject_id, step.period_no, step.step, held_name.name AS held, step.first_day,
        step.last_day, step.days, step.change, step.next_change
    FROM pathway_step AS step
    JOIN held_name USING (pathway, held)
    JOIN given_subject ON given_subject.subject_id = step.subject_id
    ORDER BY step.pathway, step.subject_id, step.period_no, step.step"""
PATHS = """SELECT one.pathway, given_subject.name AS subject_id, one.period_no, one.path, one.n_steps,
        one.first_treatment_days, one.censored
    FROM pathway AS one
    JOIN given_subject ON given_subject.subject_id = one.subject_id
    ORDER BY one.pathway, one.subject_id, one.period_no"""
ADHERENCE = """SELECT one.pathway, given_subject.name AS subject_id, one.period_no, one.level,
        one.name AS treatment, one.period_days, one.days_left_out, one.n_purchases, one.days_supplied, one.days_covered, one.pdc, one.mpr
    FROM adherence AS one
    JOIN given_subject ON given_subject.subject_id = one.subject_id
    ORDER BY one.pathway, one.subject_id, one.period_no, one.place"""
# An empty treatment is all of them together.
PERSISTENCE = """SELECT one.pathway, given_subject.name AS subject_id, one.period_no, one.level,
        one.name AS treatment, one.first_day, one.days, one.stopped
    FROM persistence AS one
    JOIN given_subject ON given_subject.subject_id = one.subject_id
    ORDER BY one.pathway, one.subject_id, one.period_no, one.place"""
QUERIES = {
    "shares": SHARES,
    "paths": PATHS,
    "steps": STEPS,
    "adherence": ADHERENCE,
    "persistence": PERSISTENCE,
}
"""Those of the properties of Pathways."""
LINES = """SELECT one.pathway, given_subject.name AS subject_id, one.period_no, one.line, regimen_name.name AS regimen,
        one.first_day, one.last_day, one.days, one.opened_by
    FROM treatment_line AS one
    JOIN regimen_name USING (regimen)
    JOIN given_subject ON given_subject.subject_id = one.subject_id
    ORDER BY one.pathway, one.subject_id, one.period_no, one.line"""
FILES = {
    "pathway_step.csv": "steps",
    "pathway.csv": "paths",
    "adherence.csv": "adherence",
    "persistence.csv": "persistence",
    "treatment_line.csv": "lines",
}
"""Each with the property of Pathways that it holds."""


def print_shares(made: Pathways, out: TextIO) -> None:
    """Writes the share of each path."""
    found = made.connection.execute(made.queries["shares"])
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column[0] for column in found.description)
    while rows := found.fetchmany(ROWS_AT_A_TIME):
        writer.writerows(rows)


def write_files(made: Pathways, folder: Path) -> None:
    """Writes the files in ``folder``, each completely or not at all. Raises OpenChronicError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in FILES.items():
            fresh = folder / f".{name}.new"
            try:
                query = getattr(made, rows).sql_query()
                made.connection.execute(f"COPY ({query}) TO {quoted(fresh)} (FORMAT csv, HEADER)")
                fresh.replace(folder / name)
            finally:
                fresh.unlink(missing_ok=True)
    except (OSError, duckdb.IOException) as error:
        raise OpenChronicError(f"--output {folder}: {str(error).splitlines()[0]}") from None
