"""The tree that is drawn of the shares of paths: both drawings tell the same, but for what is too thin for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openchronic.errors import SettingsError
from openchronic.figures.tree import Tree, protected, tree_of

MOST_STEPS = 8
# A thinner band cannot be told from its edge; a thinner sector has no room for its number.
LEAST_BAND, LEAST_SECTOR = 0.01, 0.025
Share = tuple[str, int, int]


def told_tree(
    shares: Sequence[Share],
    *,
    subjects: int,
    steps: int,
    least_share: float,
    labels: Mapping[str, str],
) -> Tree:
    """Returns what may be told of the first ``steps`` steps. ``shares``: path, periods, subjects; ``subjects``: those of the
    cohort; ``labels``: how treatments are shown. Raises SettingsError for another number of steps."""
    if not 1 <= steps <= MOST_STEPS:
        raise SettingsError(
            f"steps: a whole number from 1 to {MOST_STEPS}",
            f"steps\u00a0: un nombre entier de 1 à {MOST_STEPS}.",
        )
    tree = tree_of(shares, subjects=subjects, steps=steps, labels=labels)
    return protected(tree, least_share=least_share)
