"""Writes a release as a MEDS dataset, one bucket at a time, completely or not at all."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from openchronic import __version__
from openchronic.build.publishing import sync
from openchronic.errors import RefusedError
from openchronic.meds import layout
from openchronic.releases import Release
from openchronic.releases.pieces import by_bucket
from openchronic.restricted import may_leave, note
from openchronic.runtime.database import open_engine, scan
from openchronic.runtime.limits import thread_limit
from openchronic.runtime.progress import Steps

ROWS = 65_536


@dataclass(frozen=True)
class Exported:
    """A finished dataset: its folder, its number of subjects and of events (static facts included)."""

    folder: Path
    subjects: int
    events: int


def export(release: Release, folder: Path, steps: Steps) -> Exported:
    """Writes ``release``, or its sample, to the new ``folder``, where the base may be exported.

    The access journal gets a line before anything is written, and one with the numbers at the end. Raises
    RefusedError where the folder exists already, or is not allowed.
    """
    zone = may_leave(release, folder)
    if folder.exists() or folder.is_symlink():
        raise RefusedError(
            f"{folder}: there already; a dataset is written to a new folder",
            f"{folder} existe déjà : l'export se fait dans un nouveau dossier.",
        )
    said = {
        "release": release.name,
        "sample": release.sample,
        "format": "meds",
        "folder": str(folder.absolute()),
    }
    note(zone, "export", **said)
    with _unfinished(folder) as place, open_engine(threads=thread_limit()) as connection:
        codes: Counter[str] = Counter()
        held = by_bucket(release.files("event"))
        buckets = release.manifest["settings"]["buckets"]
        with steps.step("events", total=buckets) as tick:
            for number in range(buckets):
                _show(connection, release, "event", held.get(number, []))
                for split in layout.SPLIT_LIMITS:
                    _write_bucket(connection, release, place, split, (number, buckets), codes)
                tick()
        with steps.step("metadata"):
            subjects = _write_subjects(connection, release, place)
            _write_codes(connection, release, place, codes)
            _describe(release, place)
    note(zone, "exported", **said, subjects=subjects, events=codes.total())
    return Exported(folder, subjects, codes.total())


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """Yields a folder beside ``folder``, which takes its name when all is written, and is removed otherwise."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(place, ignore_errors=True)  # the remains of a killed export
    (place / "metadata").mkdir(parents=True)
    try:
        yield place
        for path in (*place.rglob("*"), place):
            sync(path)
        place.rename(folder)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _show(
    connection: duckdb.DuckDBPyConnection, release: Release, table: str, files: Sequence[Path]
) -> None:
    """Makes the view of the rows of ``files``; empty, where a bucket has none."""
    rows = (
        scan(files, release.condition(table))
        if files
        else f"{scan(release.files(table)[:1])} LIMIT 0"
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW whole_{table} AS SELECT * FROM {rows}")


def _write_bucket(
    connection: duckdb.DuckDBPyConnection,
    release: Release,
    place: Path,
    split: str,
    bucket: tuple[int, int],
    codes: Counter[str],
) -> None:
    """Writes the subjects of a split in one bucket; ``bucket``: its number, and the number of buckets."""
    number, buckets = bucket
    condition = layout.split_condition(split)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW event AS SELECT * FROM whole_event WHERE {condition}"
    )
    _show(connection, release, "patient", release.files("patient"))
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW patient AS SELECT * FROM whole_patient "
        f"WHERE {condition} AND subject_id % {buckets} = {number}"
    )
    query = (resources.files("openchronic.meds") / "data.sql").read_text(encoding="utf-8")
    file = place / layout.DATA / split / f"{number:02}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    with parquet.ParquetWriter(file, layout.EVENTS, compression="zstd") as writer:
        reader = connection.sql(query).to_arrow_reader(ROWS)
        for batch in reader:
            table = pa.Table.from_batches([batch]).select(layout.EVENTS.names)
            writer.write_table(table.cast(layout.EVENTS))
            for one in table["code"].value_counts().to_pylist():
                codes[one["values"]] += one["counts"]


def _write_subjects(connection: duckdb.DuckDBPyConnection, release: Release, place: Path) -> int:
    _show(connection, release, "patient", release.files("patient"))
    cases = " ".join(
        f"WHEN {layout.split_condition(one)} THEN '{one}'" for one in layout.SPLIT_LIMITS
    )
    query = f"SELECT subject_id, CASE {cases} END AS split FROM whole_patient ORDER BY subject_id"
    written = 0
    with parquet.ParquetWriter(place / layout.SPLITS, layout.SUBJECT, compression="zstd") as writer:
        for batch in connection.sql(query).to_arrow_reader(ROWS):
            writer.write_table(pa.Table.from_batches([batch]).cast(layout.SUBJECT))
            written += batch.num_rows
    return written


def _write_codes(
    connection: duckdb.DuckDBPyConnection, release: Release, place: Path, codes: Iterable[str]
) -> None:
    rows = connection.execute(
        "SELECT vocabulary || '//' || code, label, parent_vocabulary || '//' || parent_code "
        f"FROM {scan(release.files('code'))}"
    ).fetchall()
    known = {code: (label, parent) for code, label, parent in rows}
    known |= {code: (label, None) for code, label in layout.DESCRIPTIONS.items()}
    used = sorted(codes)
    described = [known.get(code, (None, None)) for code in used]
    table = pa.table(
        {
            "code": used,
            "description": [label for label, _ in described],
            "parent_codes": [[parent] if parent else None for _, parent in described],
        },
        schema=layout.CODE,
    )
    parquet.write_table(table, place / layout.CODES, compression="zstd")


def _describe(release: Release, place: Path) -> None:
    share = f" (sample {release.sample:g})" if release.sample is not None else ""
    said = {
        "dataset_name": f"openchronic {release.base}",
        "dataset_version": f"{release.id}{share}",
        "etl_name": "openchronic",
        "etl_version": __version__,
        "meds_version": layout.VERSION,
        "created_at": str(release.manifest["created"]),
        "code_modifier_columns": list(layout.MODIFIERS),
        "other_extension_columns": list(layout.EXTENSIONS),
    }
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    (place / layout.DATASET).write_text(text, encoding="utf-8")
