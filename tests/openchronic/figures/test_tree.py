"""The tree that is drawn: it adds up, and tells no number of fewer than eleven persons, nor a difference that does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openchronic.figures.tree import Branch, Tree, protected, tree_of

# Paths of few treatments, so that prefixes meet; counts around the threshold.
PATHS = st.lists(st.sampled_from("ABC"), max_size=4).map("-".join)
SHARES = st.dictionaries(PATHS, st.one_of(st.integers(1, 30), st.integers(200, 900)), min_size=1)


def drawn(shares: dict[str, int], *, steps: int = 4, least_share: float = 0.0) -> Tree:
    tree = tree_of(
        [(path, n, n) for path, n in shares.items()], subjects=sum(shares.values()), steps=steps
    )
    return protected(tree, least_share=least_share)


def told(tree: Tree) -> set[tuple[str, int]]:
    return {
        (" → ".join([*(step.label for step in before), one.label]), one.n_periods)
        for before, one in tree.walk()
    }


@given(SHARES, st.sampled_from([0.0, 0.02, 0.2]))
def test_every_number_is_of_eleven_persons_and_children_add_up(
    shares: dict[str, int], least_share: float
) -> None:
    tree = drawn(shares, least_share=least_share)
    branches: list[Branch] = [tree.root, *(one for _, one in tree.walk())]
    assert tree.root.n_periods == sum(shares.values())
    for one in branches:
        assert one is tree.root or one.n_subjects >= 11
        if one.children:
            assert sum(child.n_periods for child in one.children) == one.n_periods
            # That all do the same is told of many only.
            assert len(one.children) > 1 or one.n_subjects >= 100


@given(SHARES)
def test_what_is_grouped_holds_two_branches_and_no_name(shares: dict[str, int]) -> None:
    tree = drawn(shares)
    for before, one in tree.walk():
        if one.kind != "others":
            continue
        parent = before[-1] if before else tree.root
        path = [step.label for step in before]
        shown = {child.label for child in parent.children if child.kind == "step"}
        following: dict[str, int] = {}
        for whole, n in shares.items():
            steps = whole.split("-") if whole else []
            if steps[: len(path)] == path:
                after = steps[len(path)] if len(steps) > len(path) else ""
                following[after] = following.get(after, 0) + n
        stops = any(child.kind == "stop" for child in parent.children)
        hidden = {
            name: n
            for name, n in following.items()
            if name not in shown and not (name == "" and stops)
        }
        assert len(hidden) >= 2
        assert sum(hidden.values()) == one.n_periods >= 11


@given(SHARES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(shares: dict[str, int], draw: object) -> None:
    backwards = dict(reversed(shares.items()))
    assert drawn(shares) == drawn(backwards)


@given(SHARES)
def test_protecting_twice_changes_nothing(shares: dict[str, int]) -> None:
    once = drawn(shares)
    assert protected(once, least_share=0.0) == once


def test_a_small_branch_takes_the_next_larger_one_with_it() -> None:
    assert told(drawn({"A": 100, "B": 40, "C": 3})) == {("A", 100), ("Autres suites", 43)}


def test_the_rest_of_a_parent_is_not_told_by_what_is_beside_it() -> None:
    """Of 100, 95 go on and 5 stop: 95 would tell the 5."""
    assert told(drawn({"A": 5, "A-B": 95, "C": 60})) == {("A", 100), ("C", 60)}


def test_few_without_treatment_are_grouped_with_others() -> None:
    assert told(drawn({"A": 100, "B": 20, "": 4})) == {
        ("A", 100),
        ("Autres ou aucun traitement", 24),
    }
    assert told(drawn({"A-B": 100, "A-C": 20, "A": 4, "D": 50})) == {
        *(("A", 124), ("A → B", 100), ("A → Autres suites ou fin", 24), ("D", 50)),
    }


def test_nothing_is_told_of_ten_persons() -> None:
    assert told(drawn({"A": 10})) == set()


def test_that_all_do_the_same_is_told_of_a_hundred_persons_at_least() -> None:
    assert told(drawn({"A": 99})) == set()
    assert told(drawn({"A": 100})) == {("A", 100)}
    assert told(drawn({"A-B": 60, "C": 60})) == {("A", 60), ("C", 60)}
    assert told(drawn({"A-B": 160, "C": 60})) == {("A", 160), ("A → B", 160), ("C", 60)}


def test_ends_of_paths_are_told_where_some_go_on() -> None:
    assert told(drawn({"A": 30, "A-B": 20, "": 15})) == {
        *(("A", 50), ("A → B", 20), ("A → Fin du parcours", 30), ("Aucun traitement", 15)),
    }


def test_what_is_after_the_last_step_is_not_told_apart() -> None:
    assert told(drawn({"A-B-C": 30, "A-B": 20, "D": 60}, steps=1)) == {("A", 50), ("D", 60)}


def test_thin_branches_are_grouped_only_with_others() -> None:
    assert told(drawn({"A": 9800, "B": 20}, least_share=0.01)) == {("A", 9800), ("B", 20)}
    assert told(drawn({"A": 9800, "B": 20, "C": 30}, least_share=0.01)) == {
        ("A", 9800),
        ("Autres suites", 50),
    }


def test_periods_of_few_persons_are_small_however_many_they_are() -> None:
    """Twelve persons with ten periods each: three paths, of which one is of two persons."""
    tree = tree_of([("A", 70, 12), ("B", 30, 11), ("C", 20, 2)], subjects=12, steps=3)
    assert tree.several
    assert told(protected(tree, least_share=0.0)) == {("A", 70), ("Autres suites", 50)}
