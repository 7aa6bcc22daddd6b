"""Draws for each period of a cohort periods of a pool that are like it."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from openchronic.cohort import values
from openchronic.cohort.flow import Line
from openchronic.cohort.recipe import MOST, OLDEST
from openchronic.cohort.result import Cohort, kept
from openchronic.cohort.sets import refuse_strangers
from openchronic.cohort.where import Where
from openchronic.engines.specs import DUCKDB, functions
from openchronic.models.cohorts import matching
from openchronic.models.query import query_of
from openchronic.runtime.text import quoted

LIKE = ("age", "birth_year", "sex", "year", "department")
MOST_RATIO = 50


@dataclass(frozen=True, eq=False)
class Matched:
    """Une cohorte appariée : ``cases`` (les périodes qui ont trouvé un témoin), ``controls``, et ``pairs``, une relation d’une
    ligne par couple (``case_subject_id``, ``case_period_no``, ``subject_id``, ``period_no``, leurs jours d’index).

    ``oc.compare(m.cases, m.controls)`` dit si les deux groupes se ressemblent.
    """

    cases: Cohort
    controls: Cohort
    pairs: duckdb.DuckDBPyRelation

    def __repr__(self) -> str:
        return f"{self.cases!r}\n{self.controls!r}"


def matched(
    cases: Cohort,
    pool: Cohort,
    *,
    on: tuple[str, ...],
    ratio: int,
    replace: bool,
    age_width: int,
    seed: int,
) -> Matched:
    """Returns both groups. Raises SettingsError for what is asked wrongly."""
    refuse_strangers(cases, pool)
    where = Where(section="match")
    for one in on:
        if one not in LIKE:
            raise where.unknown(
                "periods are never matched on", "rien ne s’apparie sur", one, LIKE, "on"
            )
    ratio = values.whole(ratio, "ratio", where, least=1, most=MOST_RATIO)
    age_width = values.whole(age_width, "age_width", where, least=1, most=OLDEST)
    seed = values.whole(seed, "seed", where, least=-MOST, most=MOST)
    connection = cases.connection
    for statement in functions(DUCKDB):
        connection.execute(statement)
    model = matching(
        cases=cases.table,
        pool=pool.table,
        like={one: one in on for one in LIKE},
        ratio=ratio,
        replace=replace,
        age_width=age_width,
        seed=seed,
    )
    table = f"{cases.table}_with_{pool.table}_{seed}_{len(connection.execute('SHOW TABLES').fetchall())}"
    query = query_of(model, judge="")
    connection.execute(f"CREATE TEMP TABLE {table} AS {query}")
    told = f"Apparié sur {', '.join(on)}"
    return Matched(
        _side(cases, table, "case_", f"{cases.name}_apparie", told, query),
        _side(pool, table, "", f"{pool.name}_temoins", told, query),
        connection.sql(f"SELECT * FROM {table} ORDER BY ALL"),
    )


def _side(of: Cohort, table: str, prefix: str, name: str, told: str, query: str) -> Cohort:
    """Returns the periods of one side, each once."""
    found = of.connection.sql(
        f"""SELECT {quoted(name)} AS name, one.subject_id, one.period_no, one.index_date, one.end_date, one.end_reason
        FROM {of.table} AS one SEMI JOIN {table} AS pair
            ON pair.{prefix}subject_id = one.subject_id AND pair.{prefix}period_no = one.period_no"""
    ).to_arrow_table()
    last = of.flow.lines[-1]
    n_subjects = len(found["subject_id"].unique())
    line = Line(last.step + 1, told, found.num_rows, n_subjects, last.n_periods - found.num_rows)
    return kept(
        of.connection,
        of.release,
        name=name,
        rows=found,
        lines=(*of.flow.lines, line),
        notes=of.flow.notes,
        said={},
        definitions=of.definitions,
        allow_future=of.allow_future,
        sql=f"{of.sql}\n\n{query}",
    )
