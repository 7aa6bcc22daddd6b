"""Numbers as a page in French writes them."""

from __future__ import annotations

HIDDEN = "masqué"


def number(value: float) -> str:
    """``1 234,5``, its blank a thin one that breaks no line."""
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return text.replace(",", "\u202f").replace(".", ",")


def percentage(value: float) -> str:
    """A share, in three digits."""
    return f"{100 * value:.3g}".replace(".", ",") + "\u202f%"
