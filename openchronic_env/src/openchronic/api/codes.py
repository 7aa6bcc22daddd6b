"""Finds codes of a release by words of their labels, or by how they begin."""

from __future__ import annotations

import duckdb

from openchronic.api.duck import shared
from openchronic.api.pinning import pinned
from openchronic.errors import OpenChronicError
from openchronic.releases import Release
from openchronic.runtime.text import quoted

COLUMNS = "vocabulary, code, label, parent_vocabulary, parent_code, n_events"


def codes(words: str, release: Release | str | None = None) -> duckdb.DuckDBPyRelation:
    """Donne les codes de la version dont le libellé contient tous ces mots, sans regarder accents ni majuscules.

    Un mot peut aussi être le début du code, ou de son parent (la classe ATC d'un médicament) : ``oc.codes("E11")``,
    ``oc.codes("A10")``. Les codes les plus employés viennent d'abord. Lève ``OpenChronicError`` sans un mot, ou si
    la version n'existe pas.
    """
    asked = query_of(words)
    return shared(pinned(release)).sql(asked)


def query_of(words: str) -> str:
    """Returns the query of ``codes``. Raises OpenChronicError where there is no word."""
    if not words.split():
        raise OpenChronicError(
            "codes needs a word of a label, or the beginning of a code",
            'Donnez un mot d\'un libellé ou le début d\'un code : oc.codes("spirométrie"), oc.codes("E11").',
        )
    each = (
        f"(contains(strip_accents(lower(label)), strip_accents(lower({word}))) "
        f"OR starts_with(code, upper({word})) OR starts_with(parent_code, upper({word})))"
        for word in map(quoted, words.split())
    )
    return (
        f"SELECT {COLUMNS} FROM code WHERE {' AND '.join(each)} "
        "ORDER BY n_events DESC, vocabulary, code"
    )
