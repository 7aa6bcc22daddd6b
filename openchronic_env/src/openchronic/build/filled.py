"""Tells which columns have a value somewhere in a delivered file: an extraction may lack some of a table's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from openchronic.ingest.parquet import a_look


def filled_columns(folders: Iterable[Path]) -> frozenset[str]:
    """Returns the columns of the typed files in ``folders`` that have a value in some line, by the counts of their footers.

    All lines of a delivered file tell it, whichever months of it are looked at: what is a repeated line must not
    depend on how many months memory holds.
    """
    files = sorted(str(path) for folder in set(folders) for path in folder.rglob("*.parquet"))
    if not files:
        return frozenset()
    with a_look() as connection:
        rows = connection.execute(
            "SELECT path_in_schema FROM parquet_metadata(?) GROUP BY path_in_schema "
            "HAVING sum(num_values - coalesce(stats_null_count, 0)) > 0",
            [files],
        ).fetchall()
    return frozenset(name for (name,) in rows)


def lacking_in(
    columns: Collection[str], filled: Mapping[int, Collection[str]]
) -> dict[str, set[int]]:
    """Returns the files that lack each of ``columns``, where another one has it. ``filled``: by the number of a file."""
    lacking = {
        name: {number for number, there in filled.items() if name not in there} for name in columns
    }
    return {name: files for name, files in lacking.items() if 0 < len(files) < len(filled)}
