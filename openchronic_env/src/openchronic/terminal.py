"""Opens the consoles of verbs: as wide as the terminal, and wide enough for figures elsewhere."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.table import Table

# The width of a log or a pipe, unless COLUMNS sets another.
WIDTH = 120


def console(*, stderr: bool = False) -> Console:
    """Returns a console on the standard output, or on standard error."""
    stream = sys.stderr if stderr else sys.stdout
    known = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, width=None if known else WIDTH)


def titled(title: str, *columns: str, figures: tuple[str, ...]) -> Table:
    """Returns an empty table under a title. ``figures``: the columns of numbers, aligned right and never cut."""
    table = Table(
        title=title, title_justify="left", box=None, header_style="bold", title_style="bold"
    )
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in figures else "left",
            no_wrap=column in figures,
            overflow="fold",
        )
    return table
