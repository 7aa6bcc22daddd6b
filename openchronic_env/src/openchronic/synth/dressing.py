"""Writes the columns of a delivery: names, dates as text, types of Parquet."""

from __future__ import annotations

from openchronic.catalogue import Column, Table
from openchronic.synth.settings import Format, Layout

# Tables that the Parquet variant holds as strings only, with names in lower case, as the Health
# Data Hub delivers them; the others have the types of the schema, as a data manager converts them.
ALL_STRINGS = ("IR_BEN_R", "ER_PHA_F", "T_MCOaaC", "T_MCOaaFASTC", "IR_MTT_R")

SEPARATOR = ";"
FRENCH, ISO, DIGITS = "%d/%m/%Y", "%Y-%m-%d", "%d%m%Y"
SAS_DAY, SAS_MOMENT = "%d%b%Y", "%d%b%Y:%H:%M:%S"

TYPES = {"string": "VARCHAR", "integer": "BIGINT", "decimal": "DECIMAL(12,2)", "date": "DATE"}


def dressed(
    column: Column, table: Table, *, made: bool, layout: Layout, format_: Format
) -> tuple[str, str]:
    """Returns the value and the name of the column in the SELECT of a file. ``made``: whether the table's text makes it."""
    value = column.name if made else "NULL"
    name = column_name(column, layout)
    if format_ == "parquet" and table.name not in ALL_STRINGS:
        return f"CAST({value} AS {TYPES[column.type]})", name
    if column.type == "date" and made:
        shape = date_format(table, column.name, layout)
        value = f"strftime(CAST({value} AS DATE), '{shape}')"
        # Only names of months have letters.
        value = f"upper({value})" if "%b" in shape else value
    if format_ == "parquet":
        return f"CAST({value} AS VARCHAR)", name.lower()
    return value, name


def column_name(column: Column, layout: Layout) -> str:
    """Returns the column's name in that layout: project extractions call pseudonyms NUM_ENQ…, and the
    simplified product has names in which NS became ER (SCALPEL-Flattening, schemas of the DREES)."""
    misspelt = [alias for alias in column.aliases if "_IER_" in alias]
    if layout == "dcirs" and misspelt:
        return misspelt[0]
    if layout == "project" and column.aliases and column.aliases[0].startswith("NUM_ENQ"):
        return column.aliases[0]
    return column.name


def date_format(table: Table, column: str, layout: Layout) -> str:
    """Returns the date format of that column (SCALPEL-Flattening, configurations and schemas)."""
    if table.of_hospitals:
        if column in ("ENT_DAT", "SOR_DAT"):
            return DIGITS
        short = table.name == "T_HADaaC" or table.name.endswith("STC")
        return SAS_DAY if short and layout == "project" else SAS_MOMENT
    if layout == "project" and not table.product.startswith("DCIR"):
        return ISO
    return FRENCH
