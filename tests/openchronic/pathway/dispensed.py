"""A release of a few rows, for tests of exposures: packs, dispensings, stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb

CODES = (
    ("CIP13", "small", "ATC", "A10BA02", False),
    ("CIP13", "large", "ATC", "A10BA02", True),
    ("CIP13", "unknown", "ATC", "A10BA02", None),
    ("UCD", "0000001", "ATC", "A10BA02", None),
    ("CIP13", "insulin", "ATC", "A10AB01", False),
    ("CIP13", "other", "ATC", "C09AA01", True),
)


def release(
    events: Iterable[Sequence[Any]], stays: Iterable[Sequence[Any]] = ()
) -> duckdb.DuckDBPyConnection:
    """Returns a connection with ``code``, ``event`` (subject, type, vocabulary, code, day, quantity, flags) and ``stay``
    (subject, setting, first day, last day)."""
    connection = duckdb.connect()
    connection.execute(
        """CREATE TABLE code (vocabulary VARCHAR, code VARCHAR, parent_vocabulary VARCHAR, parent_code VARCHAR,
            is_large_pack BOOLEAN);
        CREATE TABLE event (subject_id BIGINT, event_type VARCHAR, vocabulary VARCHAR, code VARCHAR, start_date DATE,
            quantity DECIMAL(12, 2), flags VARCHAR);
        CREATE TABLE stay (subject_id BIGINT, care_setting VARCHAR, start_date DATE, end_date DATE, is_session BOOLEAN,
            care_form VARCHAR)"""
    )
    connection.executemany("INSERT INTO code VALUES (?, ?, ?, ?, ?)", CODES)
    for row in events:
        cells = [*row, *[None] * (7 - len(row))]
        connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", cells)
    for row in stays:
        cells = [*row, *[None] * (6 - len(row))]
        connection.execute("INSERT INTO stay VALUES (?, ?, ?, ?, ?, ?)", cells)
    return connection


def packs(*days: date, subject: int = 1, code: str = "small") -> list[tuple[Any, ...]]:
    """Returns a dispensing of one pack on each day."""
    return [(subject, "drug", "CIP13", code, day, 1) for day in days]
