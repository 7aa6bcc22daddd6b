"""Rows dealt into buckets of subjects, so that what follows takes one bucket at a time."""

from __future__ import annotations

from pathlib import Path

from openchronic.building.context import Context
from openchronic.building.engine import quoted
from openchronic.building.typed import file_list


def deal(context: Context, query: str, folder: Path) -> None:
    """Write the rows of ``query``, which have a ``subject_id``, below the new ``folder``."""
    folder.mkdir(parents=True)
    context.connection.execute(
        f"COPY (SELECT *, CAST(subject_id % {context.settings.buckets} AS INTEGER) AS bucket "
        f"FROM ({query})) TO {quoted(folder)} (FORMAT parquet, PARTITION_BY (bucket))"
    )


def bucket_files(folder: Path, bucket: int) -> list[Path]:
    """The files of one bucket, over all parts that were dealt below ``folder``."""
    return sorted(folder.glob(f"*/bucket={bucket}/*.parquet"))


def show_dealt(context: Context, name: str, files: list[Path], *, empty: str) -> None:
    """Make the view ``name`` of one bucket; of nobody, the columns of the query ``empty``."""
    query = f"SELECT * FROM {file_list(files)}" if files else f"SELECT * FROM ({empty}) WHERE FALSE"
    context.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")
