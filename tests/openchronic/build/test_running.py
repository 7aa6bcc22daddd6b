"""The digest of a part of a build depends on its text, its parameters and all tables that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from openchronic.build import running
from openchronic.build.checkpoint import Finished
from openchronic.build.context import Context
from openchronic.build.digests import digest_of_node
from openchronic.build.figures import Counted
from openchronic.build.instances import Instance
from openchronic.build.known import KNOWN
from openchronic.build.run import Known, Run
from openchronic.models.delivery import every_table
from openchronic.models.filters.filter import Filter, load_filters
from openchronic.models.graph import Graph, graph_of, names_of
from openchronic.models.model import Given, Model, Source, Stage
from openchronic.models.query import query_of

Rows = Sequence[Sequence[object]]
# The rows that only the run knows, by name.
AT_HAND: Mapping[str, Rows] = {
    "secret": [("a key",)],
    "care_window": [(date(2020, 12, 1), date(2021, 12, 31))],
}


def known_as(rows: Mapping[str, Rows]) -> Known:
    def said(name: str, _context: Context, _counted: Counted) -> Rows:
        return rows.get(name, [])

    return {name: partial(said, name) for name in KNOWN}


def digests(
    graph: Graph,
    filters: tuple[Filter, ...] = load_filters(),
    rows: Mapping[str, Rows] = AT_HAND,
) -> dict[str, str]:
    """Returns the digest of every name, for a delivery without a file."""
    settings = SimpleNamespace(filters=filters, takes_over=False)
    context = cast(Context, SimpleNamespace(settings=settings, readings={}, buckets=1))
    run = Run(context, graph, known_as(rows))
    for stage in graph.stages:
        for node in stage.nodes:
            digest_of_node(run, node, Instance("all"))
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

    monkeypatch.setattr("openchronic.build.digests.query_of", other)
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


def resting_on(graph: Graph, name: str) -> set[str]:
    """Returns the names that are made from ``name``, directly or through others."""
    found = {name}
    while True:
        more = {
            made
            for node in graph.nodes()
            if found & set(node.reads) or node.name in found
            for made in names_of(node)
        }
        if more <= found:
            return found
        found |= more


def test_another_key_makes_again_what_reads_it_and_no_other(graph: Graph) -> None:
    found = changed(digests(graph), digests(graph, rows={**AT_HAND, "secret": [("another",)]}))
    assert {"secret", "subject", "claim", "mco_stay", "event"} <= found
    assert found == resting_on(graph, "secret")
    assert not {"pair", "t_ssraab", "valuation", "hospital_number", "care_window"} & found


def test_another_window_of_care_makes_again_what_reads_it_and_no_other(graph: Graph) -> None:
    later = [(date(2020, 12, 1), date(2022, 3, 31))]
    found = changed(digests(graph), digests(graph, rows={**AT_HAND, "care_window": later}))
    assert {"care_window", "observation_period"} <= found
    assert found == resting_on(graph, "care_window")
    assert not {"subject", "claim", "mco_stay", "hospital_event", "event"} & found


def test_a_finished_part_is_made_again_for_another_key_or_window_that_it_reads(
    tmp_path: Path,
) -> None:
    """The run makes two tables, of which each reads one of the two values."""
    made: list[str] = []

    class Engine:
        waits = False

        def settle(self, queries: list[str], *, keeps: bool) -> list[object]:
            assert not keeps
            return [*queries]

        def load(self, name: str, *_what: object) -> None:
            made.append(name)

        def table(self, name: str, _query: str) -> None:
            made.append(name)

        def drop(self, *_names: str) -> None:
            pass

    graph = Graph(
        (
            Stage("window of care", (Given("care_window", {}), Given("secret", {}))),
            Stage(
                "made",
                (
                    Model("windowed", ("care_window",), text="kept", made="table"),
                    Model("keyed", ("secret",), text="kept", made="table"),
                ),
            ),
        )
    )

    def again(rows: Mapping[str, Rows]) -> list[str]:
        made.clear()
        context = SimpleNamespace(
            settings=SimpleNamespace(filters=(), takes_over=False),
            engine=Engine(),
            finished=Finished(tmp_path),
        )
        run = Run(cast(Context, context), graph, known_as(rows))
        for stage in graph.stages:
            for node in stage.nodes:
                running._make_instance(run, replace(stage, nodes=(node,)), Instance("all"))
        return [name for name in made if name in ("windowed", "keyed")]

    assert again(AT_HAND) == ["windowed", "keyed"]
    assert again(AT_HAND) == []
    assert again({**AT_HAND, "secret": [("another",)]}) == ["keyed"]
    assert again({**AT_HAND, "secret": [("another",)], "care_window": []}) == ["windowed"]


def test_a_source_is_what_its_files_are() -> None:
    source = Source("ER_PRS_F")
    assert (
        Instance("none", months=()).files(cast(Context, SimpleNamespace(readings={})), source) == []
    )
