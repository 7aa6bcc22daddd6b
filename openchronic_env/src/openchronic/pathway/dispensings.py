"""Takes dispensings of a release for exposures to treatments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from openchronic.engines.specs import DUCKDB, functions
from openchronic.errors import SettingsError
from openchronic.models.pathways import dispensed_exposure
from openchronic.models.query import query_of
from openchronic.pathway.treatments import Treatments

# The nomenclatures of drugs: classes, packs, and hospital drugs.
VOCABULARIES = ("ATC", "CIP13", "CIP7", "UCD")
MOST_DAYS = 3660


def exposures_of(
    connection: duckdb.DuckDBPyConnection,
    treatments: Mapping[str, str | Sequence[str]],
    *,
    days: int,
    days_large: int,
    days_hospital: int,
) -> duckdb.DuckDBPyRelation:
    """Returns the exposures to ``treatments``, lazily: subject_id, treatment, start_date, end_date (inclusive).

    ``connection``: with the tables of a release. ``treatments``: for each name, beginnings of ATC classes, or of codes of
    another nomenclature after its name (``CIP13:34009…``). Raises OpenChronicError for what is none, or has no code there.
    """
    for name, value in (
        ("days", days),
        ("days_large", days_large),
        ("days_hospital", days_hospital),
    ):
        if not 1 <= value <= MOST_DAYS:
            raise SettingsError(
                f"{name}: a number of days from 1 to {MOST_DAYS}",
                f"{name}\u00a0: un nombre de jours, de 1 à {MOST_DAYS}.",
            )
    Treatments([*treatments])
    prefixes = [
        (name, *_prefix(one))
        for name, given in treatments.items()
        for one in ([given] if isinstance(given, str) else given)
    ]
    for statement in functions(DUCKDB):
        connection.execute(statement)
    connection.execute(
        "CREATE TEMP TABLE treatment_prefix (treatment VARCHAR, vocabulary VARCHAR, prefix VARCHAR)"
    )
    lists = [list(cells) for cells in zip(*prefixes, strict=True)] or [[], [], []]
    connection.execute("INSERT INTO treatment_prefix SELECT unnest(?), unnest(?), unnest(?)", lists)
    _refuse_unknown(connection)
    model = dispensed_exposure(days=days, days_large=days_large, days_hospital=days_hospital)
    return connection.sql(query_of(model, judge=""))


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
