"""Refuses files of required tables that have a header and no line, and warns of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from openchronic.catalogue import needs
from openchronic.errors import SourceError
from openchronic.ingest.reading import FileReading
from openchronic.runtime.progress import Steps


def refuse_header_only(done: Mapping[str, list[FileReading]], steps: Steps) -> None:
    """Raises SourceError where a file of text, or all files, of a required table hold no row."""
    required = {
        name for need in needs() if need.required for name in (need.table, need.instead) if name
    }
    for table, readings in done.items():
        if table in required and not any(reading.rows for reading in readings):
            _refuse_empty(readings[0])
        for reading in readings:
            if reading.origin.format != "csv":
                continue  # a writer that shares rows out leaves some shards empty
            if reading.rows == 0 and table in required:
                _refuse_empty(reading)
            if reading.rows == 0:
                steps.warn(f"{reading.file.name}: a header and no line")


def _refuse_empty(reading: FileReading) -> NoReturn:
    if reading.origin.format != "csv":
        kind = "Parquet file" if reading.origin.format == "parquet" else "SAS dataset"
        raise SourceError(f"{reading.file.name}: the {kind} has columns and no row")
    raise SourceError(f"{reading.file.name}, line 2: the file ends after its header")
