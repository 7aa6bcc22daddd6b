"""Tests of the drawing of a build in the dictionary, and of the list beside it."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from openchronic.dictionary.graph_layout import HEIGHT, Band, Box, arrows, bands, size
from openchronic.dictionary.graph_page import of_graph, stage_labels
from openchronic.dictionary.page import page
from openchronic.models.delivery import Delivery, every_table
from openchronic.models.graph import Graph, graph_of
from openchronic.models.model import Model

DELIVERIES = {
    "all": every_table(),
    "persons and claims alone": Delivery(frozenset({"IR_BEN_R", "ER_PRS_F"})),
    "DCIRS": Delivery(frozenset({"IR_BEN_R", "NS_PRS_F", "NS_PHA_F", "T_MCOaaB", "T_MCOaaC"})),
}


@pytest.fixture(params=DELIVERIES)
def graph(request: pytest.FixtureRequest) -> Graph:
    return graph_of(DELIVERIES[request.param])


def drawing(graph: Graph) -> ElementTree.Element:
    (svg,) = re.findall(r"<div class=\"drawing\".*?>(<svg.*?</svg>)</div>", of_graph(graph), re.S)
    return ElementTree.fromstring(svg)


def boxes(drawn: tuple[Band, ...]) -> dict[str, Box]:
    return {box.name: box for band in drawn for box in band.boxes}


def test_every_model_is_a_box_and_an_entry_of_the_list(graph: Graph) -> None:
    svg = drawing(graph)
    there = {one.get("id") for one in svg.iter("g")} | {one.text for one in svg.iter("text")}
    linked = set(re.findall(r'<li><a href="#g-(\w+)">', of_graph(graph)))
    for node in graph.nodes():
        assert {f"g-{node.name}", node.name} <= there, node.name
        assert node.name in linked
    assert linked == set(boxes(bands(graph)))


def test_every_arrow_is_drawn_from_what_is_read_to_what_reads_it(graph: Graph) -> None:
    said = {
        (one.get("data-from"), one.get("data-to")): one.get("d") or ""
        for one in drawing(graph).iter("path")
        if one.get("data-from")
    }
    read = {(name, node.name) for node in graph.nodes() for name in node.reads}
    given = {
        (node.name, name)
        for node in graph.nodes()
        if isinstance(node, Model)
        for name in (node.adds, node.by_bucket)
        if name
    }
    assert set(said) == read | given == set(arrows(graph))
    at = boxes(bands(graph))
    for (start, end), path in said.items():
        first, *_, last = re.findall(r"(-?\d+) (-?\d+)", path)
        one, other = at[str(start)], at[str(end)]
        assert first == (f"{one.x + one.width:.0f}", f"{one.middle:.0f}")
        assert last == (f"{other.x:.0f}", f"{other.middle:.0f}")


def test_no_two_boxes_overlap_and_all_lie_within_the_drawing(graph: Graph) -> None:
    drawn = bands(graph)
    every = list(boxes(drawn).values())
    for one, other in combinations(every, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or abs(one.y - other.y) >= HEIGHT, (one.name, other.name)
    width, height = size(drawn)
    assert all(one.x >= 0 and one.x + one.width <= width for one in every)
    assert all(one.y >= 0 and one.y + HEIGHT <= height for one in every)


def test_stages_stand_in_their_order_and_within_one_arrows_lead_to_the_right(graph: Graph) -> None:
    drawn = bands(graph)
    assert [band.stage for band in drawn] == list(graph.stages)
    for band, after in pairwise(drawn):
        assert band.y < min(box.y for box in band.boxes)
        assert max(box.y for box in band.boxes) + HEIGHT < after.y
        here = {box.name: box for box in band.boxes}
        for start, end in arrows(graph):
            if start in here and end in here:
                assert here[start].x + here[start].width < here[end].x, (start, end)


def test_every_stage_has_a_name_in_french() -> None:
    stages = {stage.name for one in DELIVERIES.values() for stage in graph_of(one).stages}
    assert stages <= set(stage_labels())
    assert len(set(stage_labels().values())) == len(stage_labels())


def test_the_drawing_says_what_it_is_and_scrolls_in_a_box_that_keys_reach(graph: Graph) -> None:
    svg = drawing(graph)
    assert svg.get("role") == "img"
    said = {one.get("id"): one.text for one in svg if one.tag in ("title", "desc")}
    assert all(said[name] for name in (svg.get("aria-labelledby") or "").split())
    assert 'role="region" tabindex="0" aria-label="' in of_graph(graph)
    style = page().partition("</style>")[0]
    assert re.search(r"\.drawing \{[^}]*overflow: auto; max-height:", style)


def test_a_page_has_each_id_once_and_links_to_those_that_are_there() -> None:
    text = page()
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {one for one in re.findall(r'href="#([^"]+)"', text) if one[:2] in ("g-", "r-")} <= set(
        ids
    )
