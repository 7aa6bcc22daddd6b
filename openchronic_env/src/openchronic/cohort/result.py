"""A cohort that was made: its rows, its flow chart, the recipe that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import duckdb

from openchronic.cohort.base import Known
from openchronic.cohort.flow import Flow, Line
from openchronic.cohort.making import Made, by_day, made
from openchronic.cohort.recipe import Recipe
from openchronic.diseases import STATUSES, load_library
from openchronic.releases import Release

if TYPE_CHECKING:
    from openchronic.cohort.baseline import Baseline
    from openchronic.cohort.matching import Matched

FUTURE = (
    "Attention\u00a0: allow_future est vrai, des sujets sont choisis par ce qui suit leur index."
)
_numbers = count(1)


@dataclass(frozen=True, eq=False)
class Cohort:
    """Une cohorte. ``rows``, ``periods`` et ``steps`` sont des relations DuckDB (``.df()``, ``.pl()``), de la même connexion
    que ``oc.table`` : elles se joignent aux tables de la version.

    ``|``, ``&`` et ``-`` (``union``, ``intersection``, ``minus``) comparent les sujets ; les périodes gardées sont celles de
    gauche. ``said`` est la recette, ``sql`` ce qui a été exécuté, ``definitions`` la version de chaque maladie,
    ``changes`` ce qui diffère d’une cohorte enregistrée.
    """

    name: str
    release: Release
    connection: duckdb.DuckDBPyConnection
    table: str
    flow: Flow
    said: Mapping[str, Any]
    definitions: Mapping[str, int] = field(default_factory=dict)
    allow_future: bool = False
    sql: str = ""
    changes: tuple[Any, ...] = ()

    @property
    def rows(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par période : ``name``, ``subject_id``, ``period_no``, ``index_date``, ``end_date``, ``end_reason``."""
        return self.connection.sql(f"SELECT * FROM {self.table} ORDER BY subject_id, period_no")

    @property
    def periods(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par période : ``subject_id``, ``start_date`` (l’index), ``end_date``, jours inclus ; pour ``oc.pathways``."""
        return self.connection.sql(
            f"SELECT subject_id, index_date AS start_date, end_date FROM {self.table} ORDER BY ALL"
        )

    @property
    def steps(self) -> duckdb.DuckDBPyRelation:
        """Une ligne par étape : ``name``, ``step``, ``fr``, ``n_periods``, ``n_subjects``, ``removed`` (nombres exacts)."""
        table = f"{self.table}_step"
        return self.connection.sql(f"SELECT * FROM {table} ORDER BY step")

    @property
    def n_periods(self) -> int:
        """Le nombre de périodes."""
        return self.flow.lines[-1].n_periods

    @property
    def n_subjects(self) -> int:
        """Le nombre de sujets."""
        return self.flow.lines[-1].n_subjects

    def __len__(self) -> int:
        return self.n_periods

    def __or__(self, other: Cohort) -> Cohort:
        return self.union(other)

    def __and__(self, other: Cohort) -> Cohort:
        return self.intersection(other)

    def __sub__(self, other: Cohort) -> Cohort:
        return self.minus(other)

    def union(self, other: Cohort, name: str | None = None) -> Cohort:
        """Les périodes de celle-ci, puis celles de ``other`` dont les sujets n’y sont pas."""
        from openchronic.cohort.sets import combined

        return combined("union", self, other, name)

    def intersection(self, other: Cohort, name: str | None = None) -> Cohort:
        """Les périodes de celle-ci dont les sujets sont aussi dans ``other``."""
        from openchronic.cohort.sets import combined

        return combined("intersection", self, other, name)

    def minus(self, other: Cohort, name: str | None = None) -> Cohort:
        """Les périodes de celle-ci dont les sujets ne sont pas dans ``other``."""
        from openchronic.cohort.sets import combined

        return combined("minus", self, other, name)

    def match(
        self,
        pool: Cohort,
        *,
        on: str | list[str] | tuple[str, ...] = ("age", "sex", "year"),
        ratio: int = 1,
        replace: bool = False,
        age_width: int = 1,
        seed: int = 0,
    ) -> Matched:
        """Tire pour chaque période ``ratio`` périodes de ``pool`` qui lui ressemblent ; voir ``Matched``.

        ``on`` : ``age`` (à l’index, par classes de ``age_width`` années), ``birth_year``, ``sex``, ``year`` (de l’index),
        ``department`` ; une valeur inconnue ne ressemble à aucune. Le tirage est au hasard, et le même pour une même
        ``seed``. Avec ``replace``, une période de ``pool`` sert à plusieurs. Un sujet n’est jamais son propre témoin. Lève
        ``OpenChronicError``.
        """
        from openchronic.cohort.matching import matched

        return matched(
            self,
            pool,
            on=(on,) if isinstance(on, str) else tuple(on),
            ratio=ratio,
            replace=replace,
            age_width=age_width,
            seed=seed,
        )

    def baseline(self, diseases: str | list[str] | tuple[str, ...] | None = None) -> Baseline:
        """Décrit les sujets au jour d’index : âge, sexe, résidence, maladies déjà présentes, avec effectifs et parts.

        ``diseases`` : des définitions ; sans elles, toutes celles de la version. Une maladie est présente si son début
        (``onset_date`` de ``disease_onset``) n’est pas après l’index. Les parts sont celles des périodes. Lève
        ``OpenChronicError`` si une définition est inconnue.
        """
        from openchronic.cohort.baseline import baseline_of

        return baseline_of(self, [diseases] if isinstance(diseases, str) else diseases)

    def __repr__(self) -> str:
        return repr(self.flow)

    def _repr_html_(self) -> str:
        return self.flow._repr_html_()


def cohort_of(
    connection: duckdb.DuckDBPyConnection,
    release: Release,
    recipe: Recipe,
    known: Mapping[str, Known],
    *,
    shown_by: duckdb.DuckDBPyConnection,
) -> Cohort:
    """Makes the cohort on ``connection``, which shows the release; its rows then lie in ``shown_by``, that may be the same."""
    found = made(connection, release.manifest, recipe)
    return kept(
        shown_by,
        release,
        name=recipe.name,
        rows=found.rows,
        lines=tuple(Line(*one) for one in found.steps),
        notes=_notes(found, recipe, known),
        said=recipe.said,
        definitions={name: one.version for name, one in known.items()},
        allow_future=recipe.allow_future,
        sql=found.sql,
    )


def kept(
    connection: duckdb.DuckDBPyConnection,
    release: Release,
    *,
    name: str,
    rows: Any,
    lines: tuple[Line, ...],
    notes: tuple[str, ...],
    said: Mapping[str, Any],
    definitions: Mapping[str, int],
    allow_future: bool,
    sql: str,
) -> Cohort:
    """Puts the rows of a cohort into tables of ``connection``. ``rows``: an Arrow table, as ``making`` returns it."""
    table = f"made_cohort_{next(_numbers)}"
    connection.register(f"{table}_rows", rows)
    connection.execute(
        f"""CREATE TEMP TABLE {table} AS SELECT CAST(name AS VARCHAR) AS name,
            CAST(subject_id AS BIGINT) AS subject_id, CAST(period_no AS INTEGER) AS period_no,
            CAST(index_date AS DATE) AS index_date, CAST(end_date AS DATE) AS end_date,
            CAST(end_reason AS VARCHAR) AS end_reason FROM {table}_rows"""
    )
    connection.unregister(f"{table}_rows")
    connection.execute(
        f"""CREATE TEMP TABLE {table}_step (name VARCHAR, step INTEGER, fr VARCHAR, n_periods BIGINT,
            n_subjects BIGINT, removed BIGINT)"""
    )
    connection.executemany(
        f"INSERT INTO {table}_step VALUES (?, ?, ?, ?, ?, ?)",
        [(name, one.step, one.fr, one.n_periods, one.n_subjects, one.removed) for one in lines],
    )
    flow = Flow(name, release.name, lines, notes)
    return Cohort(name, release, connection, table, flow, said, definitions, allow_future, sql)


def _notes(found: Made, recipe: Recipe, known: Mapping[str, Known]) -> tuple[str, ...]:
    notes = [FUTURE] if recipe.allow_future else []
    notes += [_standing(one) for one in known.values() if one.status != "sourced"]
    for name in sorted(by_day(recipe)):
        own = load_library()[name.partition(".")[0]].version
        if own != known[name].version:
            notes.append(
                f"Les jours de « {name} » suivent la définition {own} du paquet, son début la définition "
                f"{known[name].version} de la version."
            )
    if found.without_code:
        named = ", ".join(found.without_code)
        notes.append(f"Aucun code de la version ne commence par\u00a0: {named}.")
    return tuple(notes)


def _standing(one: Known) -> str:
    """Returns how sure a definition is, and which of its lists of codes are not."""
    lists = [
        f"{said}\u00a0: {', '.join(name for name, own in one.lists if own == status)}"
        for status, said in STATUSES.items()
        if any(own == status for _, own in one.lists)
    ]
    told = "\u202f; ".join(lists)
    told = f" (listes {told})" if lists else ""
    return f"Définition «\u00a0{one.label}\u00a0», version {one.version}\u00a0: {STATUSES[one.status]}{told}."
