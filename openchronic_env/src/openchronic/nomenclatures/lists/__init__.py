"""The code lists in use, one CSV file each; ``SOURCES.md`` lists their sources."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def load_nomenclature(name: str) -> tuple[dict[str, str], ...]:
    """Returns the rows of ``<name>.csv``, in file order; KeyError when there is no such list."""
    path = resources.files(__name__).joinpath(f"{name}.csv")
    if not path.is_file():
        raise KeyError(f"no code list {name}")
    with path.open(encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))
