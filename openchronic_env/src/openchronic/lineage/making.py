"""Runs the graph of a build in the workspace: on one person's rows, all years and buckets together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from openchronic.build.figures import Counted
from openchronic.build.instances import Instance
from openchronic.build.known import KNOWN
from openchronic.build.showing import in_shape, show_source
from openchronic.build.typed import no_row
from openchronic.lineage.workspace import Workspace
from openchronic.models.filters.filter import removed_by
from openchronic.models.graph import graph_of
from openchronic.models.model import Given, Model, Node, Source
from openchronic.models.query import query_of

# The tables whose union is ``event``: an event comes from one of them, and the others are empty.
UNION = ("claim_event", "hospital_event", "other_event")
# Models of one year are made from the rows of all years.
EVERY_YEAR = {"year": "coalesce(file_year, 0)"}


def make_event(workspace: Workspace, of: str, *, through: Iterable[str] = ()) -> None:
    """Makes ``event`` from the tables that it needs ``through`` the given nodes: ``of`` is one of ``UNION``."""
    make(workspace, [of], through=through)
    shape = f"SELECT * FROM {of}" if of == "claim_event" else f"SELECT *, TRUE AS is_kept FROM {of}"
    for other in UNION:
        if other != of:
            workspace.view(other, f"{shape} WHERE FALSE")
    make(workspace, ["event"])


def make(workspace: Workspace, names: Iterable[str], *, through: Iterable[str] = ()) -> None:
    """Makes the tables that ``names`` need and that do not exist. A delivered table that was not loaded is empty."""
    graph = graph_of(workspace.delivery)
    unions: defaultdict[str, list[str]] = defaultdict(list)
    for node in graph.needed(names, through=through, there=workspace.there):
        if isinstance(node, Source):
            workspace.view(node.name, no_row(node.table))
        elif isinstance(node, Given):
            load(workspace, node)
        elif isinstance(node, Model):
            _make_model(workspace, node, unions)


def make_stage(workspace: Workspace, nodes: Iterable[Node]) -> None:
    """Makes all ``nodes`` from whole delivered tables."""
    for node in nodes:
        if isinstance(node, Source):
            show_source(workspace.context, node, Instance("all"), Counted())
            workspace.there.add(node.name)
        elif isinstance(node, Given):
            load(workspace, node)
        elif isinstance(node, Model):
            if node.made == "view":
                workspace.view(node.name, _query(workspace, node))
            else:
                workspace.engine.table(node.name, _query(workspace, node))
                workspace.there.add(node.name)


def load(workspace: Workspace, given: Given) -> None:
    """Loads rows into a reference table."""
    rows = given.rows() if given.rows else KNOWN[given.name](workspace.context, Counted())
    workspace.engine.load(given.name, given.columns, rows)
    workspace.there.add(given.name)


def _make_model(workspace: Workspace, model: Model, unions: defaultdict[str, list[str]]) -> None:
    query = _query(workspace, model)
    if moves := not workspace.moving.isdisjoint(model.reads):
        workspace.moving.add(model.name)
    rows = query
    if model.made != "passed":
        (workspace.view if moves else workspace.fix)(model.name, query)
        rows = f"SELECT * FROM {model.name}"
    union = model.adds or model.by_bucket
    if union:
        if moves:
            workspace.moving.add(union)
        kept = bool(model.filters) and not model.adds_removed
        but = (*model.but, *(("removed_by",) if kept else ()))
        columns = workspace.engine.all_except(*but) if but else "*"
        where = " WHERE removed_by IS NULL" if kept else ""
        unions[union].append(f"SELECT {columns} FROM ({rows}){where}")
        workspace.view(union, " UNION ALL BY NAME ".join(unions[union]))


def _query(workspace: Workspace, model: Model) -> str:
    judge = removed_by(workspace.settings.filters, model.filters)
    query = query_of(model, judge=judge, words=EVERY_YEAR)
    return in_shape(workspace.engine, model.shape, query) if model.shape else query
