"""Writes numbers in French notation for a page."""

from __future__ import annotations

HIDDEN = "masqué"


def number(value: float) -> str:
    """Returns ``1 234,5``, with a narrow no-break space."""
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return text.replace(",", "\u202f").replace(".", ",")


def percentage(value: float) -> str:
    """Returns a share (0 to 1) as a percentage with three digits."""
    return f"{100 * value:.3g}".replace(".", ",") + "\u202f%"
