"""The sequences of care of a cohort, kept on a connection to a release for as long as somebody looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from openchronic.care import shapes
from openchronic.care.nodes import Node
from openchronic.engines.duck import Duck
from openchronic.engines.specs import DUCKDB, functions
from openchronic.errors import OpenChronicError
from openchronic.models.care import MONTH, NODE, STATES_OF_MONTHS, contacts
from openchronic.models.model import Model
from openchronic.models.query import query_of
from openchronic.pathway.given import PERIODS, load_table
from openchronic.pathway.sources import source_of

LONGEST = 1200
"""Months of a period at most."""


@dataclass(frozen=True)
class Care:
    """Les séquences de soins d'une cohorte. Toutes ses propriétés sont des relations DuckDB (``.df()``, ``.pl()``).

    ``contacts`` (un par ligne) et ``flow`` (qui suit qui) ; ``states`` (état de chaque mois), ``spells`` (mois consécutifs
    d'un même état), ``sts`` (une ligne par séquence, une colonne par mois), ``sequences`` (séquences distinctes et leur
    nombre), ``event_log`` (journal d'événements). ``strangers`` : sujets de la cohorte qui ne sont pas dans la version.
    """

    connection: duckdb.DuckDBPyConnection
    nodes: Sequence[Node]
    engine: Duck
    periods: int
    subjects: int
    strangers: int

    @property
    def contacts(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par contact : ``step`` (rang), ``node``, premier et dernier jour, faits réunis (``n_facts``)."""
        return self.connection.sql(shapes.CONTACTS)

    @property
    def flow(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par paire de nœuds qui se suivent (``START`` et ``END`` compris) : passages, sujets, jours médians."""
        return self.connection.sql(shapes.FLOW)

    @property
    def event_log(self) -> duckdb.DuckDBPyRelation:
        """Les contacts en journal d'événements, aux noms de XES : prêts pour ``pm4py.format_dataframe``."""
        return self.connection.sql(shapes.EVENT_LOG)

    @cached_property
    def states(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par mois : ``state`` est l'état de la plupart de ses jours (death, mco, ssr, had, psy, home)."""
        _make(self.engine, STATES_OF_MONTHS)
        return self.connection.sql(shapes.STATES)

    @property
    def spells(self) -> duckdb.DuckDBPyRelation:
        """SPELL : une ligne par suite de mois d'un même état, ``begin`` et ``end`` inclus (TraMineR) ; ``first_day`` et
        ``day_after`` se touchent (TanaT)."""
        return self._after_states(shapes.SPELLS)

    @property
    def sequences(self) -> duckdb.DuckDBPyRelation:
        """Les séquences distinctes, écrites comme TraMineR (``(home,5)-(mco,1)``), et combien de périodes ont chacune."""
        return self._after_states(shapes.SEQUENCES)

    @property
    def sts(self) -> duckdb.DuckDBPyRelation:
        """STS : une ligne par séquence, une colonne par mois (``month_1``…), vide après la fin (TraMineR, Sequenzo)."""
        _ = self.states
        ((months,),) = self.connection.execute(
            "SELECT coalesce(max(month_no), 0) FROM setting_state"
        ).fetchall()
        return self.connection.sql(shapes.sts(months))

    def write(self, folder: str | Path) -> list[Path]:
        """Écrit toutes ces tables en CSV dans un dossier, et donne les fichiers. Lève ``OpenChronicError``."""
        files = []
        for name in shapes.FILES:
            files.append(Path(folder) / f"{name}.csv")
            shapes.write(getattr(self, name), files[-1])
        return files

    def _after_states(self, query: str) -> duckdb.DuckDBPyRelation:
        _ = self.states
        return self.connection.sql(query)


def care_of(
    connection: duckdb.DuckDBPyConnection,
    cohort: Any,
    nodes: Sequence[Node],
    *,
    collapse_repeats: bool,
    place: Path,
    memory: int,
) -> Care:
    """Makes the contacts of a cohort on a ``connection`` of their own, with the tables of a release.

    ``place`` and ``memory`` (bytes): those of the engine. Raises OpenChronicError for a table that cannot be read.
    """
    for statement in functions(DUCKDB):
        connection.execute(statement)
    connection.execute("SET preserve_insertion_order = true")
    load_table(connection, source_of(connection, cohort, "cohort"), PERIODS, "read_period")
    _refuse_names(connection)
    connection.execute(
        """CREATE TEMP TABLE care_period AS SELECT CAST(subject_id AS BIGINT) AS subject_id, start_date, end_date,
            row_number() OVER (PARTITION BY CAST(subject_id AS BIGINT) ORDER BY start_date, end_date) AS period_no
        FROM read_period; DROP TABLE read_period"""
    )
    ((periods, subjects, strangers, months),) = connection.execute(
        """SELECT count(*), count(DISTINCT subject_id), (SELECT count(DISTINCT subject_id) FROM care_period
            ANTI JOIN patient USING (subject_id)),
            coalesce(max(datediff('month', start_date, end_date)), 0) + 1 FROM care_period"""
    ).fetchall()
    if months > LONGEST:
        raise OpenChronicError(
            f"cohort: a period of {months} months; {LONGEST} at most",
            f"cohort\u00a0: une période dure {months} mois, {LONGEST} au plus.",
        )
    duck = Duck(connection, place, memory=memory)
    duck.load(
        NODE.name, NODE.columns, [tuple(getattr(one, c) for c in NODE.columns) for one in nodes]
    )
    duck.load(MONTH.name, MONTH.columns, [(n,) for n in range(1, months + 1)])
    _make(duck, contacts(collapse_repeats=collapse_repeats))
    return Care(connection, nodes, duck, periods, subjects, strangers)


def _make(engine: Duck, models: Sequence[Model]) -> None:
    for model in models:
        engine.scratch(model.name, query_of(model, judge=""))


def _refuse_names(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = connection.execute(
        "SELECT min(row_of_source) FROM read_period WHERE TRY_CAST(subject_id AS BIGINT) IS NULL"
    ).fetchall()[0][0]
    if wrong is not None:
        raise OpenChronicError(
            f"cohort: row {wrong} has a subject_id that is no number of a subject of the release",
            f"cohort\u00a0: la ligne {wrong} a un subject_id qui n’est pas le numéro d’un sujet de la version.",
        )
