"""The tree of the paths of a cohort: each prefix with what follows it, small numbers grouped from the leaves up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from openchronic.figures.threshold import LEAST_ALIKE, LEAST_SUBJECTS, certain
from openchronic.figures.words import held

# step: a set of treatments; stop: nothing after what is before it; others: branches that are told together.
Kind = Literal["step", "stop", "others"]
THEN = "-"
NONE, STOP = "Aucun traitement", "Fin du parcours"
OTHERS, OTHERS_OR_STOP, OTHERS_OR_NONE = (
    "Autres suites",
    "Autres suites ou fin",
    "Autres ou aucun traitement",
)


@dataclass(frozen=True)
class Branch:
    """A prefix of paths. ``children`` add up to it, or there are none: all end here, or nothing more is told.

    ``n_subjects``: how many persons it holds at least.
    """

    label: str
    kind: Kind
    n_periods: int
    n_subjects: int
    children: tuple[Branch, ...] = ()

    @property
    def is_small(self) -> bool:
        return self.n_subjects < LEAST_SUBJECTS


@dataclass(frozen=True)
class Tree:
    """The branches of a cohort. ``several``: a person may have several paths."""

    root: Branch
    several: bool

    def walk(self) -> Iterator[tuple[tuple[Branch, ...], Branch]]:
        """Yields every branch below the root after those that lead to it, the largest first among neighbours."""
        yield from _walk((), self.root)


def tree_of(
    shares: Iterable[tuple[str, int, int]],
    *,
    subjects: int,
    steps: int,
    labels: Mapping[str, str] | None = None,
) -> Tree:
    """Returns the tree of (path, periods, subjects), its first ``steps`` steps. ``subjects``: those of the cohort.

    ``labels``: how a treatment is shown, where not by its name.
    """
    rows = list(shares)
    periods = sum(row[1] for row in rows)
    several = periods > subjects
    found = _Found(labels or {})
    for path, n_periods, n_subjects in rows:
        found.add(path.split(THEN)[:steps] if path else [], n_periods, n_subjects)
    root = found.branch("", several=several, depth=0, steps=steps)
    return Tree(replace(root, n_periods=periods, n_subjects=subjects), several)


def protected(tree: Tree, *, least_share: float) -> Tree:
    """Returns the tree in which every branch holds enough persons, and is no part below ``least_share`` of the cohort.

    What is too small joins « autres » of its parent, with the next larger branch where that is not enough; a parent that
    would have « autres » alone has no children, nor has one of few persons who all do the same. What is told differs from what is not by enough persons, everywhere.
    """
    fewest = least_share * tree.root.n_periods
    root = _protected(tree.root, fewest, several=tree.several, is_root=True)
    return replace(tree, root=replace(root, children=() if root.is_small else root.children))


@dataclass
class _Found:
    """Prefixes while paths are read."""

    labels: Mapping[str, str]
    after: dict[str, _Found] = field(default_factory=dict)
    stops: list[tuple[int, int]] = field(default_factory=list)

    def add(self, path: Sequence[str], n_periods: int, n_subjects: int) -> None:
        if path:
            self.after.setdefault(path[0], _Found(self.labels)).add(path[1:], n_periods, n_subjects)
        else:
            self.stops.append((n_periods, n_subjects))

    def branch(self, label: str, *, several: bool, depth: int, steps: int) -> Branch:
        children = [
            one.branch(name, several=several, depth=depth + 1, steps=steps)
            for name, one in self.after.items()
        ]
        stopped = sum(n for n, _ in self.stops)
        people = certain((n for _, n in self.stops), several=several)
        if stopped:
            children.append(Branch(STOP if depth else NONE, "stop", stopped, people))
        return Branch(
            held(label, self.labels),
            "step",
            sum(one.n_periods for one in children),
            certain((one.n_subjects for one in children), several=several),
            # Where all stop, or at the last step that is told, there is nothing to tell apart.
            _ordered(children) if self.after or not depth else (),
        )


def _protected(branch: Branch, fewest: float, *, several: bool, is_root: bool) -> Branch:
    every = [_protected(one, fewest, several=several, is_root=False) for one in branch.children]
    if len(every) == 1 and branch.n_subjects < LEAST_ALIKE:
        return replace(branch, children=())
    small = [one for one in every if one.is_small]
    minor = [
        one for one in every if not one.is_small and one.kind == "step" and one.n_periods < fewest
    ]
    grouped = small + minor if small or len(minor) > 1 else []
    if not grouped:
        return replace(branch, children=_ordered(every))
    rest = sorted((one for one in every if one not in grouped), key=_from_smallest)

    def people() -> int:
        return certain((one.n_subjects for one in grouped), several=several)

    while rest and (people() < LEAST_SUBJECTS or len(grouped) < 2):
        grouped.append(rest.pop(0))
    if not rest:
        return replace(branch, children=())
    stops = any(one.kind == "stop" for one in grouped)
    label = (OTHERS_OR_NONE if is_root else OTHERS_OR_STOP) if stops else OTHERS
    others = Branch(label, "others", sum(one.n_periods for one in grouped), people())
    return replace(branch, children=_ordered([*rest, others]))


def _ordered(branches: Iterable[Branch]) -> tuple[Branch, ...]:
    """Returns the largest first; what is no step comes last."""
    return tuple(
        sorted(branches, key=lambda one: (one.kind != "step", -one.n_periods, one.kind, one.label))
    )


def _from_smallest(branch: Branch) -> tuple[int, str, str]:
    return branch.n_periods, branch.kind, branch.label


def _walk(
    before: tuple[Branch, ...], branch: Branch
) -> Iterator[tuple[tuple[Branch, ...], Branch]]:
    for child in branch.children:
        yield before, child
        yield from _walk((*before, child), child)
