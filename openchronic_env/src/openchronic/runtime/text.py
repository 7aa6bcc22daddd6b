"""SQL texts, and the little that is written into them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def sql(name: str) -> str:
    """The text of ``openchronic/sql/<name>.sql``."""
    return (resources.files("openchronic") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def quoted(text: str | Path) -> str:
    """``text`` as an SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def bucket_name(bucket: int) -> str:
    """The folder that holds the subjects of one bucket."""
    return f"bucket={bucket:02}"
