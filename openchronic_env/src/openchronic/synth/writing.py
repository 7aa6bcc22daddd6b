"""Appending the rows of a block to a file of the extraction."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from openchronic.synth.deliveries import Delivery

# What the administration writes: French dates; dates and times of the PMSI are text already.
_FORMAT = "HEADER {header}, DELIMITER ';', DATEFORMAT '%d/%m/%Y', NULLSTR ''"


def append(connection: duckdb.DuckDBPyConnection, delivery: Delivery, *, root: Path) -> None:
    """Write the block's rows at the end of the file; the first block writes the header."""
    target = root / delivery.path
    target.parent.mkdir(parents=True, exist_ok=True)
    first = not target.exists()
    # DuckDB cannot append to a CSV file: later blocks go through a part, joined byte for byte.
    written = target if first else target.with_suffix(".part")
    quoted = str(written).replace("'", "''")
    options = _FORMAT.format(header="true" if first else "false")
    connection.execute(f"COPY ({delivery.query(connection)}) TO '{quoted}' (FORMAT csv, {options})")
    if not first:
        with target.open("ab") as end, written.open("rb") as part:
            shutil.copyfileobj(part, end, 1 << 20)
        written.unlink()
