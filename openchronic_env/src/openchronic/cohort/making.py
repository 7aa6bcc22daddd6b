"""Makes the rows of a cohort on a connection of its own to a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from openchronic.cohort.recipe import Recipe
from openchronic.cohort.rows import rows_of
from openchronic.cohort.where import NBSP
from openchronic.engines.specs import DUCKDB, functions
from openchronic.errors import ReleaseError
from openchronic.models.cohorts import DISEASE, DISEASE_COLUMNS, MODELS, TABLES
from openchronic.models.model import Model
from openchronic.models.query import query_of
from openchronic.quality.disease_trial import evaluated, load

# Tables of a release that a cohort may need, with the columns that stand in for one that it does not.
DISEASE_TABLES: Mapping[str, Mapping[str, str]] = {
    "disease_onset": {
        "subject_id": "BIGINT",
        "definition": "STRING",
        "onset_date": "DATE",
        "incidence": "STRING",
    },
    "disease_stay": {
        "subject_id": "BIGINT",
        "definition": "STRING",
        "state": "STRING",
        "start_date": "DATE",
        "end_date": "DATE",
    },
    "disease_year": {
        "subject_id": "BIGINT",
        "definition": "STRING",
        "state": "STRING",
        "year": "INT",
    },
    "residence": {
        "subject_id": "BIGINT",
        "start_date": "DATE",
        "end_date": "DATE",
        "department": "STRING",
    },
}


@dataclass(frozen=True)
class Made:
    """The rows of a cohort and its steps, the SQL that ran, and the beginnings of codes that nothing has."""

    rows: Any
    steps: tuple[tuple[int, str, int, int, int], ...]
    sql: str
    without_code: tuple[str, ...]


def made(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], recipe: Recipe
) -> Made:
    """Makes the cohort of ``recipe``; ``connection`` shows the release, and is used for nothing else.

    ``rows`` is an Arrow table: name, subject_id, period_no, index_date, end_date, end_reason.
    """
    for statement in functions(DUCKDB):
        connection.execute(statement)
    _stand_in(connection, manifest, recipe)
    for name, rows in rows_of(recipe).items():
        load(connection, name, TABLES[name], rows)
    ran = [
        *_by_day(connection, manifest, recipe),
        *(_make(connection, model) for model in MODELS),
    ]
    return Made(
        connection.sql("SELECT * FROM cohort ORDER BY subject_id, period_no").to_arrow_table(),
        tuple(
            connection.execute(
                "SELECT step, fr, n_periods, n_subjects, removed FROM cohort_step ORDER BY step"
            ).fetchall()
        ),
        "\n\n".join(ran),
        tuple(_without_code(connection)),
    )


def _make(connection: duckdb.DuckDBPyConnection, model: Model) -> str:
    query = query_of(model, judge="")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {model.name} AS {query}")
    return f"CREATE TABLE {model.name} AS\n{query.strip()};"


def _stand_in(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], recipe: Recipe
) -> None:
    """Lets an older release do for a recipe that needs none of the tables that it lacks."""
    needed = {"residence"} if _asks_where(recipe) else set[str]()
    for name, columns in DISEASE_TABLES.items():
        if name not in manifest["tables"]:
            if name in needed:
                raise ReleaseError(
                    f"the release has no table {name}, which a step of this cohort needs: take a later release",
                    f"La version n’a pas de table « {name} », dont une étape a besoin{NBSP}: prenez une version plus "
                    "récente.",
                )
            load(connection, name, columns, [])


def _asks_where(recipe: Recipe) -> bool:
    return any(one.kind == "lives in" for step in recipe.steps for one in step.conditions)


def _by_day(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], recipe: Recipe
) -> list[str]:
    """Makes ``cohort_disease``: the days of the diseases that are looked for by day; no row where there are none."""
    wanted = by_day(recipe)
    if not wanted:
        load(connection, DISEASE.name, DISEASE_COLUMNS, [])
        return []
    evaluated(connection, manifest, wanted, ("disease_met", "every_state"))
    return [_make(connection, DISEASE)]


def by_day(recipe: Recipe) -> set[str]:
    """Returns the definitions whose days are found in the session."""
    parts = (part for fact in recipe.facts() for part in fact.parts)
    return {part.definition for part in parts if part.source == "disease"}


def _without_code(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        """SELECT DISTINCT wanted.vocabulary || ':' || wanted.prefix FROM cohort_prefix AS wanted
        WHERE NOT is_out AND NOT EXISTS (
            SELECT 1 FROM code WHERE (code.vocabulary = wanted.vocabulary AND starts_with(code.code, wanted.prefix))
                OR (code.parent_vocabulary = wanted.vocabulary AND starts_with(code.parent_code, wanted.prefix)))
        ORDER BY ALL"""
    ).fetchall()
    return [one for (one,) in rows]
