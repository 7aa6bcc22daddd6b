"""The official labels of codes: acts, tests, devices, hospital drugs, diagnoses."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib import resources

Label = tuple[str, str, str]


@cache
def _labels() -> Mapping[tuple[str, str], str]:
    file = resources.files("openchronic.nomenclatures.lists") / "label.csv"
    with file.open(encoding="utf-8") as lines:
        rows = csv.reader(lines)
        next(rows)
        return {(vocabulary, code): label for vocabulary, code, label in rows}


def labels_of(used: Mapping[str, Collection[str]]) -> Iterator[Label]:
    """Yields vocabulary, code and label of those of the codes in use, by vocabulary, that have one; sorted."""
    every = _labels()
    for vocabulary, codes in sorted(used.items()):
        for code in sorted(codes):
            if (vocabulary, code) in every:
                yield vocabulary, code, every[vocabulary, code]
