"""Reads manifests of earlier versions in the current format, with the current names of filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openchronic.models.filters.switching import load_old_names

# The format of the manifests that builds write, and what the keys of an earlier format are called in it.
FORMAT = 2
KEYS: Mapping[int, Mapping[str, str]] = {
    1: {"accounts": "reconciliation", "checks": "assertions", "measures": "quality"}
}


def is_known(manifest: Mapping[str, Any]) -> bool:
    """Whether this version reads the format of ``manifest``."""
    return manifest.get("format") in (FORMAT, *KEYS)


def of_today(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns ``manifest``, of a known format, in the current format and with the current names of filters."""
    return _with_filters_of_today(_with_keys_of_today(manifest))


def _with_keys_of_today(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns ``manifest`` with the current names of its keys, in their order."""
    keys = KEYS.get(manifest["format"])
    if keys is None:
        return manifest
    return {keys.get(key, key): part for key, part in manifest.items()} | {"format": FORMAT}


def _with_filters_of_today(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns ``manifest`` with the current names of its filters; a filter that no longer exists keeps its own."""
    written = manifest.get("settings", {}).get("filters", {})
    # A current name has its step before a dot, as no old name has: such a manifest needs no
    # renaming.
    if all("." in name for name in written):
        return manifest
    return {**manifest, **_renamed(manifest)}


def _renamed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    settings = manifest["settings"]
    parts: dict[str, Any] = {"settings": settings | {"filters": _keys(settings["filters"])}}
    for part, column in (("filters", "name"), ("stays_by_year", "removed_by")):
        if part in manifest:
            parts[part] = [one | {column: _now(one[column])} for one in manifest[part]]
    for part in ("reconciliation", "euros"):
        if part in manifest:
            parts[part] = [
                one | ({"filtered": _keys(one["filtered"])} if "filtered" in one else {})
                for one in manifest[part]
            ]
    if changes := manifest.get("changes"):
        switches = [one | {"name": _now(one["name"])} for one in changes["filters"]]
        parts["changes"] = changes | {"filters": switches}
    return parts


def _keys(named: Mapping[str, Any]) -> dict[str, Any]:
    return {_now(name): value for name, value in named.items()}


def _now(name: str | None) -> Any:
    return load_old_names().get(name, name) if name is not None else None
