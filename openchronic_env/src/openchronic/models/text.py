"""Finds the SQL texts of the models: each is in the folder of its subject, under a unique name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable


def sql(name: str) -> str:
    """Returns the text ``<name>.sql``. Raises KeyError where no subject has one."""
    return texts()[name].read_text(encoding="utf-8")


@cache
def texts() -> Mapping[str, Traversable]:
    """Returns all texts by name. Raises ValueError where two subjects have one of the same name."""
    found: dict[str, Traversable] = {}
    for subject in resources.files("openchronic.models").iterdir():
        if not subject.is_dir():
            continue
        for file in subject.iterdir():
            name, _, ending = file.name.rpartition(".")
            if ending == "sql" and found.setdefault(name, file) is not file:
                raise ValueError(f"{name}.sql is in {subject.name} and in another folder")
    return found
