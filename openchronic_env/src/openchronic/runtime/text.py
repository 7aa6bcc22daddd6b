"""SQL functions of an engine, and values written into SQL texts."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def sql(name: str) -> str:
    """Returns the text ``<name>.sql`` of this package: the functions that queries use, for one engine."""
    file = resources.files("openchronic.runtime") / f"{name}.sql"
    return file.read_text(encoding="utf-8")


def quoted(text: str | Path) -> str:
    """Returns ``text`` as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


BUCKET = "bucket="


def bucket_name(bucket: int) -> str:
    """Returns the name of the folder with the subjects of one bucket: two digits, three or more from 100 on."""
    return f"{BUCKET}{bucket:02}"
