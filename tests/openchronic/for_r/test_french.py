"""Errors that R shows: in French, with DuckDB's hint, the place in the query, and the functions' names in R."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openchronic.api import pinning
from openchronic.for_r import Connection, told
from tests.openchronic.for_r.stream import taken


@pytest.fixture
def r(plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    connection = Connection()
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT * FROM evnt", ["table « evnt » n’existe pas", "Vouliez-vous dire « event »"]),
        ("SELECT * FROM zzzzzzzz", ["table « zzzzzzzz » n’existe pas"]),
        ("SELECT subject FROM event", ["colonne « subject » n’existe pas", '"subject_id"']),
        ("SELECT p.subject FROM patient p", ["colonne « subject » n’existe pas"]),
        ("SELEC 1", ["n’est pas comprise, près de « SELEC »", "LINE 1: SELEC 1", "^"]),
        ("SELECT (1", ["n’est pas comprise"]),
        ("SELECT foo(1)", ["pas de fonction « foo »", "floor"]),
        ("SELECT 'a'::INTEGER", ["ne se convertit pas", "Could not convert string 'a'"]),
        ("SELECT sum(sex) FROM patient", ["n’exécute pas cette requête", "sum(VARCHAR)"]),
    ],
)
def test_a_wrong_query_is_explained(r: Connection, statement: str, words: list[str]) -> None:
    with pytest.raises(Exception) as caught:
        taken(r.query(statement))
    text = told(caught.value).replace("\u00a0", " ").replace("\u202f", " ")
    assert [word for word in words if word not in text] == []
    assert "pg_" not in text
    assert "Traceback" not in text


def test_functions_have_the_names_of_r(r: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception, match="nulle") as caught:
        Connection("nulle")
    assert "oc." not in told(caught.value)
    text = told(
        type(caught.value)("english", 'Appelez oc.source("T", oc.release("b")), sans sample.')
    )
    assert text == 'Appelez oc_source("T", oc_release("b")), sans sample.'


def test_memory_disk_and_interruptions_have_their_words() -> None:
    assert "mémoire de la session" in told(MemoryError())
    assert "disque est plein" in told(OSError(28, "No space left on device"))
    assert "interrompue" in told(KeyboardInterrupt())
    assert "ValueError" in told(ValueError("x"))
