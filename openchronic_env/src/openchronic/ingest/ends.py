"""Finds the line ends in the bytes of a text file, with vectors, one block at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openchronic.ingest.odd_numbers import LONGEST

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEWLINE, RETURN = 10, 13
# The bytes kept before a block: the longest word for a missing value or number, and the byte before it.
LEAD = LONGEST + 1


@dataclass
class Ends:
    """Line ends. ``returned``: after one carriage return, ``twice``: after two; ``stray``: the first line with
    a carriage return elsewhere."""

    lines: int = 0
    returned: int = 0
    twice: int = 0
    blank: int = 0
    stray: int | None = None

    @property
    def mixed(self) -> bool:
        """Returns whether the line ends differ, or are ones that no engine reads."""
        return self.twice > 0 or 0 < self.returned < self.lines

    def add(
        self,
        data: NDArray[np.uint8],
        newlines: NDArray[np.intp],
        returns: NDArray[np.intp],
        *,
        before: int,
    ) -> None:
        """Adds a block. ``before``: how many lines ended before ``data``."""
        import numpy as np

        self.lines += len(newlines)
        previous = data[newlines - 1]
        blank = previous == NEWLINE
        if len(returns):
            second, third = data[newlines - 2], data[newlines - 3]
            one = previous == RETURN
            two = one & (second == RETURN)
            self.twice += int(np.count_nonzero(two))
            self.returned += int(np.count_nonzero(one & ~two))
            blank |= (one & (second == NEWLINE)) | (two & (third == NEWLINE))
            after, next_one = data[returns + 1], data[returns + 2]
            good = (after == NEWLINE) | ((after == RETURN) & (next_one == NEWLINE))
            if self.stray is None and not good.all():
                place = returns[~good][0]
                self.stray = before + int(np.count_nonzero(data[LEAD:place] == NEWLINE)) + 1
        self.blank += int(np.count_nonzero(blank))
