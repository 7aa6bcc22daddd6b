"""Runs the graph of a build in the workspace: on one person's rows, all years and buckets together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from openchronic.build.figures import Counted
from openchronic.build.instances import Instance
from openchronic.build.known import KNOWN
from openchronic.build.showing import in_shape, show_source
from openchronic.build.typed import no_row
from openchronic.lineage.desk import Desk
from openchronic.models.filters.filter import removed_by
from openchronic.models.graph import graph_of
from openchronic.models.model import Given, Model, Node, Source
from openchronic.models.query import query_of

# The tables whose union is ``event``: an event comes from one of them, and the others are empty.
UNION = ("claim_event", "hospital_event", "other_event")
# Models of one year are made from the rows of all years.
EVERY_YEAR = {"year": "coalesce(file_year, 0)"}


def make_event(desk: Desk, of: str, *, through: Iterable[str] = ()) -> None:
    """Makes ``event`` from the tables that it needs ``through`` the given nodes: ``of`` is one of ``UNION``."""
    make(desk, [of], through=through)
    shape = f"SELECT * FROM {of}" if of == "claim_event" else f"SELECT *, TRUE AS is_kept FROM {of}"
    for other in UNION:
        if other != of:
            desk.view(other, f"{shape} WHERE FALSE")
    make(desk, ["event"])


def make(desk: Desk, names: Iterable[str], *, through: Iterable[str] = ()) -> None:
    """Makes the tables that ``names`` need and that do not exist. A delivered table that was not loaded is empty."""
    graph = graph_of(desk.delivery)
    unions: defaultdict[str, list[str]] = defaultdict(list)
    for node in graph.needed(names, through=through, there=desk.there):
        if isinstance(node, Source):
            desk.view(node.name, no_row(node.table))
        elif isinstance(node, Given):
            load(desk, node)
        elif isinstance(node, Model):
            _make_model(desk, node, unions)


def make_stage(desk: Desk, nodes: Iterable[Node]) -> None:
    """Makes all ``nodes`` from whole delivered tables."""
    for node in nodes:
        if isinstance(node, Source):
            show_source(desk.context, node, Instance("all"), Counted())
            desk.there.add(node.name)
        elif isinstance(node, Given):
            load(desk, node)
        elif isinstance(node, Model):
            if node.made == "view":
                desk.view(node.name, _query(desk, node))
            else:
                desk.engine.table(node.name, _query(desk, node))
                desk.there.add(node.name)


def load(desk: Desk, given: Given) -> None:
    """Loads rows into a reference table."""
    rows = given.rows() if given.rows else KNOWN[given.name](desk.context, Counted())
    desk.engine.load(given.name, given.columns, rows)
    desk.there.add(given.name)


def _make_model(desk: Desk, model: Model, unions: defaultdict[str, list[str]]) -> None:
    query = _query(desk, model)
    if moves := not desk.moving.isdisjoint(model.reads):
        desk.moving.add(model.name)
    rows = query
    if model.made != "passed":
        (desk.view if moves else desk.fix)(model.name, query)
        rows = f"SELECT * FROM {model.name}"
    union = model.adds or model.by_bucket
    if union:
        if moves:
            desk.moving.add(union)
        kept = bool(model.filters) and not model.adds_removed
        but = (*model.but, *(("removed_by",) if kept else ()))
        columns = desk.engine.all_except(*but) if but else "*"
        where = " WHERE removed_by IS NULL" if kept else ""
        unions[union].append(f"SELECT {columns} FROM ({rows}){where}")
        desk.view(union, " UNION ALL BY NAME ".join(unions[union]))


def _query(desk: Desk, model: Model) -> str:
    judge = removed_by(desk.settings.filters, model.filters)
    query = query_of(model, judge=judge, words=EVERY_YEAR)
    return in_shape(desk.engine, model.shape, query) if model.shape else query
