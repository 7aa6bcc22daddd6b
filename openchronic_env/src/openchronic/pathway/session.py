"""The pathways of two tables, kept in an engine of their own for as long as somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from openchronic.engines.duck import Duck
from openchronic.engines.specs import DUCKDB, functions
from openchronic.figures import Figure
from openchronic.models.pathways import HOSPITAL_STAY, STRETCH
from openchronic.models.query import query_of
from openchronic.pathway import drawing
from openchronic.pathway.given import Given, load_given
from openchronic.pathway.making import load_parameters, make_lines, make_pathways
from openchronic.pathway.parameters import Parameters
from openchronic.pathway.writing import LINES, QUERIES
from openchronic.runtime.progress import Steps


@dataclass(frozen=True)
class Pathways:
    """Les parcours d'une cohorte. ``shares``, ``paths``, ``steps``, ``adherence``, ``persistence`` et ``lines`` sont des relations DuckDB (``.df()``, ``.pl()``).

    ``given`` : ce qui a été lu ; ``parameters`` : les jeux de paramètres, défauts compris ; ``labels`` et
    ``class_labels`` : le libellé que les figures donnent à un traitement, à une classe ; ``notes`` : ce qu'elles en disent.
    """

    connection: duckdb.DuckDBPyConnection
    parameters: Parameters
    given: Given
    queries: Mapping[str, str] = field(repr=False)
    make_lines: Callable[[], duckdb.DuckDBPyRelation] = field(repr=False)
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    class_labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def shares(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par parcours et suite de traitements : périodes, sujets, part des périodes de la cohorte."""
        return self.connection.sql(self.queries["shares"])

    @property
    def paths(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par période de la cohorte, sans traitement comprise (``path`` vide)."""
        return self.connection.sql(self.queries["paths"])

    @property
    def steps(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par étape : traitements tenus ensemble, premier et dernier jour, ce qui change (``change``) et ce qui suit (``next_change`` :
        le changement de l’étape suivante, ``stop``, ou ``censored``, la période s’arrêtant trop tôt pour le dire)."""
        return self.connection.sql(self.queries["steps"])

    @property
    def adherence(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par période et traitement, et par classe (``level`` : ``treatment`` ou ``class``) : jours d'achat, jours fournis
        et couverts, ``pdc`` (part des jours couverts), ``mpr``. Un jour que couvrent deux traitements d'une classe y compte une
        fois. ``days_left_out`` : les nuits d'hôpital, retirées du dénominateur (``hospital_days="extend"``)."""
        return self.connection.sql(self.queries["adherence"])

    @property
    def persistence(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par période et traitement, par classe, et pour tous ensemble (``level`` : ``treatment``, ``class``, ``all``) :
        passer d'un traitement à un autre de la classe n'arrête pas la classe. Jours jusqu'au premier arrêt ou à la censure
        (``stopped`` faux ; ``stop_days`` avant la fin de la période, car un arrêt plus tardif ne se verrait pas), à donner
        à ``lifelines.KaplanMeierFitter().fit(days, stopped)``."""
        return self.connection.sql(self.queries["persistence"])

    @cached_property
    def lines(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par ligne de traitement : ``regimen`` (traitements tenus ou commencés dans ses ``regimen_days`` premiers
        jours), premier et dernier jour, et ce qui l'ouvre (``start``, ``new_treatment``, ``gap``, ``drop``)."""
        return self.make_lines()

    def sankey(
        self, pathway: str | None = None, *, steps: int = 4, title: str = "Suites de traitements"
    ) -> Figure:
        """Les passages d'une étape à la suivante (Sankey), des ``steps`` premières étapes. ``.data`` : les nombres dessinés.

        Les suites de moins de 11 personnes, ou de moins de 1 % des périodes, sont réunies. ``pathway`` : le jeu de
        paramètres, s'il y en a plusieurs.
        """
        return drawing.sankey(self, pathway, steps=steps, title=title)

    def sunburst(
        self, pathway: str | None = None, *, steps: int = 3, title: str = "Suites de traitements"
    ) -> Figure:
        """Les mêmes suites en anneaux, la première étape au centre ; celles de moins de 2,5 % des périodes sont réunies."""
        return drawing.sunburst(self, pathway, steps=steps, title=title)

    def persistence_curve(
        self,
        treatments: Iterable[str] | None = None,
        pathway: str | None = None,
        *,
        level: str = "treatment",
        title: str = "Persistance des traitements",
    ) -> Figure:
        """Les courbes de Kaplan-Meier de la persistance, par traitement (« » : tous ensemble) ; sans argument, des six premiers.
        ``level="class"`` : par classe de traitements.

        Chaque palier réunit 11 arrêts au moins. Lève ``OpenChronicError`` pour un traitement que personne n'a.
        """
        return drawing.persistence_curve(self, treatments, pathway, level=level, title=title)


def pathways_of(
    connection: duckdb.DuckDBPyConnection,
    exposures: Any,
    cohort: Any,
    hospital: Any = None,
    *,
    parameters: Parameters,
    place: Path,
    memory: int,
    steps: Steps,
) -> Pathways:
    """Makes the pathways of two files or tables on a ``connection`` of their own; ``hospital``: a third, of nights in hospital.

    ``place`` and ``memory`` (bytes): those of the engine. Raises OpenChronicError for a table that cannot be read.
    """
    for statement in functions(DUCKDB):
        connection.execute(statement)
    # Rows are named by their number.
    connection.execute("SET preserve_insertion_order = true")
    with steps.step("reading"):
        treatments, given = load_given(connection, exposures, cohort, hospital)
    aside = (
        f"; {given.strangers:,} subjects of exposures are not in the cohort"
        if given.strangers
        else ""
    )
    steps.say(
        f"{given.periods:,} periods of {given.subjects:,} subjects, {given.exposures:,} exposures{aside}"
    )
    duck = Duck(connection, place, memory=memory)
    load_parameters(duck, parameters)
    # Each set of parameters looks at all periods and exposures.
    for name, source in (("target", "given_period"), ("exposure", "given_exposure")):
        duck.view(name, f"SELECT setting.pathway, {source}.* FROM {source} CROSS JOIN setting")
    duck.view(
        HOSPITAL_STAY.name,
        "SELECT subject_id, start_date AS first_day, add_days(end_date, 1) AS day_after FROM given_night",
    )
    duck.scratch(STRETCH.name, query_of(STRETCH, judge=""))
    make_pathways(duck, parameters, treatments, steps)

    def lines() -> duckdb.DuckDBPyRelation:
        make_lines(duck, parameters, treatments)
        return connection.sql(LINES)

    return Pathways(connection, parameters, given, QUERIES, lines)
