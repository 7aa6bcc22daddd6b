"""Rows dealt into buckets of subjects, so that what follows takes a few buckets at a time."""

from __future__ import annotations

from pathlib import Path

from openchronic.building.context import Context


def deal(context: Context, query: str, folder: Path) -> None:
    """Write the rows of ``query``, which have a ``subject_id``, as ``folder``."""
    context.engine.deal(query, folder, context.settings.buckets)


def show_dealt(context: Context, name: str, folder: Path, buckets: range, *, empty: str) -> None:
    """Make the view ``name`` of what was dealt to ``buckets`` in all parts of ``folder``.

    Of nobody it has the columns of the query ``empty``.
    """
    files = context.engine.dealt(folder, buckets)
    rows = f"SELECT * FROM {context.engine.scan(files)}" if files else None
    context.engine.view(name, rows or f"SELECT * FROM ({empty}) WHERE FALSE")


def passes(context: Context) -> list[range]:
    """The buckets that are taken together, one after the other."""
    return context.engine.passes(context.settings.buckets)
