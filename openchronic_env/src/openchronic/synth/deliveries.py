"""The files of the extraction: which table and year each holds, and the query that makes its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import duckdb

from openchronic.schema import Table, load_tables
from openchronic.synth.engine import sql
from openchronic.synth.settings import Settings

WHOLE = ("IR_BEN_R", "IR_IMB_R")
ONCE = ("IR_PHA_R",)
BY_FLUX_YEAR = ("ER_PRS_F", "ER_PHA_F")
BY_DISCHARGE_YEAR = ("T_MCOaaB", "T_MCOaaC", "T_MCOaaD")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file of the extraction."""

    table: Table
    path: PurePosixPath
    year: int | None
    every_block: bool = True

    def query(self, connection: duckdb.DuckDBPyConnection) -> str:
        """The rows of the block in this file, in one order only, with the columns of the schema."""
        model = sql(f"deliveries/{self.table.name}")
        made = {row[0] for row in connection.execute(f"DESCRIBE {model}").fetchall()}
        columns = ", ".join(
            column.name if column.name in made else f"NULL AS {column.name}"
            for column in self.table.columns
        )
        unknown = made - {column.name for column in self.table.columns} - {"file_year"}
        if unknown:
            raise ValueError(f"{self.table.name}: not in the schema: {', '.join(sorted(unknown))}")
        where = "" if self.year is None else f"WHERE file_year = {self.year}"
        order = ", ".join(self.table.key)
        return f"SELECT {columns} FROM ({model}) {where} ORDER BY {order}"


def deliveries(settings: Settings) -> Iterator[Delivery]:
    """Every file of the extraction, in the layout of a project extraction."""
    tables = load_tables()
    for name in WHOLE:
        yield Delivery(tables[name], PurePosixPath(f"{name}.CSV"), None)
    for name in ONCE:
        yield Delivery(tables[name], PurePosixPath(f"{name}.CSV"), None, every_block=False)
    for year in settings.flux_years:
        for name in BY_FLUX_YEAR:
            path = PurePosixPath(f"DCIR_{year}") / f"{name}_{year}.CSV"
            yield Delivery(tables[name], path, year)
    for year in settings.care_years:
        for name in BY_DISCHARGE_YEAR:
            path = PurePosixPath("PMSI") / f"{name.replace('aa', f'{year % 100:02d}')}.CSV"
            yield Delivery(tables[name], path, year)
