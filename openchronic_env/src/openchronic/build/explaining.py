"""Writes the graph, and the SQL of a model as either engine runs it, for auditors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from openchronic.engines.specs import DUCKDB, SPARK, functions
from openchronic.errors import SettingsError
from openchronic.ingest.judging import judge
from openchronic.models.delivery import Delivery, every_table
from openchronic.models.filters.filter import Filter, removed_by
from openchronic.models.graph import Graph, graph_of
from openchronic.models.model import ForeignKey, Given, Model, Node, Released, Source
from openchronic.models.query import query_of, rows_of

DECLARED = {"duckdb": DUCKDB, "spark": SPARK}
NAME = re.compile(r"(?:MACRO|FUNCTION) (\w+)\(")


def judged() -> Mapping[str, str]:
    """Returns the queries whose rows the filters of a step judge, by step."""
    return {
        node.filters: rows_of(node)
        for node in graph_of(every_table()).nodes()
        if isinstance(node, Model) and node.filters
    }


def explain(name: str, *, engine: str, filters: Iterable[Filter]) -> str:
    """Returns the statements of a model: the tables that it reads, the functions that it uses, its query with
    the filters.

    ``name``: that of a model, of the step of its filters, or of its text. Raises SettingsError where there is
    no such model.
    """
    graph = graph_of(every_table())
    model = _model(graph, name)
    query = query_of(model, judge=removed_by(filters, model.filters))
    used = [f"{one};" for one in _used(query, functions(DECLARED[engine]))]
    stage = graph.stage_of(model)
    reads = "".join(f"\n--   {one}: {_origin(graph, one)}" for one in model.reads)
    return "\n".join(
        [
            f"-- {model.name} ({stage.name}, {_scope(stage.scope)}), as {engine} runs it",
            f"-- reads:{reads}",
            *used,
            f"{query.strip()};",
        ]
    )


def drawn(source: Path | None = None) -> str:
    """Returns the graph as text: its stages in order, and what each model reads, adds to and writes.

    ``source``: a delivery; without one, all tables that a build reads. Raises as ``judge``.
    """
    here = Delivery(frozenset(judge(source).reads().tables)) if source else every_table()
    graph = graph_of(here)
    lines: list[str] = []
    for stage in graph.stages:
        lines += ["", f"{stage.name} ({_scope(stage.scope)})"]
        lines += (f"  {_line(node)}" for node in stage.nodes)
    return "\n".join(lines[1:])


def _model(graph: Graph, name: str) -> Model:
    models = [node for node in graph.nodes() if isinstance(node, Model)]
    for named in (
        [one for one in models if one.name == name],
        [one for one in models if one.filters == name],
        [one for one in models if one.file == name],
    ):
        if named:
            return named[0]
    names = sorted({one.name for one in models})
    close = get_close_matches(name, names, n=3)
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    raise SettingsError(f"--explain {name}: no such model{hint} There are {', '.join(names)}")


def _origin(graph: Graph, name: str) -> str:
    """Returns a description of what makes ``name``."""
    makers = graph.makers[name]
    first = makers[0]
    if isinstance(first, Source):
        return "delivered"
    if isinstance(first, Released):
        return "written by this build"
    if isinstance(first, Given):
        return "a nomenclature" if first.rows else "known to the run"
    if first.name == name:
        return f"model of {graph.stage_of(first).name}"
    return "rows of " + ", ".join(one.name for one in makers)


def _scope(scope: str) -> str:
    return {"whole": "once", "months": "by months", "buckets": "by bucket"}.get(scope, "by year")


def _line(node: Node) -> str:
    if isinstance(node, Source):
        return f"{node.name} = {node.table} as delivered"
    if isinstance(node, Given):
        return f"{node.name} = {'nomenclature' if node.rows else 'known to the run'}"
    if isinstance(node, Released):
        return f"{node.name} = table {node.table} of the release"
    if isinstance(node, ForeignKey):
        return f"foreign key of {node.table} to {node.to}: orphans are counted"
    parts = [f"{node.name} <- {', '.join(node.reads)}"]
    if node.filters:
        parts.append(f"judged by {node.filters}")
    if node.adds or node.by_bucket:
        parts.append(f"-> {node.adds or node.by_bucket}{' by bucket' if node.by_bucket else ''}")
    if node.writes:
        parts.append(f"=> table {node.writes.table}")
    return "  ".join(parts)


def _used(query: str, declared: Iterable[str]) -> Iterator[str]:
    """Yields the functions that the query calls, and those that these call, in order of declaration."""
    known = [(found[1], one) for one in declared if (found := NAME.search(one))]
    called: set[str] = set()
    texts = [query]
    while texts:
        text = texts.pop()
        for name, one in known:
            if name not in called and re.search(rf"\b{name}\(", text):
                called.add(name)
                texts.append(one)
    return (one for name, one in known if name in called)
