"""Reads the catalogue strictly: ``products.toml``, ``columns.toml`` and ``tables/<TABLE>.toml``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from openchronic.catalogue.strict import Place, made, parsed, section
from openchronic.catalogue.table import Column, Doubled, Joined, Lines, Need, Table

Raw = dict[str, Any]
# What a column is, where neither its entry nor ``columns.toml`` says so, in the table in whose place its own may be
# delivered. What its absence costs is said of each.
INHERITED = ("type", "length", "nomenclature", "meaning", "meaning_fr")


@cache
def load_tables() -> Mapping[str, Table]:
    """Returns every table by name, product by product."""
    return MappingProxyType(read_catalogue(resources.files("openchronic.catalogue")))


@cache
def load_products() -> Mapping[str, str]:
    """Returns the products, in the order in which their tables are listed, with their names in French."""
    return MappingProxyType(_products(resources.files("openchronic.catalogue")))


def read_catalogue(folder: Traversable) -> dict[str, Table]:
    """Returns the tables of the catalogue in ``folder``.

    Raises ValueError, with file and line, where something is no entry or names what does not exist.
    """
    shared = _columns(folder)
    products = _products(folder)
    places: dict[str, Place] = {}
    raws: dict[str, Raw] = {}
    for file in sorted((folder / "tables").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            name, text = file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")
            places[name] = Place(f"tables/{file.name}", text)
            raws[name] = parsed(places[name].file, text)
    tables = [_table(name, raws, places, shared) for name in raws]
    order = {product: number for number, product in enumerate(products)}
    for one in tables:
        if one.product not in order:
            raise places[one.name].wrong(f"no product {one.product} in products.toml", "product")
    tables.sort(key=lambda one: (order[one.product], one.place))
    _refuse_same_place(tables, places)
    for one in tables:
        _refuse_unknown_names(one, raws, places[one.name])
    return {one.name: one for one in tables}


def _products(folder: Traversable) -> dict[str, str]:
    file = "products.toml"
    text = (folder / file).read_text(encoding="utf-8")
    raw = parsed(file, text)
    for name, french in raw.items():
        if not isinstance(french, str):
            raise Place(file, text).wrong(f"{name} is described in words", name)
    return raw


def _columns(folder: Traversable) -> dict[str, Raw]:
    """Returns the defaults of the columns that several tables have."""
    file = "columns.toml"
    text = (folder / file).read_text(encoding="utf-8")
    raw, place = parsed(file, text), Place(file, text)
    for name, said in raw.items():
        if not isinstance(said, dict):
            raise place.wrong(f"{name} is a column: {{ type = … }}", name)
        made(Column, said, place, given={"name": name}, at=name)
    return raw


def _table(
    name: str, raws: Mapping[str, Raw], places: Mapping[str, Place], shared: Mapping[str, Raw]
) -> Table:
    raw, place = dict(raws[name]), places[name]
    given: dict[str, object] = {}
    for key, kind in (
        ("need", Need),
        ("lines", Lines),
        ("joined", Joined),
        ("doubled", Doubled),
    ):
        said = section(raw, key, place)
        raw.pop(key, None)
        if said is not None:
            given[key] = made(kind, said, place.within(key))
        elif key == "lines":
            raise place.wrong("missing [lines]: what becomes of its lines")
    need = given.get("need")
    if isinstance(need, Need) and need.instead and need.instead not in raws:
        raise place.within("need").wrong(f"instead: no table {need.instead}", "instead")
    of = raw.pop("columns_of", name)
    if not isinstance(of, str) or of not in raws or (of != name and "columns" in raw):
        raise place.wrong(
            "columns_of is a table of the catalogue, in the place of [columns]", "columns_of"
        )
    raw.pop("columns", None)
    said = section(raws[of], "columns", places[of])
    if not said:
        raise place.wrong("missing [columns]")
    known = {one: _where_it_stands_for(name, one, raws) | shared.get(one, {}) for one in said}
    columns = tuple(_column(one, said, places[of].within("columns"), known) for one in said)
    return made(Table, raw, place, given={**given, "name": name, "columns": columns})


def _where_it_stands_for(name: str, column: str, raws: Mapping[str, Raw]) -> Raw:
    """What a column is in the tables in whose place ``name`` may be delivered."""
    return {
        key: value
        for raw in raws.values()
        if isinstance(need := raw.get("need"), dict) and need.get("instead") == name
        for key, value in raw.get("columns", {}).get(column, {}).items()
        if key in INHERITED
    }


def _column(name: str, said: Raw, place: Place, shared: Mapping[str, Raw]) -> Column:
    own = said[name]
    if not isinstance(own, dict):
        raise place.wrong(f"{name} is a column: {{ type = … }}", name)
    return made(Column, shared.get(name, {}) | own, place, given={"name": name}, at=name)


def _refuse_same_place(tables: list[Table], places: Mapping[str, Place]) -> None:
    taken = Counter((one.product, one.place) for one in tables)
    for one in reversed(tables):
        if taken[one.product, one.place] > 1:
            raise places[one.name].wrong(
                f"place {one.place} of {one.product} is of another table too", "place"
            )


def _refuse_unknown_names(table: Table, raws: Mapping[str, Raw], place: Place) -> None:
    """Refuses tables without an entry, and columns that the table lacks."""
    for wrong, key, inside in _unknown_names(table, raws):
        raise place.within(inside).wrong(wrong, key)


def _unknown_names(table: Table, raws: Mapping[str, Raw]) -> Iterator[tuple[str, str, str]]:
    names = {column.name for column in table.columns}
    for one in table.key:
        if one not in names:
            yield f"key: no column {one}", "key", ""
    for column in table.columns:
        for one in column.instead:
            if one not in names:
                yield f"{column.name}: instead: no column {one}", column.name, "columns"
    for one in table.joined.person if table.joined else ():
        if one not in names:
            yield f"person: no column {one}", "person", "joined"
    if table.doubled and table.doubled.facility not in names:
        yield f"facility: no column {table.doubled.facility}", "facility", "doubled"
    if table.lines.of and table.lines.of not in raws:
        yield f"of: no table {table.lines.of}", "of", "lines"
    if table.lines.alone and not table.lines.of:
        yield "alone is said of lines that are of another table", "alone", "lines"
