"""The query of a model, as an engine runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from openchronic.models.model import Model
from openchronic.models.text import sql

OTHER = "= "
JUDGED = "{removed_by}"


def query_of(model: Model, *, judge: str, words: Mapping[str, str] | None = None) -> str:
    """SQL: ``model``, its parts as common table expressions before it.

    ``judge``: SQL that says which of its filters removes a row, if it has some. ``words``: those that an instance
    of its scope has besides its own.
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
    """SQL: the rows of ``query``, each with what ``judge`` says of it: which filter removes it, if any."""
    return f"SELECT *, {judge} AS removed_by FROM (\n{query})"


def rows_of(model: Model) -> str:
    """SQL: the rows of ``model`` that its filters judge. Where its text says itself what they remove, of its last part."""
    if JUDGED not in sql(model.file):
        return query_of(replace(model, filters=""), judge="")
    parts = {name: _rows(what) for name, what in model.parts.items()}
    return with_parts(f"SELECT * FROM {list(parts)[-1]}\n", parts)


def with_parts(text: str, parts: Mapping[str, str]) -> str:
    """SQL: ``text`` after the queries that it reads under the names of ``parts``."""
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
    """``text`` with a value for each ``{word}``."""
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text
