"""Prints the reconciliation of lines and euros as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from openchronic.build.reference_tables import meaning_of
from openchronic.releases.balance import Lines, euros_of, lines_of
from openchronic.terminal import titled

FATES = ("rejected", "duplicates", "filtered", "regularised", "orphans", "kept")
# Line ends of a text file, rows that another format states; and the lines that are no rows.
TERMS = ("delivered", "header", "blank", "within quotes")
FIGURES = (
    *FATES,
    *(*TERMS, "unread"),
    *("lines", "before", "removed", "rows", "number", "seconds", "share", "source", "unaccounted"),
)


def print_lines(manifest: Mapping[str, Any], console: Console) -> None:
    """Prints one row per table; then the tables that make no row of the release, and what they are read for."""
    every = lines_of(manifest)
    made = [one for one in every if not one.role]
    if made:
        table = counted("What became of the delivered lines", "table", "lines", *FATES)
        for one in made:
            table.add_row(one.table, *map(_figure, _cells(one)))
        console.print(table)
    others = [one for one in every if one.role]
    if others:
        table = counted("Tables of which no row is made", "table", "lines", "rejected", "read for")
        for one in others:
            what = ": ".join(filter(None, (one.role, meaning_of(one.table, one.role))))
            table.add_row(one.table, _figure(one.rows), _figure(one.rejected), what)
        console.print(table)


def print_reconciliation(manifest: Mapping[str, Any], console: Console) -> None:
    """Prints the same, with the lines that each filter removed below each table, and every sum beside its target."""
    print_files(manifest, console)
    print_lines(manifest, console)
    table = counted("Lines by filter", "table", "filter", "lines")
    for one in lines_of(manifest):
        for name, lines in one.filtered.items():
            table.add_row(one.table, name, _figure(lines))
    if table.row_count:
        console.print(table)
    print_euros(manifest, console)
    console.print(verdict(lines_of(manifest)), highlight=False)


def print_files(manifest: Mapping[str, Any], console: Console) -> None:
    """Prints the rows of each file beside a count that is independent of its reader."""
    table = counted("Rows by file", "file", *TERMS, "rows", "rejected", "kept", "unread")
    for one in manifest["inputs"]:
        # Releases of earlier versions have no such count.
        count = one.get("count")
        if count:
            terms = [count[name] for name in ("delivered", "header", "blank", "within")]
            unread = terms[0] - sum(terms[1:]) - one["rows"]
            figures = (*terms, one["rows"], one["rows"] - one["kept"], one["kept"], unread)
            table.add_row(one["file"], *map(_figure, figures))
    if table.row_count:
        console.print(table)


def print_euros(manifest: Mapping[str, Any], console: Console) -> None:
    """Prints the sums of costs against those of the source."""
    table = counted(
        "Euros", "of", "column of cost", "source", "duplicates", "filtered", "kept", "unaccounted"
    )
    for one in euros_of(manifest):
        amounts = (
            one.source,
            one.duplicates,
            sum(one.filtered.values()),
            one.kept,
            one.source - one.accounted,
        )
        table.add_row(
            f"{one.table}.{one.column}", one.amount, *(f"{each:,.2f}" for each in amounts)
        )
    if table.row_count:
        console.print(table)


def verdict(every: Iterable[Lines]) -> str:
    """Returns a sentence: whether the lines of every table add up."""
    every = list(every)
    wrong = [
        f"{one.rows - one.accounted:,} of {one.table}" for one in every if one.rows != one.accounted
    ]
    if wrong:
        return f"lines that are not accounted for: {', '.join(wrong)}"
    return (
        f"{sum(one.rows for one in every if '(' not in one.table):,} lines of "
        f"{sum('(' not in one.table for one in every)} tables: each is accounted for"
    )


def counted(title: str, *columns: str) -> Table:
    """Returns an empty table for counts."""
    return titled(title, *columns, figures=FIGURES)


def _cells(one: Lines) -> tuple[int, ...]:
    filtered = sum(one.filtered.values())
    return (
        *(one.rows, one.rejected, one.duplicates, filtered),
        *(one.regularised, one.orphans, one.kept),
    )


def _figure(number: int) -> str:
    return f"{number:,}" if number else "."
