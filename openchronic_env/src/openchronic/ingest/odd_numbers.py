"""Searches the bytes of a text for numbers in scientific notation, which lose digits, or with thousands separators.

SAS writes numbers of more than twelve digits so (``BEST12.``), spreadsheets those of twelve and more: fifty
packs get one code. R writes any number with three zeros at its end so (tidyverse/readr#671, #845).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCIENTIFIC = "scientific notation"
# 3.40093E+12, 3,40093E12, 3E12.
EXPONENT = r"[+-]?\d+([.,]\d*)?[eE][+-]?\d+"
# In a column of text, 35E5 may be a code, and 350e123 part of one: 35e7, which R writes for
# 350000000, is not.
EXPONENT_IN_TEXT = r"[+-]?\d[.,]\d+[eE][+-]?\d+|[+-]?\d+[eE]\+\d+|\d{1,11}e\d{1,2}"
LONGEST = 40
_FIELD = re.compile(rb" *[+-]?\d+([.,]\d*)?[eE][+-]?\d{1,3} *")


def holds_exponent(data: NDArray[np.uint8], separator: int) -> bool:
    """Returns whether a field of ``data`` is such a number. Both ends of ``data`` are edges of fields or are
    examined again."""
    import numpy as np

    letters = np.flatnonzero((data == ord("E")) | (data == ord("e")))
    letters = letters[(letters > 0) & (letters < len(data) - 1)]
    # A digit or a point must come before, a digit or a sign after.
    letters = letters[_among(data[letters - 1], b"0123456789.,")]
    letters = letters[_among(data[letters + 1], b"0123456789+-")]
    if not len(letters):
        return False
    edges = np.flatnonzero((data == separator) | (data == ord("\n")))
    if not len(edges):
        return False
    place = np.searchsorted(edges, letters)
    inner = (place > 0) & (place < len(edges))
    place = place[inner]
    begins, ends = edges[place - 1] + 1, edges[np.minimum(place, len(edges) - 1)]
    likely = (ends - begins < LONGEST) & _among(data[begins], b'0123456789+- "')
    # Most of the rest are pseudonyms that begin with a digit: at most three digits may end the
    # number.
    likely &= ends - letters[inner] <= 7
    for begin, end in zip(begins[likely], ends[likely], strict=True):
        if _FIELD.fullmatch(data[begin:end].tobytes().strip(b'"\r')):
            return True
    return False


def may_hold_groups(data: NDArray[np.uint8]) -> bool:
    """Returns whether a thousands separator may stand within a number."""
    import numpy as np

    def at(places: NDArray[np.intp], wanted: bytes) -> NDArray[np.intp]:
        places = places[(places > 0) & (places < len(data) - 4)]
        found: NDArray[np.intp] = places[
            _among(data[places - 1], b"0123456789")
            & _among(data[places + 3], b"0123456789")
            & _among(data[places + 4], wanted)
        ]
        return found

    # The group has three digits, and no more.
    none = bytes(set(range(256)) - set(b"0123456789"))
    apart = np.flatnonzero((data == ord(" ")) | (data == ord("'")) | (data == 0xA0))
    # The last bytes in UTF-8 of a narrow no-break space, a thin space and an apostrophe, and of a
    # no-break space.
    wide = np.flatnonzero((data == 0xAF) | (data == 0x89) | (data == 0x99) | (data == 0xA0))
    if len(at(apart, none)) or (len(wide) and len(_after_letter(data, wide))):
        return True
    marks = np.flatnonzero((data == ord(".")) | (data == ord(",")))
    return len(at(marks, b".,")) > 0


def _after_letter(data: NDArray[np.uint8], places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Returns those of ``places`` that end a character of several bytes and are followed by a digit."""
    places = places[(places > 0) & (places < len(data) - 1)]
    found: NDArray[np.intp] = places[
        (data[places - 1] >= 0x80) & _among(data[places + 1], b"0123456789")
    ]
    return found


def _among(bytes_: NDArray[np.uint8], wanted: bytes) -> NDArray[np.bool_]:
    import numpy as np

    known = np.zeros(256, dtype=bool)
    known[list(wanted)] = True
    return known[bytes_]
