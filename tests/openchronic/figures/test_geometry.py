"""The drawings add up: flows conserve, bands and nodes do not overlap, angles fill the circle."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from openchronic.figures.sankey_layout import GAP, WIDTH, Layout, flows_of, laid_out
from openchronic.figures.sunburst_layout import sectors_of
from openchronic.figures.tree import Tree, protected, tree_of

SHARES = st.dictionaries(
    st.lists(st.sampled_from("ABCDE"), max_size=4).map("-".join), st.integers(1, 900), min_size=1
)
NEAR = 1e-6


def drawn(shares: dict[str, int]) -> Tree:
    rows = [(path, n, n) for path, n in shares.items()]
    return protected(tree_of(rows, subjects=sum(shares.values()), steps=4), least_share=0.01)


def layout_of(tree: Tree) -> Layout:
    return laid_out(
        flows_of(tree),
        columns=[300.0 * step for step in range(4)],
        scale=300 / tree.root.n_periods,
    )


@given(SHARES)
def test_what_comes_into_a_treatment_leaves_it_or_ends_there(shares: dict[str, int]) -> None:
    tree = drawn(shares)
    flows = flows_of(tree)
    if flows:
        assert sum(one.n_periods for one in flows if one.step == 1) == tree.root.n_periods
    for step in range(2, 5):
        for source in {one.source for one in flows if one.step == step}:
            came = sum(
                one.n_periods for one in flows if (one.step, one.target) == (step - 1, source)
            )
            left = sum(one.n_periods for one in flows if (one.step, one.source) == (step, source))
            assert left <= came
            assert came - left == 0 or came - left >= 11


@given(SHARES)
def test_nodes_of_a_step_do_not_overlap_and_have_the_height_of_their_number(
    shares: dict[str, int],
) -> None:
    tree = drawn(shares)
    layout = layout_of(tree)
    scale = 300 / tree.root.n_periods
    for node in layout.nodes:
        assert abs(node.height - node.n_periods * scale) < NEAR
        assert node.y >= -NEAR
        assert node.y + node.height <= layout.height + NEAR
    for one in layout.nodes:
        for other in layout.nodes:
            if one is not other and one.step == other.step:
                apart = one.y + one.height + GAP <= other.y + NEAR
                assert apart or other.y + other.height + GAP <= one.y + NEAR


@given(SHARES)
def test_bands_stay_within_their_nodes_and_apart(shares: dict[str, int]) -> None:
    layout = layout_of(drawn(shares))
    nodes = {(one.step, one.label): one for one in layout.nodes}
    for of_source in (True, False):
        taken: dict[tuple[int, str], list[tuple[float, float]]] = {}
        for link in layout.links:
            flow = link.flow
            key = (flow.step - 1, flow.source) if of_source else (flow.step, flow.target)
            top = link.start if of_source else link.end
            node = nodes[key]
            assert abs((link.x_start - WIDTH if of_source else link.x_end) - node.x) < NEAR
            assert node.y - NEAR <= top
            assert top + link.height <= node.y + node.height + NEAR
            taken.setdefault(key, []).append((top, top + link.height))
        for bands in taken.values():
            bands.sort()
            assert all(before[1] <= after[0] + NEAR for before, after in pairwise(bands))


@given(SHARES)
def test_angles_are_shares_of_the_circle_within_those_of_the_step_before(
    shares: dict[str, int],
) -> None:
    tree = drawn(shares)
    sectors = sectors_of(tree)
    by_path = {one.path: one for one in sectors}
    total = tree.root.n_periods
    assert [one.number for one in sectors] == list(range(1, len(sectors) + 1))
    for one in sectors:
        assert abs((one.end - one.start) - one.branch.n_periods / total * math.tau) < NEAR
        if one.ring > 1:
            within = by_path[one.path[:-1]]
            assert within.start - NEAR <= one.start
            assert one.end <= within.end + NEAR
            assert abs(one.inner - within.outer) < NEAR
    for ring in range(1, 5):
        here = sorted((one.start, one.end) for one in sectors if one.ring == ring)
        assert all(a[1] <= b[0] + NEAR for a, b in pairwise(here))
    first = [one.end - one.start for one in sectors if one.ring == 1]
    assert not first or abs(sum(first) - math.tau) < NEAR
