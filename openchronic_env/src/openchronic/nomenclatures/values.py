"""Returns the values of a column by the official name of its value table, where this package has it."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from openchronic.nomenclatures.lists import load_nomenclature

SHORT = "short_lists"


@cache
def load_values(table: str) -> tuple[tuple[str, str], ...]:
    """Returns code and label (in French) of each value of ``table`` (``IR_SPE_V``); empty if the package lacks it."""
    with (resources.files("openchronic.nomenclatures") / "values.csv").open(
        encoding="utf-8"
    ) as lines:
        for row in csv.DictReader(lines):
            if row["table"] == table:
                listed = load_nomenclature(row["list"])
                return tuple((one[row["code"]], one[row["label"]]) for one in listed)
    return tuple(
        (one["code"], one["label"]) for one in load_nomenclature(SHORT) if one["table"] == table
    )
