"""Takes dispensings of a release for exposures to treatments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from openchronic.engines.specs import DUCKDB, functions
from openchronic.errors import SettingsError
from openchronic.models.model import Model
from openchronic.models.pathways import (
    HOSPITAL_DAYS,
    METHODS,
    NIGHTS,
    TREATMENT,
    TREATMENT_CODE,
    TREATMENT_PREFIX,
    dispensed_exposure,
)
from openchronic.models.query import query_of
from openchronic.pathway.doses import load_doses
from openchronic.pathway.treatments import Treatments
from openchronic.runtime.text import quoted

# The nomenclatures of drugs: classes, packs, and hospital drugs.
VOCABULARIES = ("ATC", "CIP13", "CIP7", "UCD")
MOST_DAYS = 3660
PER = ("day", "pack")


@dataclass(frozen=True)
class Rule:
    """How many days a dispensing counts as. ``method``: one for all treatments, or by their names."""

    days: int = 30
    days_large: int = 90
    days_hospital: int = 1
    per: str = "day"
    method: str | Mapping[str, str] = "pack"
    hospital_days: str = "ignore"

    def check(self, names: Sequence[str]) -> None:
        """Raises SettingsError for a value that is none of those allowed."""
        for name in ("days", "days_large", "days_hospital"):
            if not 1 <= getattr(self, name) <= MOST_DAYS:
                raise SettingsError(
                    f"{name}: a number of days from 1 to {MOST_DAYS}",
                    f"{name}\u00a0: un nombre de jours, de 1 à {MOST_DAYS}.",
                )
        if isinstance(self.method, Mapping):
            for name in self.method:
                _one_of("method", name, names)
        for name in names:
            _one_of("method", self.method_of(name), tuple(METHODS))
        _one_of("per", self.per, PER)
        _one_of("hospital_days", self.hospital_days, tuple(HOSPITAL_DAYS))

    def method_of(self, treatment: str) -> str:
        """Returns the method of a treatment."""
        method = self.method
        return method if isinstance(method, str) else method.get(treatment, "pack")


def exposures_of(
    connection: duckdb.DuckDBPyConnection,
    treatments: Mapping[str, str | Sequence[str]],
    rule: Rule,
    *,
    doses: Any = None,
    classes: Mapping[str, str] | None = None,
) -> duckdb.DuckDBPyRelation:
    """Returns the exposures to ``treatments``, lazily: subject_id, treatment, start_date, end_date (inclusive).

    ``connection``: with the tables of a release. ``treatments``: for each name, beginnings of ATC classes, or of codes of
    another nomenclature after its name (``CIP13:34009…``). ``doses``: a table of packs, for the method of that name.
    ``classes``: the class of treatments that share one, then a column more. Raises OpenChronicError for what is none, or has no code there.
    """
    names = [*treatments]
    rule.check(names)
    for name in classes or {}:
        _one_of("classes", name, names)
    Treatments(names)
    prefixes = [
        ("", name, *_prefix(one), False)
        for name, given in treatments.items()
        for one in ([given] if isinstance(given, str) else given)
    ]
    for statement in functions(DUCKDB):
        connection.execute(statement)
    _load(connection, TREATMENT_PREFIX.name, TREATMENT_PREFIX.columns, prefixes)
    days = (rule.days, rule.days_large, rule.days_hospital)
    _load(
        connection,
        TREATMENT.name,
        TREATMENT.columns,
        [("", name, 0, 0, rule.method_of(name), rule.per, *days) for name in names],
    )
    _refuse_unknown(connection)
    _make(connection, TREATMENT_CODE)
    methods = [*dict.fromkeys(map(rule.method_of, names))] or ["pack"]
    if "dose" in methods:
        load_doses(connection, doses)
    for one in methods:
        _make(connection, METHODS[one])
    every = " UNION ALL ".join(f"SELECT * FROM {METHODS[one].name}" for one in methods)
    connection.execute(f"CREATE TEMP VIEW supply_days AS {every}")
    model = dispensed_exposure("= event", "event")
    for after in HOSPITAL_DAYS[rule.hospital_days]:
        connection.execute(f"CREATE TEMP VIEW {model.name} AS {query_of(model, judge='')}")
        model = after
    query = query_of(model, judge="")
    return connection.sql(
        f"SELECT subject_id, treatment, start_date, end_date{_class_of(classes)} FROM ({query})"
    )


def _class_of(classes: Mapping[str, str] | None) -> str:
    """Returns SQL: a column of the class of each treatment, where there are any."""
    if not classes:
        return ""
    cases = "".join(
        f" WHEN {quoted(name)} THEN {quoted(one)}" for name, one in classes.items() if one
    )
    return f", CASE treatment{cases} END AS class" if cases else ""


def nights_of(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """Returns the nights in hospital of the subjects of a release, lazily: subject_id, start_date, end_date (the last night).

    ``connection``: with the tables of the release.
    """
    for statement in functions(DUCKDB):
        connection.execute(statement)
    named = [f"{model.name} AS ({query_of(model, judge='')})" for model in NIGHTS]
    return connection.sql(
        f"WITH {', '.join(named)} SELECT subject_id, first_day AS start_date, add_days(day_after, -1) AS end_date "
        f"FROM {NIGHTS[-1].name}"
    )


def _make(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    connection.execute(f"CREATE TEMP TABLE {model.name} AS {query_of(model, judge='')}")


def _load(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[object]],
) -> None:
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"CREATE TEMP TABLE {name} ({declared})")
    lists = [list(cells) for cells in zip(*rows, strict=True)] or [[] for _ in columns]
    connection.execute(f"INSERT INTO {name} SELECT {', '.join('unnest(?)' for _ in lists)}", lists)


def _one_of(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        listed = ", ".join(choices)
        raise SettingsError(
            f"{name}: {value!r} is not one of {listed}",
            f"{name}\u00a0: « {value} » n’est pas l’un de {listed}.",
        )


def _prefix(text: str) -> tuple[str, str]:
    """Returns the nomenclature and the beginning of a code that ``text`` names."""
    before, colon, after = text.partition(":")
    vocabulary, prefix = (before.strip().upper(), after) if colon else ("ATC", before)
    prefix = prefix.strip().upper()
    if vocabulary not in VOCABULARIES or not prefix.isalnum():
        raise SettingsError(
            f"{text!r}: the beginning of an ATC class, such as A10BA, or {', '.join(VOCABULARIES[1:])} and that of a code, "
            "such as CIP13:34009",
            f"« {text} »\u00a0: le début d’une classe ATC, comme A10BA, ou {', '.join(VOCABULARIES[1:])} et celui d’un code, "
            "comme CIP13:34009.",
        )
    return vocabulary, prefix


def _refuse_unknown(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuses a beginning that no code of the release has: a misspelt one would count nobody."""
    unknown = connection.execute(
        """SELECT vocabulary, prefix FROM treatment_prefix AS wanted WHERE NOT EXISTS (
            SELECT 1 FROM code WHERE (code.vocabulary = wanted.vocabulary AND starts_with(code.code, wanted.prefix))
                OR (code.parent_vocabulary = wanted.vocabulary AND starts_with(code.parent_code, wanted.prefix)))
        ORDER BY ALL"""
    ).fetchall()
    if unknown:
        named = ", ".join(f"{vocabulary}:{prefix}" for vocabulary, prefix in unknown)
        raise SettingsError(
            f"{named}: no code of the release begins so; find codes by words with oc.codes",
            f"{named}\u00a0: aucun code de la version ne commence ainsi. Cherchez un code par ses mots\u00a0: "
            'oc.codes("metformine").',
        )
