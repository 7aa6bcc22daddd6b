"""Describes a cohort on its index days, in one table."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from openchronic.cohort.base import Known, base_of
from openchronic.cohort.departments import AREAS
from openchronic.cohort.making import DISEASE_TABLES
from openchronic.cohort.where import Where
from openchronic.diseases import STATUSES
from openchronic.engines.specs import DUCKDB, functions
from openchronic.models.cohorts import baseline
from openchronic.models.query import query_of
from openchronic.quality.disease_trial import load
from openchronic.quality.french import HIDDEN, number, percentage
from openchronic.quality.masking import Mask

if TYPE_CHECKING:
    from openchronic.cohort.result import Cohort

VARIABLES = {
    "age": "Âge",
    "sex": "Sexe",
    "residence": "Résidence",
    "disease": "Maladie déjà présente",
    "follow_up_days": "Suivi (jours)",
}
# Each period has one of their levels.
PARTED = ("age", "sex", "residence")
LEVELS = {
    "F": "femmes",
    "M": "hommes",
    "metropole": "métropole",
    "outre_mer": "outre-mer",
    "other": "ailleurs",
    "unknown": "inconnu",
    "mean": "moyenne (écart-type)",
}


@dataclass(frozen=True, slots=True)
class Level:
    """A line: how many have a level, or the mean of a variable."""

    variable: str
    level: str
    fr: str
    n_periods: int
    n_subjects: int
    share_of_periods: float | None
    mean: float | None
    standard_deviation: float | None


@dataclass(frozen=True, eq=False)
class Baseline:
    """Le tableau descriptif d’une cohorte au jour d’index. ``rows`` est une relation (nombres exacts) ; l’affichage masque les
    effectifs de 1 à 10."""

    name: str
    n_periods: int
    levels: tuple[Level, ...]
    rows: duckdb.DuckDBPyRelation
    is_small: bool = False

    def df(self) -> Any:
        """Le tableau, pour pandas."""
        return self.rows.df()

    def __repr__(self) -> str:
        size = f"{HIDDEN if self.is_small else number(self.n_periods)} périodes"
        return "\n".join([f"{self.name}\u00a0: {size}", *map("  ".join, _told(self))])

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(variable)}</th>'
            f"<td>{html.escape(level)}</td><td>{html.escape(said)}</td></tr>"
            for variable, level, said in _told(self)
        )
        head = '<th scope="col">variable</th><th scope="col">modalité</th><th scope="col">périodes</th>'
        return (
            f"<table><caption>{html.escape(self.name)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )


def baseline_of(cohort: Cohort, diseases: Sequence[str] | None) -> Baseline:
    """Returns the table. Raises SettingsError for a definition that the release does not have."""
    connection = cohort.connection
    base = base_of(connection, cohort.release.manifest)
    if diseases is not None:
        for one in diseases:
            if one not in base.definitions:
                raise Where(section="baseline").unknown(
                    "the release has no definition", "la version n’a pas de définition", one,
                    base.definitions, "diseases",
                )  # fmt: skip
    for statement in functions(DUCKDB):
        connection.execute(statement)
    _stand_in(connection, cohort)
    table = f"{cohort.table}_baseline"
    query = query_of(baseline(cohort.table), judge="")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")
    labels = {name: _label(one) for name, one in base.definitions.items()}
    wanted = [*labels] if diseases is None else [*diseases]
    variables = [*VARIABLES]
    found = connection.execute(
        f"""SELECT variable, level, n_periods, n_subjects, share_of_periods, mean, standard_deviation
        FROM {table}
        WHERE variable <> 'disease' OR level IN (SELECT unnest(?))
        ORDER BY list_position(?, variable), level = 'mean' DESC, level""",
        [wanted, variables],
    ).fetchall()
    levels = [
        Level(row[0], row[1], labels.get(row[1]) or LEVELS.get(row[1], row[1]), *row[2:])
        for row in found
    ]
    shown = f"{table}_shown"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {shown} (place INTEGER, variable VARCHAR, level VARCHAR, fr VARCHAR,
            n_periods BIGINT, n_subjects BIGINT, share_of_periods DOUBLE, mean DOUBLE, standard_deviation DOUBLE)"""
    )
    if levels:
        connection.executemany(
            f"INSERT INTO {shown} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (place, *(getattr(one, name) for name in Level.__slots__))
                for place, one in enumerate(levels)
            ],
        )
    return Baseline(
        cohort.name,
        cohort.n_periods,
        tuple(levels),
        connection.sql(f"SELECT * EXCLUDE (place) FROM {shown} ORDER BY place"),
        any(Mask().hides_count(one) for one in (cohort.n_periods, cohort.n_subjects)),
    )


def _label(one: Known) -> str:
    """Returns the name of a disease, of its variant, and how sure it is where that is not sourced."""
    variant = one.name.partition(".")[2]
    told = [variant, STATUSES[one.status] if one.status != "sourced" else ""]
    shown = ", ".join(filter(None, told))
    return f"{one.label} ({shown})" if shown else one.label


def _stand_in(connection: duckdb.DuckDBPyConnection, cohort: Cohort) -> None:
    load(
        connection,
        "cohort_area",
        {"department": "STRING", "area": "STRING"},
        [(code, area) for area, codes in AREAS.items() for code in codes],
    )
    for name in ("disease_onset", "residence"):
        if name not in cohort.release.manifest["tables"]:
            load(connection, name, DISEASE_TABLES[name], [])


def hidden(levels: Sequence[Level], n_periods: int) -> set[tuple[str, str]]:
    """Returns the variables and levels that are not shown: few subjects, few others, or all that hides few others."""
    mask = Mask()
    found = {
        (one.variable, one.level)
        for one in levels
        if mask.hides_count(one.n_subjects)
        or mask.hides_count(one.n_periods)
        or mask.hides_count(n_periods - one.n_periods)
    }
    for variable in PARTED:
        own = sorted(
            (one for one in levels if one.variable == variable and one.level != "mean"),
            key=lambda one: (one.n_periods, one.level),
        )
        away = sum(one.n_periods for one in own if (variable, one.level) in found)
        for one in own:
            # All levels together are known: those that are hidden must be many.
            if mask.hides_count(away) and (variable, one.level) not in found:
                found.add((variable, one.level))
                away += one.n_periods
    return found


def _told(one: Baseline) -> Iterator[tuple[str, str, str]]:
    """Yields variable, level, and what is said of it."""
    away = hidden(one.levels, one.n_periods)
    for level in one.levels:
        if (level.variable, level.level) in away:
            said = HIDDEN
        elif level.level != "mean":
            said = f"{number(level.n_periods)} ({percentage(level.share_of_periods or 0)})"
        elif level.mean is None:
            said = "-"
        else:
            spread = decimals(level.standard_deviation or 0)
            said = f"{decimals(level.mean)} ({spread})"
        yield VARIABLES[level.variable], level.fr, said


def decimals(value: float, digits: int = 1) -> str:
    """Returns a number with its decimals, in French notation."""
    return f"{value + 0.0:,.{digits}f}".replace(",", "\u202f").replace(".", ",")
