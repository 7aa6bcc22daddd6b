"""Makes the tables that checks read: those of a release, of its manifest, and of the previous release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb

from openchronic.engines.scans import parquet
from openchronic.releases.pieces import by_folder

# The text of these two tables.
EVENT_MONTH, PREVIOUS = "event_month", "previous_"
# Up to this number of events, identifiers are compared between files all at once; above it, those
# that begin with PART.
AT_ONCE, PART = 20_000_000, "00"


@dataclass(frozen=True)
class Material:
    """A release, in service or not yet. ``files``: the Parquet files of each table."""

    files: Mapping[str, Sequence[Path]]
    manifest: Mapping[str, Any]


def files_under(release: Path) -> dict[str, list[Path]]:
    """Returns the Parquet files of each table in the folder of a release."""
    return {
        folder.name: files
        for folder in sorted(release.iterdir())
        if folder.is_dir() and (files := sorted(folder.rglob("*.parquet")))
    }


def show(
    connection: duckdb.DuckDBPyConnection, release: Material, previous: Material | None
) -> None:
    """Makes every table that a check may name, where this release or the previous one has it."""
    show_release(connection, release)
    if "event" in release.files:
        _show_repeated_ids(connection, release.files["event"])
        _show_orders(connection, release.files["event"])
    if previous:
        _show_previous(connection, release, previous)
    _derive(connection)


def show_release(connection: duckdb.DuckDBPyConnection, release: Material) -> None:
    """Makes the tables of the release, and those of the counts in its manifest."""
    for table, files in release.files.items():
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {parquet(files)}")
    _show_manifest(connection, release.manifest)


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes a table of each text of ``sql``, under its name, once those that it reads are there."""
    waiting = _texts()
    while made := [name for name, text in waiting.items() if _is_made(connection, name, text)]:
        for name in made:
            del waiting[name]


def _texts() -> dict[str, str]:
    """Returns the text of each derived table, by name."""
    texts = {
        file.name.removesuffix(".sql"): file.read_text("utf-8")
        for file in (resources.files("openchronic.quality") / "sql").iterdir()
    }
    month = texts.pop(EVENT_MONTH)
    months = {which: month.replace("{event}", f"{which}event") for which in ("", PREVIOUS)}
    return {f"{which}{EVENT_MONTH}": text for which, text in months.items()} | texts


def _is_made(connection: duckdb.DuckDBPyConnection, table: str, text: str) -> bool:
    """Makes ``table``, and returns whether what it reads is there.

    Where a release lacks a table or a column, the checks that need it are not measured, and that is reported.
    """
    try:
        connection.execute(f"CREATE TABLE {table} AS {text}")
    except (duckdb.CatalogException, duckdb.BinderException):
        return False
    return True


