"""Writes the dictionary as HTML: a table for a notebook, or one self-contained page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from itertools import groupby
from string import Template

from openchronic.catalogue import Column, Table, load_tables
from openchronic.dictionary import words
from openchronic.dictionary.examples import of_examples
from openchronic.dictionary.graph_page import of_graph
from openchronic.dictionary.released import load_release_tables
from openchronic.dictionary.released_text import GROUP, html_of
from openchronic.nomenclatures import load_values

HEADS = ("colonne", "type", "années", "nomenclature", "autres noms", "sens")


def page() -> str:
    """Returns the whole dictionary as one HTML page, without scripts or external resources."""
    tables = load_tables().values()
    lists = sorted(
        {
            column.nomenclature
            for table in tables
            for column in table.columns
            if load_values(column.nomenclature)
        }
    )
    template = (resources.files(__package__) / "page.html").read_text("utf-8")
    released = load_release_tables()
    return Template(template).substitute(
        released_contents=_links(released),
        released="\n".join(_section(name, html_of(one)) for name, one in released.items()),
        graph=of_graph(),
        tables=len(tables),
        columns=sum(len(table.columns) for table in tables),
        contents=_contents(tables),
        sections="\n".join(_section(table.name, of_table(table)) for table in tables),
        examples=of_examples(),
        values="\n".join(_section(name, of_values(name)) for name in lists),
    )


def of_list() -> str:
    """Returns HTML: the list of tables with their content."""
    rows = [
        (f"<code>{escape(table.name)}</code>", GROUP, table.row)
        for table in load_release_tables().values()
    ] + [
        (f"<code>{escape(table.name)}</code>", words.product(table), table.meaning_fr)
        for table in load_tables().values()
    ]
    body = "".join(
        f"<tr><td>{name}</td><td>{escape(where)}</td><td>{escape(meaning)}</td></tr>"
        for name, where, meaning in rows
    )
    return f"<table><tr><th>table</th><th>produit</th><th>sens</th></tr>{body}</table>"


def of_table(table: Table) -> str:
    """Returns HTML: one table with its meaning, its key, its columns."""
    since = f", depuis {table.since}" if table.since else ""
    facts = {
        "sert à": table.used_for_fr,
        "produit": f"{words.product(table)}, {words.CUTS[table.period]}{since}",
        "clé": words.key(table),
        "fichiers": words.names(table),
        "source": table.source,
    }
    listed = "".join(f"<dt>{name}</dt><dd>{escape(fact)}</dd>" for name, fact in facts.items())
    heads = "".join(f"<th>{head}</th>" for head in HEADS)
    return (
        f"<h2>{escape(table.name)}</h2><p>{escape(table.meaning_fr)}</p><dl>{listed}</dl>"
        f"<table><tr>{heads}</tr>{''.join(_rows(table))}</table>"
    )


def of_values(name: str) -> str:
    """Returns HTML: the values of one nomenclature, and the columns that hold them."""
    body = "".join(
        f"<tr><td><code>{escape(code)}</code></td><td>{escape(label)}</td></tr>"
        for code, label in load_values(name)
    )
    users = escape(", ".join(words.users(name)))
    return (
        f"<h2>{escape(name)}</h2><p>valeurs de {users}</p>"
        f"<table><tr><th>code</th><th>libellé</th></tr>{body}</table>"
    )


def _section(name: str, text: str) -> str:
    return f'<section id="{escape(name)}">{text}</section>'


def _rows(table: Table) -> Iterator[str]:
    for column in table.columns:
        cells = "".join(f"<td>{cell}</td>" for cell in _cells(column))
        mark = (
            ' class="needed" title="sans elle, la table ne se lit pas"' if column.required else ""
        )
        yield f"<tr{mark}><td><code>{escape(column.name)}</code></td>{cells}</tr>"


def _cells(column: Column) -> tuple[str, ...]:
    return (
        escape(words.kind(column)),
        words.years(column.since, column.until),
        _linked(column.nomenclature),
        escape(" ".join(column.aliases)),
        escape(column.meaning_fr),
    )


def _linked(nomenclature: str) -> str:
    name = escape(nomenclature)
    return f'<a href="#{name}">{name}</a>' if load_values(nomenclature) else name


def _contents(tables: Iterable[Table]) -> str:
    return "".join(
        f"<li>{escape(product)} : " + _links(one.name for one in group) + "</li>"
        for product, group in groupby(tables, key=words.product)
    )


def _links(names: Iterable[str]) -> str:
    return " ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
