"""The files of the extraction: which table and year each holds, and the query that makes its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import duckdb

from openchronic.catalogue import Table, load_tables
from openchronic.synth.dressing import dressed
from openchronic.synth.engine import sql
from openchronic.synth.settings import Format, Layout, Settings

WHOLE = ("IR_BEN_R", "IR_BEN_R_ARC", "IR_IMB_R", "IR_MTT_R", "KI_CCI_R", "KI_ECD_R")
ONCE = ("IR_PHA_R", "BE_IDE_R")
BY_FLUX_YEAR = (
    *(
        "ER_PRS_F",
        "ER_PHA_F",
        "ER_CAM_F",
        "ER_BIO_F",
        "ER_TIP_F",
        "ER_UCD_F",
        "ER_TRS_F",
        "ER_ETE_F",
    ),
)
BY_FLUX_YEAR_SIMPLIFIED = (
    *("NS_PRS_F", "NS_PHA_F", "NS_CAM_F", "NS_BIO_F", "NS_TIP_F", "NS_UCD_F", "NS_TRS_F"),
)
BY_YEAR = (
    *("CT_IND_AAAA_GN", "CT_IDE_AAAA_GN", "CT_DEP_AAAA_GN"),
    *("T_MCOaaB", "T_MCOaaC", "T_MCOaaD", "T_MCOaaA", "T_MCOaaUM", "T_MCOaaMED", "T_MCOaaFH"),
    *("T_MCOaaVALO", "T_MCOaaCSTC", "T_MCOaaFASTC", "T_MCOaaFBSTC", "T_MCOaaFCSTC"),
    *("T_MCOaaFMSTC", "T_MCOaaFLSTC"),
    *("T_SSRaaB", "T_SSRaaC", "T_SSRaaD", "T_SSRaaCCAM", "T_SSRaaCSARR"),
    *("T_HADaaB", "T_HADaaC", "T_HADaaD", "T_HADaaA", "T_RIPaaRSA", "T_RIPaaC", "T_RIPaaR3A"),
)
# Of packs, two are planted under one key.
PAIRED = ("ER_PHA_F", "NS_PHA_F")
# Of the cartography.
VERSION = "G8"
# Facilities and practices serve the persons of many blocks.
BY_YEAR_ONCE = ("DA_PRA_R", "T_MCOaaE")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file of the extraction, or the folder of its shards."""

    table: Table
    path: PurePosixPath
    year: int | None
    layout: Layout
    format: Format
    every_block: bool = True

    def query(self, connection: duckdb.DuckDBPyConnection) -> str:
        """The rows of the block in this file, in one order only, with the columns of the schema."""
        model = sql(f"deliveries/{self.table.name}")
        made = {row[0] for row in connection.execute(f"DESCRIBE {model}").fetchall()}
        columns = ", ".join(
            dressed(
                column,
                self.table,
                made=column.name in made,
                layout=self.layout,
                format_=self.format,
            )
            for column in self.table.columns
        )
        unknown = made - {column.name for column in self.table.columns} - {"file_year"}
        if unknown:
            raise ValueError(f"{self.table.name}: not in the schema: {', '.join(sorted(unknown))}")
        where = "" if self.year is None else f"WHERE file_year = {self.year}"
        # Where rows may share the key, the other columns settle their order.
        alone = self.table.unique and self.table.name not in PAIRED
        others = () if alone else sorted(made - {"file_year", *self.table.key})
        order = ", ".join(f"delivered.{name}" for name in (*self.table.key, *others))
        return f"SELECT {columns} FROM ({model}) AS delivered {where} ORDER BY {order}"


def deliveries(settings: Settings) -> Iterator[Delivery]:
    """Every file of the extraction."""
    simplified = settings.layout == "dcirs"
    for name in (*WHOLE, "IR_IBA_R") if simplified else WHOLE:
        yield _delivery(settings, name, None)
    for name in ONCE:
        yield _delivery(settings, name, None, every_block=False)
    for year in settings.flux_years:
        for name in BY_FLUX_YEAR_SIMPLIFIED if simplified else BY_FLUX_YEAR:
            yield _delivery(settings, name, year)
    for year in settings.care_years:
        for name in BY_YEAR:
            yield _delivery(settings, name, year)
        for name in BY_YEAR_ONCE:
            yield _delivery(settings, name, year, every_block=False)


def _delivery(
    settings: Settings, name: str, year: int | None, *, every_block: bool = True
) -> Delivery:
    table = load_tables()[name]
    folder, stem = _place(table, year, settings.layout)
    path = PurePosixPath(folder) / (stem + _suffix(stem, settings.format))
    return Delivery(table, path, year, settings.layout, settings.format, every_block)


def _place(table: Table, year: int | None, layout: Layout) -> tuple[str, str]:
    """The folder of the file, and its name without what says the format."""
    hospital = table.product.startswith("PMSI")
    register = not hospital and table.product not in ("DCIR", "DCIRS")
    if year is None:
        stem = table.name
    elif hospital:
        stem = table.name.replace("aa", f"{year % 100:02d}")
    else:
        stem = f"{table.name.replace('AAAA_GN', VERSION)}_{year}"
    if layout == "project":
        # As projects receive them: more folders, and the claims in lower case.
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
    # Packed at the end, see writing.py.
    return ".csv" if stem.islower() else ".CSV"
