"""Figures of pathways: the numbers first, then a drawing in SVG that is read without colour, script or network."""

from __future__ import annotations

from openchronic.figures.figure import Figure
from openchronic.figures.paths import sankey, sunburst
from openchronic.figures.persistence import persistence_curve
from openchronic.figures.timeline import timeline

__all__ = ["Figure", "persistence_curve", "sankey", "sunburst", "timeline"]
