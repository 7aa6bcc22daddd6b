"""The French words of a description."""

from __future__ import annotations

from openchronic.catalogue import Column, ColumnType, Period, Table, load_products, load_tables

TYPES: dict[ColumnType, str] = {
    "string": "texte",
    "integer": "entier",
    "decimal": "décimal",
    "date": "date",
}
CUTS: dict[Period, str] = {
    "none": "sans découpage par année",
    "flux_year": "un fichier par année de flux",
    "year": "un fichier par année",
}


def product(table: Table) -> str:
    """Returns the product that the table comes from."""
    return load_products()[table.product]


def kind(column: Column) -> str:
    """Returns type and length: ``texte 17``, ``décimal 4,2``."""
    return f"{TYPES[column.type]} {column.length.replace('.', ',')}".strip()


def years(since: int | None, until: int | None = None) -> str:
    """Returns ``2009-``, ``-2009``, ``2010-2014``; empty when the column has no bound of its own."""
    if since is None and until is None:
        return ""
    return f"{since or ''}-{until or ''}"


def key(table: Table) -> str:
    """Returns the key, and whether it identifies one row."""
    note = (
        "une ligne par clé et par année" if table.unique else "plusieurs lignes par clé possibles"
    )
    if table.period == "none" and table.unique:
        note = "une ligne par clé"
    return f"{' '.join(table.key)} ({note})"


def names(table: Table) -> str:
    """Returns the names of its files, as written for 2016; letter case does not count."""
    patterns = " ".join(table.patterns)
    return patterns.replace("{yyyy}", "2016").replace("{aa}", "16")


def users(nomenclature: str) -> list[str]:
    """Returns the columns that hold its codes: ``ER_PRS_F.PSE_SPE_COD``."""
    return [
        f"{table.name}.{column.name}"
        for table in load_tables().values()
        for column in table.columns
        if column.nomenclature == nomenclature
    ]