def _show_manifest(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> None:
    window = manifest["care_window"]
    _table(
        connection,
        "care (first_day DATE, last_day DATE)",
        [(window["start"], window["end"])],
    )
    _table(
        connection,
        "balance (name VARCHAR, expected DECIMAL(38, 5), found DECIMAL(38, 5))",
        [(one["name"], one["expected"], one["found"]) for one in manifest["assertions"]],
    )
    _table(
        connection,
        "filter_count (step VARCHAR, name VARCHAR, before BIGINT, removed BIGINT)",
        [(one["step"], one["name"], one["before"], one["removed"]) for one in manifest["filters"]],
    )
    _table(
        connection,
        "detail (name VARCHAR, leads_to VARCHAR, lines BIGINT, orphans BIGINT)",
        [
            (one["table"], one["to"], one["lines"], one["orphans"])
            for one in manifest.get("details", [])
        ],
    )
    _table(
        connection,
        "identity (name VARCHAR, number BIGINT)",
        [(name, n) for name, n in manifest["identity"].items() if isinstance(n, int)],
    )
    _table(
        connection,
        "regularised (cost_lines BIGINT)",
        [(manifest["regularised"]["cost_lines"],)] if "regularised" in manifest else [],
    )
    _table(
        connection,
        "duplicated (name VARCHAR, lines BIGINT)",
        list(manifest.get("duplicates", {}).items()),
    )
    _table(
        connection,
        "file_note (file VARCHAR, note VARCHAR)",
        [(one["file"], note) for one in manifest["inputs"] for note in one.get("notes", ())],
    )
    _table(
        connection,
        "rejected (reason VARCHAR, lines BIGINT)",
        [(one["reason"], one["lines"]) for one in manifest["rejects"]],
    )
    # Without the chaining table, no stay can be chained: its absence is reported instead.
    chained = "T_MCOaaC" in manifest["rows_read"]
    _table(
        connection,
        "stay_year (year INTEGER, removed_by VARCHAR, stays BIGINT)",
        [
            (one["year"], one["removed_by"], one["stays"])
            for one in manifest.get("stays_by_year", [])
            if chained
        ],
    )
    _table(
        connection,
        "mapped_year (year INTEGER, persons BIGINT, linked BIGINT)",
        [(one["year"], one["persons"], one["linked"]) for one in manifest.get("cartography", [])],
    )


def _show_repeated_ids(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """Makes ``event_id``: per bucket, the number of repeated identifiers; then those that two buckets share."""
    buckets = by_folder(files)
    found = [(folder.name, _extra(connection, parquet(held))) for folder, held in buckets.items()]
    every = parquet(files)
    (rows,) = _one(connection, f"SELECT count(*) FROM {every}")
    # Identifiers are repeated between buckets where a natural key lacks its subject, which any part
    # of them shows.
    part = "" if rows <= AT_ONCE else f" WHERE starts_with(event_id, '{PART}')"
    across = _extra(connection, every + part)
    if across:
        across -= sum(_extra(connection, parquet(held) + part) for held in buckets.values())
    repeated = [*found, ("between buckets", across)]
    _table(connection, "event_id (bucket VARCHAR, extra BIGINT)", repeated)


def _extra(connection: duckdb.DuckDBPyConnection, scan: str) -> int:
    """Returns how many rows of ``scan`` have the identifier of another row."""
    (extra,) = _one(connection, f"SELECT count(*) - count(DISTINCT hash(event_id)) FROM {scan}")
    if extra:  # two identifiers may share a hash: only then is the slower count worth it
        (extra,) = _one(connection, f"SELECT count(*) - count(DISTINCT event_id) FROM {scan}")
    return int(extra)


def _show_orders(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    """Makes ``day_order``: per bucket, the days of subjects, and those whose events are not numbered 1, 2, 3…

    Numbers with the same count, least, greatest, sum and sum of squares as 1, 2, 3… are taken as these; a count
    of distinct numbers would need many times the memory.
    """
    try:
        found = [
            (
                folder.name,
                *_one(
                    connection,
                    "SELECT count(*), count(*) FILTER (WHERE (numbered = n AND least = 1 "
                    "AND greatest = n AND 2 * total = n * (n + 1) "
                    "AND 6 * squares = n * (n + 1) * (2 * n + 1)) IS NOT TRUE) FROM ("
                    "SELECT count(*) AS n, count(order_in_day) AS numbered, "
                    "min(order_in_day) AS least, max(order_in_day) AS greatest, "
                    "sum(order_in_day) AS total, "
                    "sum(CAST(order_in_day AS HUGEINT) * order_in_day) AS squares "
                    f"FROM {parquet(held)} GROUP BY subject_id, start_date)",
                ),
            )
            for folder, held in by_folder(files).items()
        ]
    except duckdb.BinderException:
        return  # a release without the order: checks on it are not measured, and that is reported
    _table(connection, "day_order (bucket VARCHAR, days BIGINT, wrong BIGINT)", found)


def _show_previous(
    connection: duckdb.DuckDBPyConnection, release: Material, previous: Material
) -> None:
    window = previous.manifest["care_window"]
    _table(
        connection,
        "previous_care (first_day DATE, last_day DATE)",
        [(window["start"], window["end"])],
    )
    _table(
        connection,
        "row_change (name VARCHAR, rows BIGINT, rows_before BIGINT)",
        [
            (name, _rows(connection, release.files.get(name, ())), _rows(connection, files))
            for name, files in previous.files.items()
            if name != "reject"
        ],
    )
    same_key = release.manifest["key"]["fingerprint"] == previous.manifest["key"]["fingerprint"]
    for table, files in previous.files.items():
        # With another key, no number is common to both releases.
        if table == "event" or (table == "patient" and same_key):
            connection.execute(f"CREATE VIEW previous_{table} AS SELECT * FROM {parquet(files)}")


def _rows(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    return int(_one(connection, f"SELECT count(*) FROM {parquet(files)}")[0]) if files else 0


def _table(
    connection: duckdb.DuckDBPyConnection, declared: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    connection.execute(f"CREATE TABLE {declared}")
    if rows:
        # One statement per column: one per row took a tenth of a small build.
        columns = [list(cells) for cells in zip(*rows, strict=True)]
        wanted = ", ".join("unnest(?)" for _ in columns)
        connection.execute(f"INSERT INTO {declared.split(maxsplit=1)[0]} SELECT {wanted}", columns)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] = connection.execute(query).fetchall()[0]
    return row
