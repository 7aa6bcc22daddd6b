"""Describes a table of a release as text for a terminal, and as HTML for a notebook or the page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from openchronic.dictionary import words
from openchronic.dictionary.released import ReleaseColumn, ReleaseTable

GROUP = "tables d'une version d'Open Chronic"
HEADS = ("colonne", "type", "unité", "source", "sens")
TYPES: dict[str, str] = dict(words.TYPES) | {"boolean": "oui/non", "list": "liste"}


def lines_of(table: ReleaseTable) -> Iterator[str]:
    """Yields the description of the table and its columns, line by line."""
    yield f"{table.name} : {table.row}"
    for name, fact in _facts(table).items():
        yield f"  {name:<12}{fact}"
    yield ""
    rows = [
        (column.name, TYPES[column.type], column.unit, _with_source(column))
        for column in table.columns
    ]
    heads = ("colonne", "type", "unité", "sens [source]")
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(3)]
    for row in (heads, *rows):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False))
        yield "  ".join((*cells, row[3])).rstrip()


def html_of(table: ReleaseTable) -> str:
    """Returns the same description as HTML."""
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in _facts(table).items()
    )
    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    rows = "".join(
        f"<tr><td><code>{escape(column.name)}</code></td>"
        + "".join(
            f"<td>{escape(cell)}</td>"
            for cell in (
                TYPES[column.type],
                column.unit,
                " ".join(column.sources),
                column.meaning,
            )
        )
        + "</tr>"
        for column in table.columns
    )
    return (
        f"<h2>{escape(table.name)}</h2><p>{escape(table.row)}</p><dl>{facts}</dl>"
        f"<table><tr>{heads}</tr>{rows}</table>"
    )


def _facts(table: ReleaseTable) -> dict[str, str]:
    return {
        "sert à": table.use,
        "clé": " ".join(table.key) or "aucune",
        "triée par": table.order,
        "sources": " ".join(table.sources) or "tous les fichiers livrés",
        "filtres": ", ".join(table.filters)
        + (" (openchronic filters les décrit)" if table.filters else "aucun"),
    }


def _with_source(column: ReleaseColumn) -> str:
    return f"{column.meaning} [{' '.join(column.sources)}]" if column.sources else column.meaning
