"""Numbers in scientific notation, which have lost digits, or with thousands apart: whether a text's bytes hold one.

SAS writes a number of more than twelve digits so (``BEST12.``), spreadsheets those of twelve and more: fifty packs
become one code. R writes any with three zeros at its end so (tidyverse/readr#671, #845).
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
# Where letters belong, 35E5 may be a code, and so may 350e123 in what is longer: 35e7, as R writes 350000000, is none.
EXPONENT_IN_TEXT = r"[+-]?\d[.,]\d+[eE][+-]?\d+|[+-]?\d+[eE]\+\d+|\d{1,11}e\d{1,2}"
LONGEST = 40
_FIELD = re.compile(rb" *[+-]?\d+([.,]\d*)?[eE][+-]?\d{1,3} *")


def holds_exponent(data: NDArray[np.uint8], separator: int) -> bool:
    """Whether a field of ``data`` is such a number. Both its ends are fields' edges or are looked at again."""
    import numpy as np

    letters = np.flatnonzero((data == ord("E")) | (data == ord("e")))
    letters = letters[(letters > 0) & (letters < len(data) - 1)]
    # A digit or a point before, a digit or a sign after.
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
    # Most of what is left are pseudonyms that begin with a digit: at most three digits end the number.
    likely &= ends - letters[inner] <= 7
    for begin, end in zip(begins[likely], ends[likely], strict=True):
        if _FIELD.fullmatch(data[begin:end].tobytes().strip(b'"\r')):
            return True
    return False


def may_hold_groups(data: NDArray[np.uint8]) -> bool:
    """Whether a space, a point, a comma or the like stands within a number where thousands may end."""
    import numpy as np

    def at(places: NDArray[np.intp], wanted: bytes) -> NDArray[np.intp]:
        places = places[(places > 0) & (places < len(data) - 4)]
        found: NDArray[np.intp] = places[
            _among(data[places - 1], b"0123456789")
            & _among(data[places + 3], b"0123456789")
            & _among(data[places + 4], wanted)
        ]
        return found

    # Three figures, and then no more.
    none = bytes(set(range(256)) - set(b"0123456789"))
    apart = np.flatnonzero((data == ord(" ")) | (data == ord("'")) | (data == 0xA0))
    # The last byte of a narrow space, of a thin one and of an apostrophe in UTF-8, and the last of the first in it.
    wide = np.flatnonzero((data == 0xAF) | (data == 0x89) | (data == 0x99) | (data == 0xA0))
    if len(at(apart, none)) or (len(wide) and len(_after_letter(data, wide))):
        return True
    marks = np.flatnonzero((data == ord(".")) | (data == ord(",")))
    return len(at(marks, b".,")) > 0


def _after_letter(data: NDArray[np.uint8], places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Those of ``places`` after which a figure comes, at the end of a letter of several bytes."""
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
