"""SQL texts, and the little that is written into them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def sql(name: str) -> str:
    """The text ``<name>.sql`` of this room: the functions that queries use, as one engine has them."""
    file = resources.files("openchronic.runtime") / f"{name}.sql"
    return file.read_text(encoding="utf-8")


def quoted(text: str | Path) -> str:
    """``text`` as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


BUCKET = "bucket="


def bucket_name(bucket: int) -> str:
    """The folder that holds the subjects of one bucket: two digits, and three or more from 100 on."""
    return f"{BUCKET}{bucket:02}"
