"""Words that software writes for a missing value (``missing_words.csv``), and their search in a text.

No code of the SNDS is one of them, in any value table of its official schemas.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@cache
def missing_words() -> Mapping[str, str]:
    """Returns each word, and the software that writes it."""
    with (resources.files("openchronic.ingest") / "missing_words.csv").open(
        encoding="utf-8"
    ) as lines:
        return {
            row["word"]: row["written by"]
            for row in csv.DictReader(lines, delimiter=";", quoting=csv.QUOTE_NONE)
        }


def listed() -> str:
    """Returns the words as a list of SQL strings; the empty string is one of them."""
    return ", ".join(f"'{word}'" for word in ("", *missing_words()))


def words_of(data: NDArray[np.uint8], separator: int) -> set[str]:
    """Returns the words that fill a field of ``data``, bytes that begin and end between two fields.

    The lone dot is left out, since SAS has always written missing values so.
    """
    import numpy as np

    found: set[str] = set()
    begins = np.zeros(len(data), dtype=bool)
    for initial in {word.encode()[0] for word in _searched()}:
        begins |= data == initial
    places = np.flatnonzero(begins[1:]) + 1
    before = data[places - 1]
    places = places[(before == separator) | (before == 10) | (before == ord('"'))]
    if not len(places):
        return found
    for word in _searched():
        text = word.encode()
        here = places[places + len(text) < len(data)]
        for offset, letter in enumerate(text):
            here = here[data[here + offset] == letter]
        after = data[here + len(text)]
        ends = np.isin(after, np.frombuffer(bytes((separator, 10, 13, ord('"'))), np.uint8))
        if ends.any():
            found.add(word)
    return found


@cache
def _searched() -> tuple[str, ...]:
    return tuple(word for word in missing_words() if word != ".")
