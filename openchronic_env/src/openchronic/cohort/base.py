"""What a recipe may name of a release: its definitions of diseases with their states, and the days of its care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from openchronic.diseases import Status

# Facts of hospitals, of which twins share numbers.
HOSPITAL = ("diagnosis", "session", "stay")


@dataclass(frozen=True, slots=True)
class Known:
    """A definition, or a variant of one. ``of_hospital``: whether some criterion looks at stays; ``lists``: the lists of
    codes that are not sourced, each with its status."""

    name: str
    version: int
    label: str
    is_of_stays: bool
    states: tuple[str, ...]
    of_hospital: bool
    status: Status = "sourced"
    lists: tuple[tuple[str, Status], ...] = ()


@dataclass(frozen=True)
class Base:
    """A release, as recipes see it. ``first`` and ``last``: the days of its care."""

    definitions: Mapping[str, Known]
    first: date
    last: date


def base_of(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> Base:
    """Returns what the release that ``connection`` shows has."""
    window = manifest.get("care_window") or {}
    first, last = (window.get(name) for name in ("start", "end"))
    found: dict[str, Known] = {}
    if {"definition", "criterion"} <= set(manifest["tables"]):
        rows = connection.execute(
            """SELECT one.definition, any_value(one.version), any_value(one.label), any_value(one.kind),
                any_value(one.states), coalesce(bool_or(part.find IN (SELECT unnest(?))), FALSE), any_value(one.status),
                list(DISTINCT part.code_list || ' ' || part.status ORDER BY part.code_list || ' ' || part.status)
                    FILTER (WHERE part.status <> 'sourced')
            FROM definition AS one
            LEFT JOIN criterion AS part ON part.definition = split_part(one.definition, '.', 1)
            GROUP BY one.definition ORDER BY one.definition""",
            [[*HOSPITAL]],
        ).fetchall()
        for name, version, label, kind, states, of_hospital, status, lists in rows:
            named = tuple(one.partition(":")[0].strip() for one in (states or "").split(";"))
            worse = tuple((one.split(" ")[0], one.split(" ")[1]) for one in lists or ())
            found[name] = Known(
                name, version, label, kind == "stay", named, of_hospital, status, worse
            )
    return Base(
        found,
        date.fromisoformat(first) if first else date(1900, 1, 1),
        date.fromisoformat(last) if last else date(9999, 12, 31),
    )
