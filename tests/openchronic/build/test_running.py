"""The digest of a part of a build depends on its text, its parameters and all tables that it reads."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from openchronic.build import running
from openchronic.build.context import Context
from openchronic.build.instances import Instance
from openchronic.build.running import Run
from openchronic.models.delivery import every_table
from openchronic.models.filters.filter import Filter, load_filters
from openchronic.models.graph import Graph, graph_of
from openchronic.models.model import Model, Source
from openchronic.models.query import query_of


def digests(graph: Graph, filters: tuple[Filter, ...] = load_filters()) -> dict[str, str]:
    """Returns the digest of every name, for a delivery without a file."""
    settings = SimpleNamespace(filters=filters)
    context = cast(Context, SimpleNamespace(settings=settings, readings={}))
    run = Run(context, graph, {})
    for stage in graph.stages:
        for node in stage.nodes:
            running._digest(run, node, Instance("all"))
    return run.digests


@pytest.fixture(scope="module")
def graph() -> Graph:
    return graph_of(every_table())


def changed(one: dict[str, str], other: dict[str, str]) -> set[str]:
    return {name for name in one if one[name] != other[name]}


def test_the_same_graph_has_the_same_digests(graph: Graph) -> None:
    assert digests(graph) == digests(graph_of(every_table()))


def test_a_text_that_changes_makes_all_that_rests_on_it_again(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digests(graph)

    def other(model: Model, **how: object) -> str:
        text = query_of(model, **how)  # type: ignore[arg-type]
        return f"{text} -- mended" if model.name == "valuation" else text

    monkeypatch.setattr("openchronic.build.running.query_of", other)
    found = changed(before, digests(graph))
    assert {"valuation", "stay_judged", "mco_stay", "all_stay", "stay", "event"} <= found
    assert not {"claim", "drug_line", "pair", "ssr_record_judged"} & found


def test_a_filter_that_is_switched_makes_again_what_it_judges_and_no_other(graph: Graph) -> None:
    filters = tuple(
        replace(one, on=not one.on) if one.name == "drug.fictive_number" else one
        for one in load_filters()
    )
    found = changed(digests(graph), digests(graph, filters))
    assert {"drug_line", "claim_line", "claim_event", "event"} <= found
    assert not {"claim", "procedure_line", "cost_line", "stay"} & found


def test_a_source_is_what_its_files_are() -> None:
    source = Source("ER_PRS_F")
    assert (
        Instance("none", months=()).files(cast(Context, SimpleNamespace(readings={})), source) == []
    )
