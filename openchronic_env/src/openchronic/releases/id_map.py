"""Writes a file that maps the identifiers of a release of manifest format 1 to the current ones."""

from __future__ import annotations

import os
from pathlib import Path

from openchronic.errors import RefusedError, SettingsError
from openchronic.releases.release import Release
from openchronic.runtime.database import open_engine, scan
from openchronic.runtime.limits import thread_limit
from openchronic.runtime.text import quoted, sql

FORMATS = {".parquet": "FORMAT parquet, COMPRESSION zstd", ".csv": "FORMAT csv, HEADER"}
# An episode has the identifier of its first stay, or of a visit: `stay_id` holds them all.
PAIRS = """
SELECT 'event_id' AS "column", event_id AS old_id, short_id(event_id) AS new_id FROM {event}
UNION ALL
SELECT 'stay_id', stay_id, short_id(stay_id)
FROM (SELECT stay_id FROM {event} UNION SELECT stay_id FROM {stay})
WHERE stay_id IS NOT NULL
"""


def write_id_map(release: Release, file: Path) -> int:
    """Writes ``column``, ``old_id``, ``new_id`` for all events and stays of ``release``; returns the number of
    rows.

    ``file``: a new file, ``.parquet`` or ``.csv``; it is written completely or not at all. Raises SettingsError
    for another kind of file, RefusedError where the file exists already, or the release has current
    identifiers.
    """
    if file.suffix not in FORMATS:
        raise SettingsError(
            f"{file}: name a file that ends in {' or '.join(FORMATS)}",
            f"{file} : donnez un nom qui finit par {' ou '.join(FORMATS)}.",
        )
    if file.exists() or file.is_symlink():
        raise RefusedError(
            f"{file}: there already; name a new file",
            f"{file} existe déjà : nommez un nouveau fichier.",
        )
    event, stay = (scan(release.files(table)) for table in ("event", "stay"))
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with open_engine(threads=thread_limit()) as connection:
        connection.execute(sql("duckdb_functions"))
        if connection.execute(
            f"SELECT 1 FROM {event} WHERE length(event_id) = 16 LIMIT 1"
        ).fetchall():
            raise RefusedError(
                f"{release.name} has the identifiers of today already",
                f"La version {release.name} a déjà les identifiants d'aujourd'hui.",
            )
        try:
            ((rows,),) = connection.execute(
                f"COPY ({PAIRS.format(event=event, stay=stay)}) TO {quoted(fresh)} "
                f"({FORMATS[file.suffix]})"
            ).fetchall()
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)
    return int(rows)
