"""The identity report: each row of ``identity.csv`` is a count on the tables of persons and numbers."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from openchronic.build.context import Context
from openchronic.nomenclatures import load_nomenclature


@dataclass(frozen=True)
class Count:
    """One count: the rows of the table ``of`` in which the SQL condition ``when`` is TRUE.

    A row adds ``each`` (SQL): 1, or the number of others that it stands for.
    """

    name: str
    of: str
    when: str
    each: str
    source: str
    meaning: str


@cache
def load_counts() -> tuple[Count, ...]:
    """Returns all counts, in the order in which they are reported."""
    with (resources.files("openchronic.build") / "identity.csv").open(encoding="utf-8") as lines:
        return tuple(Count(**row) for row in csv.DictReader(lines, delimiter=";"))


def count_identities(context: Context) -> dict[str, object]:
    """Returns all counts, and the pairs by kind of number. Must be called after the last stage."""
    counts = load_counts()
    by_table: defaultdict[str, list[Count]] = defaultdict(list)
    for one in counts:
        by_table[one.of].append(one)
    sums = [
        ", ".join(f"sum({one.each}) FILTER (WHERE ({one.when}) IS TRUE)" for one in asked)
        for asked in by_table.values()
    ]
    *rows, by_kind = context.engine.answers(
        [
            *(f"SELECT {one} FROM {table}" for one, table in zip(sums, by_table, strict=True)),
            "SELECT coalesce(nir_kind, 'none'), count(*) FROM pair GROUP BY ALL",
        ]
    )
    found = {
        one.name: int(number or 0)
        for asked, (numbers,) in zip(by_table.values(), rows, strict=True)
        for one, number in zip(asked, numbers, strict=True)
    }
    kinds = {name: int(number) for name, number in sorted(by_kind)}
    return {**{one.name: found[one.name] for one in counts}, "pairs_by_kind": kinds}


def tell(identity: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Returns the counts of a manifest that are not zero, each with its meaning; then the pairs by kind.

    A count that did not exist when the release was made is left out.
    """
    meanings = {one.name: one.meaning for one in load_counts()}
    labels = {"none": "not written"} | {
        row["code"]: row["label"] for row in load_nomenclature("nir_kind")
    }
    return [
        (f"{name}: {meanings[name]}", identity[name]) for name in meanings if identity.get(name)
    ] + [
        (f"pairs of kind {kind}: {labels.get(kind, 'not in the nomenclature')}", number)
        for kind, number in identity.get("pairs_by_kind", {}).items()
    ]
