"""Writes the manifest of a release: its inputs, its counts, its content."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import duckdb

from openchronic import __version__
from openchronic.build.cartography import MappedYear
from openchronic.build.conflicts import Conflict
from openchronic.build.context import Context
from openchronic.build.fingerprint import TableContent
from openchronic.build.foreign_keys import OrphanCount
from openchronic.build.reconciliation import Assertion
from openchronic.build.regularising import Regularised
from openchronic.changes.corrections import names
from openchronic.dictionary.released import event_types
from openchronic.ingest.rejects import by_reason
from openchronic.ingest.states import Provisional
from openchronic.models.filters.filter import FilterCount
from openchronic.releases.balance import Euros, Lines
from openchronic.releases.manifest import MANIFEST
from openchronic.releases.renaming import FORMAT

COST_RULE = (
    "line by line: a cancelled line and its cancellation are both there and add up to nothing"
)


def describe(
    context: Context,
    *,
    recipe: str,
    digest: str,
    awaited: Iterable[Provisional],
    contents: Mapping[str, TableContent],
    identity: Mapping[str, object],
    filters: Iterable[FilterCount],
    stays_by_year: Iterable[Mapping[str, object]],
    cartography: Iterable[MappedYear],
    duplicates: Mapping[str, int],
    key_conflicts: Iterable[Conflict],
    details: Iterable[OrphanCount],
    reconciliation: Iterable[Lines],
    euros: Iterable[Euros],
    diseases: Mapping[str, object],
    pathways: Iterable[Mapping[str, object]],
    regularised: Regularised,
    assertions: Iterable[Assertion],
    notes: Iterable[str],
) -> dict[str, object]:
    """Returns the manifest, except ``id`` and ``created``, which the publish adds."""
    rejects = [one for reading in context.readings.values() for one in reading.rejects]
    engine = context.engine
    first, last = context.care_days()
    files = sorted((context.place.release / "event").rglob("*.parquet"))
    events = context.counted(
        f"SELECT event_type, count(*) FROM {engine.scan(files)} GROUP BY event_type ORDER BY event_type"
    )
    return {
        "format": FORMAT,
        "base": context.settings.base,
        "content_sha256": digest,
        "recipe_sha256": recipe,
        "settings": context.settings.content() | {"buckets": context.buckets},
        "key": {
            "fingerprint": context.settings.key.fingerprint,
            "public": context.settings.key.public,
        },
        "versions": {
            "openchronic": __version__,
            "duckdb": duckdb.__version__,
            "engine": engine.version,
            "python": platform.python_version(),
            "git_commit": context.settings.git_commit,
        },
        "care_window": {"start": str(first) if first else None, "end": str(last) if last else None},
        "years": list(range(first.year, last.year + 1)) if first and last else [],
        "provisional": [asdict(one) | {"tables": list(one.tables)} for one in awaited],
        "inputs": [
            {
                "table": reading.name,
                "file": file.file.name,
                "sha256": file.origin.sha256,
                "bytes": file.origin.size,
                "rows": file.rows,
                "kept": file.kept,
                "count": asdict(file.count) if file.count else None,
                "notes": list(file.notes),
                "format": file.origin.format,
                "encoding": file.origin.encoding,
                "separator": file.origin.separator,
                "unknown_columns": list(file.origin.unknown),
                "typed": file.folder.name,
            }
            for reading in context.readings.values()
            for file in reading.files
        ],
        "files": {
            "read": context.store.files_added,
            "unchanged": context.store.files_used,
        },
        "rows_read": {
            name: {"rows": one.rows, "kept": one.kept} for name, one in context.readings.items()
        },
        "rejects": [
            {"table": table, "column": column, "reason": reason, "lines": count}
            for (table, column, reason), count in by_reason(rejects).items()
        ],
        "duplicates": dict(duplicates),
        "key_conflicts": [asdict(one) for one in key_conflicts],
        "details": [asdict(one) for one in details],
        "reconciliation": [asdict(one) for one in reconciliation],
        "euros": [one.record() for one in euros],
        "identity": dict(identity),
        "filters": [asdict(one) | {"removed": one.before - one.after} for one in filters],
        "stays_by_year": [dict(one) for one in stays_by_year],
        "cartography": [asdict(one) for one in cartography],
        "diseases": dict(diseases),
        "pathways": [dict(one) for one in pathways],
        "regularised": regularised.record() | {"cost": COST_RULE},
        "regularised_tables": {
            table: asdict(taken) for table, taken in sorted(regularised.tables.items())
        },
        "tables": {
            name: {
                "rows": one.rows,
                "sha256": one.digest,
                "files": dict(one.files),
                # The sums of 53-bit hashes are texts: JSON numbers cannot hold them.
                "sums": {
                    bucket: [str(number) for number in numbers]
                    for bucket, numbers in one.sums.items()
                },
            }
            for name, one in contents.items()
        },
        "events": events,
        # All types are listed, also those without an event, so that readers see what this build
        # looks for.
        "event_types": list(event_types()),
        "assertions": [asdict(one) for one in assertions],
        "corrections": names(),
        "notes": list(notes),
    }


def write(manifest: Mapping[str, object], release: Path, *, name: str, created: datetime) -> None:
    """Writes the manifest in the release folder, under the release's name."""
    full = {"id": name, "created": created.isoformat(timespec="seconds"), **manifest}
    text = json.dumps(full, indent=1, ensure_ascii=False)
    (release / MANIFEST).write_text(text + "\n", encoding="utf-8")
