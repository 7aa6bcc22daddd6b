"""The two drawings of the shares of paths, from one protected tree."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from openchronic.errors import SettingsError
from openchronic.figures.figure import Figure
from openchronic.figures.sankey import sankey_of
from openchronic.figures.sunburst import sunburst_of
from openchronic.figures.tree import Tree, protected, tree_of

MOST_STEPS = 8
# A thinner band cannot be told from its edge; a thinner sector has no room for its number.
LEAST_BAND, LEAST_SECTOR = 0.01, 0.025
Share = tuple[str, int, int]


def sankey(
    connection: duckdb.DuckDBPyConnection,
    shares: Sequence[Share],
    *,
    subjects: int,
    steps: int,
    title: str,
) -> Figure:
    """Returns the flows between steps. ``shares``: path, periods, subjects; ``subjects``: those of the cohort."""
    return sankey_of(
        connection,
        _told(shares, subjects=subjects, steps=steps, least_share=LEAST_BAND),
        title=title,
    )


def sunburst(
    connection: duckdb.DuckDBPyConnection,
    shares: Sequence[Share],
    *,
    subjects: int,
    steps: int,
    title: str,
) -> Figure:
    """Returns the steps on rings, from the same rows."""
    return sunburst_of(
        connection,
        _told(shares, subjects=subjects, steps=steps, least_share=LEAST_SECTOR),
        title=title,
    )


def _told(shares: Sequence[Share], *, subjects: int, steps: int, least_share: float) -> Tree:
    if not 1 <= steps <= MOST_STEPS:
        raise SettingsError(
            f"steps: a whole number from 1 to {MOST_STEPS}",
            f"steps\u00a0: un nombre entier de 1 à {MOST_STEPS}.",
        )
    return protected(tree_of(shares, subjects=subjects, steps=steps), least_share=least_share)
