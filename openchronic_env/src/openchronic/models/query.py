"""Writes the query of a model, as an engine runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from openchronic.models.model import Model
from openchronic.models.text import sql

OTHER = "= "
JUDGED = "{removed_by}"


def query_of(model: Model, *, judge: str, words: Mapping[str, str] | None = None) -> str:
    """Returns SQL: the text of ``model``, after its parts as common table expressions.

    ``judge``: SQL that names the filter which removes a row, if the model has filters. ``words``: those of an
    instance of its scope, in addition to those of the model.
    """
    words = {**model.words, **(words or {})}
    text = sql(model.file)
    parts = {name: _rows(what) for name, what in model.parts.items()}
    if JUDGED in text:
        words["removed_by"] = judge
    query = with_parts(
        written_in(text, words), {n: written_in(one, words) for n, one in parts.items()}
    )
    if model.filters and JUDGED not in text:
        return judged(query, judge)
    return query


def judged(query: str, judge: str) -> str:
    """Returns SQL: the rows of ``query``, each with the result of ``judge``: the filter that removes it, if any."""
    return f"SELECT *, {judge} AS removed_by FROM (\n{query})"


def rows_of(model: Model) -> str:
    """Returns SQL: the rows of ``model`` that its filters judge; those of its last part where its own text has
    the filters."""
    if JUDGED not in sql(model.file):
        return query_of(replace(model, filters=""), judge="")
    parts = {name: written_in(_rows(what), model.words) for name, what in model.parts.items()}
    return with_parts(f"SELECT * FROM {list(parts)[-1]}\n", parts)


def with_parts(text: str, parts: Mapping[str, str]) -> str:
    """Returns SQL: ``text`` after the queries that it reads under the names of ``parts``."""
    if not parts:
        return text
    named = ",\n".join(f"{name} AS (\n{query.rstrip()}\n)" for name, query in parts.items())
    lines = text.splitlines(keepends=True)
    begin = next(n for n, line in enumerate(lines) if line.strip() and not line.startswith("--"))
    head, body = "".join(lines[:begin]), "".join(lines[begin:])
    if body.startswith("WITH "):
        return f"{head}WITH {named},\n{body.removeprefix('WITH ')}"
    return f"{head}WITH {named}\n{body}"


def _rows(what: str) -> str:
    if what.startswith(OTHER):
        return f"SELECT * FROM {what.removeprefix(OTHER)}"
    return sql(what)


def written_in(text: str, words: Mapping[str, str]) -> str:
    """Returns ``text`` with the values of all ``{word}`` filled in."""
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text
