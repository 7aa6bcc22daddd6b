"""Lists the files of the extraction: the table and year of each, and the query that makes its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

import duckdb

from openchronic.catalogue import Table, load_tables, needs
from openchronic.catalogue.claims import PRODUCT, SIMPLIFIED_PRODUCT
from openchronic.synth.dressing import SEPARATOR, dressed
from openchronic.synth.settings import Format, Layout, Settings
from openchronic.synth.texts import is_made, text_of

# The tables of packs, in which two packs are planted under one key.
PAIRED = ("ER_PHA_F", "NS_PHA_F")
# The version of the cartography.
VERSION = "G8"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file of the extraction, or the folder of its shards."""

    table: Table
    path: PurePosixPath
    year: int | None
    layout: Layout
    format: Format
    every_block: bool = True

    def query(self, made: Collection[str]) -> str:
        """Returns the query of the block's rows in the files of the table, year by year and in a fixed order, with the
        columns of the schema; before them `file_year`, where there is a file a year.

        ``made``: the columns that the table's text makes. Where `is_text`, rows are lines of a file, in one column
        that its header names.
        """
        columns = [
            dressed(
                column,
                self.table,
                made=column.name in made,
                layout=self.layout,
                format_=self.format,
            )
            for column in self.table.columns
        ]
        if self.is_text:
            lines = f", '{SEPARATOR}', ".join(value for value, _ in columns)
            selected = f'concat({lines}) AS "{SEPARATOR.join(name for _, name in columns)}"'
        else:
            selected = ", ".join(f"{value} AS {name}" for value, name in columns)
        year = () if self.year is None else ("file_year",)
        # Where rows may share the key, the other columns complete the order.
        alone = self.table.unique and self.table.name not in PAIRED
        others = () if alone else sorted({*made} - {"file_year", *self.table.key})
        order = ", ".join(f"delivered.{name}" for name in (*year, *self.table.key, *others))
        text = text_of(self.table)
        return f"SELECT {', '.join((*year, selected))} FROM ({text}) AS delivered ORDER BY {order}"

    @property
    def is_text(self) -> bool:
        """Whether a query joins the values of a line: DuckDB's writer, which looks into each for quotes, takes twice
        as long. The values of persons hold neither quotes nor separators; labels of reference tables do."""
        return self.format != "parquet" and self.table.of_persons


def made_columns(connection: duckdb.DuckDBPyConnection, table: Table) -> set[str]:
    """Returns the columns of the schema that the text of ``table`` makes. Raises ValueError for any other."""
    made = {row[0] for row in connection.execute(f"DESCRIBE {text_of(table)}").fetchall()}
    unknown = made - {column.name for column in table.columns} - {"file_year"}
    if unknown:
        raise ValueError(f"{table.name}: not in the schema: {', '.join(sorted(unknown))}")
    return made


def of_tables(settings: Settings) -> Iterator[list[Delivery]]:
    """Yields the files of each table of the extraction."""
    for _, files in groupby(deliveries(settings), lambda one: one.table.name):
        yield list(files)


def deliveries(settings: Settings) -> Iterator[Delivery]:
    """Yields every file of the extraction."""
    for table in tables_of(settings.layout):
        for year in _years(settings, table):
            folder, stem = _place(table, year, settings.layout)
            path = PurePosixPath(folder) / (stem + _suffix(stem, settings.format))
            # A table that serves the persons of many blocks is delivered once.
            yield Delivery(table, path, year, settings.layout, settings.format, table.of_persons)


def tables_of(layout: Layout) -> list[Table]:
    """Returns the tables of the layout that a model makes: those of one product of claims."""
    stand_ins = {one.instead for one in needs()}
    return [
        table
        for name, table in load_tables().items()
        if is_made(name)
        and (table.product != PRODUCT if layout == "dcirs" else name not in stand_ins)
    ]


def _years(settings: Settings, table: Table) -> Iterable[int | None]:
    return {
        "none": (None,),
        "flux_year": settings.flux_years,
        "year": settings.care_years,
    }[table.period]


def _place(table: Table, year: int | None, layout: Layout) -> tuple[str, str]:
    """Returns the folder of the file, and its name without the extension."""
    hospital = table.of_hospitals
    register = not hospital and table.product not in (PRODUCT, SIMPLIFIED_PRODUCT)
    if year is None:
        stem = table.name
    elif hospital:
        stem = table.name.replace("aa", f"{year % 100:02d}")
    else:
        stem = f"{table.name.replace('AAAA_GN', VERSION)}_{year}"
    if layout == "project":
        # Project extractions have more folders, and the claims in lower case.
        if hospital:
            return f"donnees/PMSI/{table.product.removeprefix('PMSI ')}/{year}", stem
        return ("donnees/referentiels", stem) if register else (
            f"donnees/dcir/{year}", stem.lower()
        )  # fmt: skip
    if hospital:
        return "PMSI", stem
    return ("", stem) if register else (f"{table.product}_{year}", stem)


def _suffix(stem: str, format_: Format) -> str:
    if format_ == "parquet":
        return ".parquet"
    # Files are compressed at the end, see writing.py.
    return ".csv" if stem.islower() else ".CSV"
