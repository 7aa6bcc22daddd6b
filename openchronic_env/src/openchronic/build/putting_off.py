"""Says, for an engine to which each query costs more than rows, what of a step is computed where it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from openchronic.models.graph import Graph
from openchronic.models.model import Model, Node
from openchronic.models.query import query_of


def is_read_once(graph: Graph, model: Model) -> bool:
    """Returns whether one query alone reads ``model``, once: it can be a view."""
    if model.counts or model.filters or model.adds or model.by_bucket or model.writes:
        return False
    readers = _readers(graph.nodes(), model.name)
    if len(readers) != 1:
        return False
    (reader,) = readers
    if not isinstance(reader, Model):
        return False
    if reader.made == "view" and not is_read_once(graph, reader):
        return False
    names = [name for name, what in reader.parts.items() if what == f"= {model.name}"]
    text = query_of(reader, judge="")
    return all(
        len(re.findall(rf"(?:FROM|JOIN)\s+{one}\b", text)) <= 1 for one in (model.name, *names)
    )


def _readers(nodes: Iterable[Node], name: str) -> list[Node]:
    return [one for one in nodes if name in one.reads]
