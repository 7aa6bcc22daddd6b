"""What was known of each subject on a day, in plain Python: the reference of sequences. And a release with traps."""

from __future__ import annotations

import datetime
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from openchronic.releases import Release, open_release
from tests.openchronic.front_door import rows

DAY = datetime.date(2018, 9, 1)
EVENTS = (
    "SELECT subject_id, start_date, end_date, known_date, order_in_day, event_type, care_setting, vocabulary, code, "
    "quantity FROM event"
)
# Of the first subject, by code: where it lies, when it is known, and whether a sequence of DAY has it.
TRAPS = {
    "HAPPENED-LATER": ("2018-10-01", "2018-10-01", "2018-01-01", False),
    "KNOWN-LATER": ("2017-01-02", "2017-01-02", "2018-09-02", False),
    "NEVER-KNOWN": ("2017-01-03", "2017-01-03", None, False),
    "KNOWN-ON-THE-DAY": ("2017-01-04", "2017-01-04", "2018-09-01", True),
    "ON-THE-DAY": ("2018-09-01", "2018-09-01", "2018-09-01", True),
    "STILL-GOING-ON": ("2017-01-05", "2018-12-31", "2017-02-01", True),
}

Event = tuple[datetime.date, str, float]


def with_traps(releases: Path, folder: Path) -> Release:
    """Copies a base and gives its first subject the events of TRAPS."""
    shutil.copytree(releases, folder, symlinks=True, dirs_exist_ok=True)
    release = open_release((folder / "snds" / "current").resolve())
    files = [str(one) for one in release.files("event")]
    with duckdb.connect() as connection:
        [(subject, file)] = connection.execute(
            "SELECT subject_id, filename FROM read_parquet(?, hive_partitioning = false, filename = true) "
            "ORDER BY subject_id LIMIT 1",
            [files],
        ).fetchall()
        connection.execute(
            "CREATE TABLE event AS FROM read_parquet(?, hive_partitioning = false)", [file]
        )
        for number, (code, (start, end, known, _)) in enumerate(TRAPS.items()):
            connection.execute(
                "INSERT INTO event (subject_id, start_date, end_date, known_date, order_in_day, event_type, "
                "vocabulary, code, quantity, event_id) VALUES (?, ?, ?, ?, ?, 'drug', 'TRAP', ?, 7, ?)",
                [subject, start, end, known, 1000 + number, code, code],
            )
        connection.execute(
            f"COPY (FROM event ORDER BY subject_id, start_date, order_in_day) TO '{file}' (FORMAT parquet)"
        )
    return release


def named(kind: str, setting: str | None, vocabulary: str | None, code: str | None) -> str:
    if kind in ("birth", "death"):
        return f"MEDS_{kind.upper()}"
    if code is not None:
        return f"{vocabulary}//{code}"
    return kind.upper() + (f"//{setting.upper()}" if setting else "")


def known(release: Path, day: datetime.date) -> dict[int, list[Event]]:
    """Returns the events of each subject that had happened and were known on ``day``, in order: when, what, how many."""
    found: dict[int, list[Any]] = defaultdict(list)
    for subject, start, end, told, order, *what, quantity in rows(release, EVENTS):
        if start is not None and told is not None and start <= day and told <= day:
            goes_on = end is not None and end > day
            value = 0.0 if quantity is None or goes_on else float(quantity)
            found[subject].append((start, order, named(*what), value))
    return {
        subject: [(start, name, value) for start, _, name, value in sorted(events)]
        for subject, events in found.items()
    }


def subjects(release: Path) -> list[int]:
    return [one for (one,) in rows(release, "SELECT subject_id FROM patient ORDER BY 1")]
