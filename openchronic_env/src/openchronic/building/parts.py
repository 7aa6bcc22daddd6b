"""One Parquet file of a table of the release."""

from __future__ import annotations

from openchronic.building.context import Context
from openchronic.building.engine import quoted

FORMAT = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)"


def write_part(context: Context, table: str, query: str, part: str = "") -> None:
    """Write the rows of ``query``, in its order, as ``table`` or as one ``part`` of it."""
    folder = context.place.release / table / part
    folder.mkdir(parents=True, exist_ok=True)
    context.connection.execute(f"COPY ({query}) TO {quoted(folder / 'part-0.parquet')} {FORMAT}")


def bucket_name(bucket: int) -> str:
    """The part that holds the subjects of one bucket."""
    return f"bucket={bucket:02}"
