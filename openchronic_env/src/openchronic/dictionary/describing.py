"""``oc.describe``: describes a table of a release or of the SNDS, or lists them, as text and in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby

from openchronic.catalogue import Table, load_tables
from openchronic.dictionary import words
from openchronic.dictionary.page import of_list, of_table, of_values
from openchronic.dictionary.released import load_release_tables
from openchronic.dictionary.released_text import GROUP, html_of, lines_of
from openchronic.errors import SchemaError
from openchronic.ingest.naming import identify
from openchronic.nomenclatures import load_values


@dataclass(frozen=True)
class Description:
    """Ce que le dictionnaire dit, en texte et comme un notebook le montre."""

    text: str
    html: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html


def describe(name: str | None = None) -> Description:
    """Décrit une table d'une version ou du SNDS : colonnes, types, unités, sources, clé, sens, usage.

    ``name`` : une table d'une version (``event``), une table du SNDS (``ER_PRS_F``, ``T_MCOaaB``),
    un nom de fichier (``T_MCO16B``), ou une nomenclature (``IR_SPE_V``) pour ses valeurs ; sans
    argument, la liste des tables. Lève ``OpenChronicError`` si le dictionnaire ne connaît pas ce nom.
    """
    if name is None:
        return Description("\n".join(_listed()), of_list())
    wanted = name.strip().upper()
    if load_values(wanted):
        return Description("\n".join(_values(wanted)), of_values(wanted))
    released = load_release_tables().get(name.strip().lower())
    if released:
        return Description("\n".join(lines_of(released)), html_of(released))
    table = find_table(name)
    return Description("\n".join(_lines(table)), of_table(table))


def find_table(name: str) -> Table:
    """Returns the table of that name, whatever its case, or the table of a file of that name.

    Raises SchemaError, in French, with similar names.
    """
    tables = load_tables()
    wanted = name.strip().upper()
    for table in tables.values():
        if table.name.upper() == wanted:
            return table
    identified = identify(name.strip()) or identify(f"{name.strip()}.CSV")
    if identified:
        return tables[identified[0]]
    holders = [
        *(
            table.name
            for table in load_release_tables().values()
            if any(wanted == column.name.upper() for column in table.columns)
        ),
        *(
            table.name
            for table in tables.values()
            if any(wanted in (column.name, *column.aliases) for column in table.columns)
        ),
    ]
    if holders:
        raise SchemaError(
            f"{name} is a column, of {', '.join(holders)}: describe one of them",
            f"« {name} » est une colonne, de {', '.join(holders)}.",
        )
    by_capitals = {one.upper(): one for one in (*load_release_tables(), *tables)}
    near = [by_capitals[one] for one in get_close_matches(wanted, by_capitals, n=5, cutoff=0.7)]
    like = f" (is it {' or '.join(near)}?)" if near else ""
    hint = f" Noms proches : {', '.join(near)}." if near else ""
    raise SchemaError(
        f"no table {name} in the dictionary{like}; without a name, describe lists them",
        f"Pas de table « {name} » dans le dictionnaire.{hint} Sans nom, describe en donne la liste.",
    )


def _listed() -> Iterator[str]:
    yield GROUP
    for released in load_release_tables().values():
        yield f"  {released.name:<22}{released.row}"
    for product, tables in groupby(load_tables().values(), key=words.product):
        yield product
        for table in tables:
            yield f"  {table.name:<22}{table.meaning_fr}"


def _lines(table: Table) -> Iterator[str]:
    yield f"{table.name} : {table.meaning_fr}"
    yield f"  sert à      {table.used_for_fr}"
    yield f"  produit     {words.product(table)}, {words.CUTS[table.period]}" + (
        f", depuis {table.since}" if table.since else ""
    )
    yield f"  clé         {words.key(table)}"
    yield f"  fichiers    {words.names(table)}"
    yield f"  source      {table.source}"
    yield ""
    rows = [
        (
            f"{'*' if column.required else ' '}{column.name}",
            words.kind(column),
            words.years(column.since, column.until),
            column.nomenclature,
            column.meaning_fr + (f" (aussi {', '.join(column.aliases)})" if column.aliases else ""),
        )
        for column in table.columns
    ]
    heads = (" colonne", "type", "années", "nomenclature", "sens")
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(4)]
    for row in (heads, *rows):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False))
        yield "  ".join((*cells, row[4])).rstrip()
    yield ""
    yield "* sans elle, la table ne se lit pas"
    held = sorted({one.nomenclature for one in table.columns if load_values(one.nomenclature)})
    if held:
        yield f"valeurs de {' '.join(held)} : les décrire par leur nom"


def _values(name: str) -> Iterator[str]:
    users = words.users(name)
    yield f"{name} : valeurs de {', '.join(users)}"
    yield ""
    values = load_values(name)
    width = max(len(code) for code, _ in values)
    for code, label in values:
        yield f"  {code:<{width}}  {label}"
