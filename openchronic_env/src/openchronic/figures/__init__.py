"""Figures of pathways: the numbers first, then a drawing in SVG that is read without colour, script or network."""

from __future__ import annotations

from openchronic.figures.figure import Figure
from openchronic.figures.paths import LEAST_BAND, LEAST_SECTOR, Share, told_tree
from openchronic.figures.persistence import persistence_curve
from openchronic.figures.sankey import sankey
from openchronic.figures.sunburst import sunburst
from openchronic.figures.timeline import timeline

__all__ = [
    "LEAST_BAND",
    "LEAST_SECTOR",
    "Figure",
    "Share",
    "persistence_curve",
    "sankey",
    "sunburst",
    "timeline",
    "told_tree",
]
