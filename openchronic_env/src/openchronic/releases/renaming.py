"""Reads manifests of earlier versions with the current names of filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openchronic.models.filters.switching import load_old_names


def with_names_of_today(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns ``manifest`` with the current names of its filters; a filter that no longer exists keeps its own."""
    written = manifest.get("settings", {}).get("filters", {})
    # A current name has its step before a dot, as no old name has: such a manifest needs no
    # renaming.
    if all("." in name for name in written):
        return manifest
    return {**manifest, **_renamed(manifest)}


def _renamed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    settings = manifest["settings"]
    told: dict[str, Any] = {"settings": settings | {"filters": _keys(settings["filters"])}}
    for part, column in (("filters", "name"), ("stays_by_year", "removed_by")):
        if part in manifest:
            told[part] = [one | {column: _now(one[column])} for one in manifest[part]]
    for part in ("accounts", "euros"):
        if part in manifest:
            told[part] = [
                one | ({"filtered": _keys(one["filtered"])} if "filtered" in one else {})
                for one in manifest[part]
            ]
    if changes := manifest.get("changes"):
        switches = [one | {"name": _now(one["name"])} for one in changes["filters"]]
        told["changes"] = changes | {"filters": switches}
    return told


def _keys(named: Mapping[str, Any]) -> dict[str, Any]:
    return {_now(name): value for name, value in named.items()}


def _now(name: str | None) -> Any:
    return load_old_names().get(name, name) if name is not None else None
