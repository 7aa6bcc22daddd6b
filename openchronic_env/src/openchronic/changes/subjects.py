"""Counts the subjects added, removed or changed between two releases with the same key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from openchronic.engines.scans import parquet
from openchronic.quality.material import Material
from openchronic.releases.pieces import by_folder
from openchronic.releases.sampling import SUBJECT

Files = Sequence[Path]


def compare_subjects(
    connection: duckdb.DuckDBPyConnection, before: Material, after: Material
) -> dict[str, int]:
    """Returns the subjects before and after, added, removed; ``changed``: in both releases, with different
    rows.

    Only columns that both releases have are compared: a new column changes no subject.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE differing (subject_id BIGINT)")
    for table in before.files.keys() & after.files.keys():
        for old, new in _parts(before, after, table):
            _find_differing(connection, old, new)
    (found,) = connection.execute(
        f"""
        SELECT
            count(old.subject_id),
            count(new.subject_id),
            count(*) FILTER (WHERE old.subject_id IS NULL),
            count(*) FILTER (WHERE new.subject_id IS NULL),
            count(*) FILTER (
                WHERE old.subject_id IN (SELECT subject_id FROM differing)
                AND new.subject_id IS NOT NULL
            )
        FROM {parquet(before.files["patient"])} AS old
        FULL JOIN {parquet(after.files["patient"])} AS new USING (subject_id)
        """
    ).fetchall()
    connection.execute("DROP TABLE differing")
    return dict(zip(("before", "after", "added", "removed", "changed"), found, strict=True))


def columns_in(connection: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    """Returns the columns of a Parquet file, without the library that readers of a release have for it: it takes longer to
    load than a small month to compare."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {parquet([file])}").fetchall()
    return [name for name, *_ in described]


def _parts(before: Material, after: Material, table: str) -> Iterator[tuple[Files, Files]]:
    """Yields the files to compare: by folder where both releases have the same buckets, without equal files."""
    old, new = (_folders(one, table) for one in (before, after))
    if list(old) != list(new):
        yield before.files[table], after.files[table]
        return
    for folder, files in new.items():
        # The rows of a file that both have cancel out in the sums by subject.
        both = set(old[folder].values()) & set(files.values())
        only = [
            [path for path, digest in one.items() if digest not in both]
            for one in (old[folder], files)
        ]
        if all(only):
            yield only[0], only[1]
        elif any(only):
            yield list(old[folder]), list(files)


def _folders(release: Material, table: str) -> dict[str, dict[Path, str]]:
    """Returns the files of each folder, with their digests."""
    digests = dict(
        zip(release.files[table], release.manifest["tables"][table]["files"].values(), strict=True)
    )
    return {
        folder.name: {path: digests[path] for path in held}
        for folder, held in by_folder(release.files[table]).items()
    }


def _find_differing(connection: duckdb.DuckDBPyConnection, old: Files, new: Files) -> None:
    """Adds the subjects whose rows differ, by a sum over rows: it depends neither on their order nor on their
    files."""
    had = columns_in(connection, old[0])
    common = [name for name in columns_in(connection, new[0]) if name in had]
    if SUBJECT not in common:
        return
    connection.execute(
        f"""
        INSERT INTO differing
        SELECT subject_id
        FROM ({_digests(old, common)}) AS old
        FULL JOIN ({_digests(new, common)}) AS new USING (subject_id)
        WHERE old.digest IS DISTINCT FROM new.digest
        """
    )


def _digests(files: Files, columns: Sequence[str]) -> str:
    return (
        f"SELECT subject_id, sum(CAST(hash({', '.join(columns)}) AS HUGEINT)) AS digest "
        f"FROM {parquet(files)} GROUP BY subject_id"
    )
