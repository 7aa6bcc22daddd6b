"""Errors are in English for operators and in French for analysts."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import openchronic
from openchronic import errors
from openchronic.errors import OpenChronicError, RefusedError, SourceError

SOURCES = Path(openchronic.__file__).parent
# The packages that functions of a session run. (Errors of builds and of command options are for
# operators only.)
MET_BY_SESSIONS = (
    "api",
    "cohort",
    "dictionary",
    "lineage",
    "meds",
    "releases",
    "restricted",
    "sequences",
)
OF_CALLS = {"releases/choosing.py"}
KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, OpenChronicError)
}
# Letters and words that English does not have.
FRENCH = re.compile(
    r"[éèêàâçùûôîïœÉÈÀ«»]|\b(?:la|le|les|une|des|pas de|aucune?|n'est|n'a|d'une|votre|et|est|dans|Tables :)\b"
)


def raised() -> Iterator[tuple[str, list[ast.expr]]]:
    """Yields each error that those packages raise: its place and its arguments."""
    for room in MET_BY_SESSIONS:
        for path in sorted((SOURCES / room).rglob("*.py")):
            if str(path.relative_to(SOURCES)) in OF_CALLS:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in KINDS:
                    yield f"{path.relative_to(SOURCES)}:{node.lineno}", node.args


def text(expression: ast.expr) -> str:
    """Returns the words of a message, without inserted values."""
    return " ".join(
        one.value
        for one in ast.walk(expression)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    )


def test_what_a_session_can_meet_is_told_in_both_languages() -> None:
    found = list(raised())
    assert len(found) > 30
    assert [place for place, said in found if len(said) != 2] == []


def test_the_first_text_is_english() -> None:
    wrong = [place for place, said in raised() if FRENCH.search(text(said[0]))]
    assert wrong == []


def test_an_error_shows_its_french_and_keeps_its_english() -> None:
    both = RefusedError("closed", "fermé")
    assert (str(both), both.english, both.french) == ("fermé", "closed", "fermé")
    alone = SourceError("cut")
    assert (str(alone), alone.english) == ("cut", "cut")


@pytest.mark.parametrize("problem", [RefusedError("closed", "fermé"), SourceError("cut")])
def test_an_error_crosses_processes_whole(problem: OpenChronicError) -> None:
    """A worker of Dask sends it back."""
    for again in (pickle.loads(pickle.dumps(problem)), copy.copy(problem)):  # noqa: S301
        assert type(again) is type(problem)
        assert (again.english, str(again)) == (problem.english, str(problem))
