"""Reads ``coded_lines.csv``: one row per table whose lines have one code each, for ``coded_line.sql``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from textwrap import wrap

# SQL, by column of the file: the value where the cell of a table is empty.
UNSAID = {
    "code_role": "CAST(NULL AS STRING)",
    "quantity": "CAST(NULL AS BIGINT)",
    "delay": "CAST(NULL AS BIGINT)",
}


def coded_words(table: str, *, of_records: bool) -> Mapping[str, str]:
    """Returns the words of ``coded_line.sql`` for ``table``. Raises KeyError if the file has no row for it.

    ``of_records``: the lines are the records themselves, which may have no code.
    """
    row = _rows()[table]
    said = {column: cell or UNSAID[column] for column, cell in row.items()}
    said["meaning"] = "\n-- ".join(wrap(f"{row['meaning']} Source: {table}.", width=100))
    said["is_coded"] = "TRUE" if of_records else f"{row['code']} IS NOT NULL"
    return said


@cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    file = resources.files("openchronic.models.hospital").joinpath("coded_lines.csv")
    lines = file.read_text(encoding="utf-8").splitlines()
    return {row.pop("table"): row for row in csv.DictReader(lines, delimiter=";", strict=True)}
