"""Refuses a definition of a disease that would change a count under the version of the release in service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openchronic.diseases import Library
from openchronic.errors import SettingsError


def refuse_changed(library: Library, manifest: Mapping[str, Any]) -> None:
    """Compares the definitions with those of the release in service (``manifest``; empty without one).

    Raises SettingsError where one means something else and its version is no higher.
    """
    before = {one["name"]: one for one in manifest.get("diseases", {}).get("definitions", ())}
    for one in library.definitions:
        old = before.get(one.name)
        if old and old["meaning"] != one.meaning and one.version <= old["version"]:
            raise SettingsError(
                f"{one.name}.toml: this definition finds others than version {old['version']} of the "
                f"release in service: write version = {old['version'] + 1}, so that results say which "
                "one they are of"
            )
