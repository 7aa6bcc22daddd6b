"""Places the steps of a cohort on rings: the first one inside, each angle a share of the periods."""

from __future__ import annotations

import math
from dataclasses import dataclass

from openchronic.figures.tree import Branch, Tree

INNER, RING = 64.0, 62.0


@dataclass(frozen=True)
class Sector:
    """A step after those before it. Angles in radians, from the top, clockwise; ``number`` is its own in the key."""

    number: int
    ring: int
    path: tuple[str, ...]
    branch: Branch
    start: float
    end: float

    @property
    def inner(self) -> float:
        return INNER + (self.ring - 1) * RING

    @property
    def outer(self) -> float:
        return self.inner + RING


def sectors_of(tree: Tree) -> list[Sector]:
    """Returns the sectors, each after the one that it follows. Ends of paths are not drawn, but for who has no step."""
    found: list[Sector] = []
    _place(tree.root, tree.root.n_periods, 0.0, (), found)
    return found


def _place(
    branch: Branch, total: int, start: float, path: tuple[str, ...], found: list[Sector]
) -> None:
    for child in branch.children:
        end = start + child.n_periods / total * math.tau
        if child.kind != "stop" or not path:
            here = (*path, child.label)
            found.append(Sector(len(found) + 1, len(here), here, child, start, end))
            _place(child, total, start, here, found)
        start = end


def point(radius: float, angle: float) -> tuple[float, float]:
    """Returns the place at that distance from the middle."""
    return radius * math.sin(angle), -radius * math.cos(angle)
