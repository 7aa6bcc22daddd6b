"""Compares two releases of a base: their manifests, and the subjects whose rows differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from openchronic.changes.corrections import corrected
from openchronic.changes.subjects import columns_in, compare_subjects
from openchronic.quality.material import Material

Changes = dict[str, Any]


def compare(connection: duckdb.DuckDBPyConnection, before: Material, after: Material) -> Changes:
    """Returns the changes from ``before`` to ``after``, as a manifest keeps them; counts are not masked.

    ``subjects`` is None when the releases have different keys: no number is then common to both.
    """
    old, new = before.manifest, after.manifest
    same_key = old["key"]["fingerprint"] == new["key"]["fingerprint"]
    return {
        "since": old["id"],
        "tables": _tables(connection, before, after),
        "events": _pairs(old["events"], new["events"]),
        "subjects": compare_subjects(connection, before, after) if same_key else None,
        "filters": _changed(old["settings"]["filters"], new["settings"]["filters"]),
        "settings": _changed(_plain(old["settings"]), _plain(new["settings"])),
        "versions": _changed(old["versions"], new["versions"]),
        "inputs": _inputs(old, new),
        "corrections": corrected(connection, old, after),
    }


def _tables(
    connection: duckdb.DuckDBPyConnection, before: Material, after: Material
) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "before": _rows(before, name),
            "after": _rows(after, name),
            **_columns(connection, before, after, name),
        }
        for name in _names(before.files, after.files)
    ]


def _rows(release: Material, table: str) -> int | None:
    return release.manifest["tables"][table]["rows"] if table in release.files else None


def _columns(
    connection: duckdb.DuckDBPyConnection, before: Material, after: Material, table: str
) -> dict[str, list[str]]:
    """Returns the changed columns of a table that both have: those of a new table are not listed again."""
    if table not in before.files or table not in after.files:
        return {"columns_added": [], "columns_removed": []}
    old, new = (columns_in(connection, one.files[table][0]) for one in (before, after))
    return {
        "columns_added": [name for name in new if name not in old],
        "columns_removed": [name for name in old if name not in new],
    }


def _pairs(old: Mapping[str, int], new: Mapping[str, int]) -> list[dict[str, Any]]:
    """Returns the counts by name in both releases, equal ones too, 0 where a release has none."""
    return [
        {"name": name, "before": old.get(name, 0), "after": new.get(name, 0)}
        for name in sorted({*old, *new})
    ]


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the values that differ, by name; None where a release lacks the name."""
    return [
        {"name": name, "before": old.get(name), "after": new.get(name)}
        for name in _names(old, new)
        if old.get(name) != new.get(name)
    ]


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != "filters"}


def _inputs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Compares files by content: a renamed file is no change; the same name with another content is a replacement."""
    had = {(one["table"], one["sha256"]) for one in old["inputs"]}
    has = {(one["table"], one["sha256"]) for one in new["inputs"]}
    added = [one for one in new["inputs"] if (one["table"], one["sha256"]) not in had]
    removed = [one for one in old["inputs"] if (one["table"], one["sha256"]) not in has]
    replaced = {_file(one) for one in added} & {_file(one) for one in removed}
    return {
        "added": [_delivered(one) for one in added if _file(one) not in replaced],
        "removed": [_delivered(one) for one in removed if _file(one) not in replaced],
        "replaced": [_delivered(one) for one in added if _file(one) in replaced],
    }


def _file(one: Mapping[str, Any]) -> tuple[str, str]:
    return one["table"], one["file"]


def _delivered(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("table", "file", "rows")}


def _names(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Returns the names in the order of the newer release, then those that it no longer has."""
    return [*new, *(name for name in old if name not in new)]
