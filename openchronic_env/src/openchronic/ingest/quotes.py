"""Decides whether the quotes of a text file enclose fields: all of them do, at the edges of fields, or none.

Files of the SNDS are usually not quoted: in the name of a drug a quote may be an inch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openchronic.ingest.ends import LEAD, NEWLINE, RETURN, Ends

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUOTE = ord('"')


@dataclass
class Quotes:
    """Whether every quote stands at the edge of a field, or is one of two within a quoted field.

    ``width``: how many separators a line has. ``wrong``: the first line where a quote stands elsewhere.
    """

    separator: int
    width: int
    seen: bool = False
    inside: bool = False
    opened: int = 0
    wrong: int | None = None
    within: int = 0
    ends: Ends = field(default_factory=Ends)
    # For the line that continues: its separators so far. For the run of lines that quoted fields
    # connect, if there is one: whether each line was as wide as the header.
    separators: int = 0
    run: bool | None = None

    def add(
        self,
        data: NDArray[np.uint8],
        newlines: NDArray[np.intp],
        returns: NDArray[np.intp],
        *,
        before: int,
        until: int,
    ) -> None:
        """Adds a block. ``before``: how many lines ended before ``data``; ``until``: the end of its new bytes."""
        import numpy as np

        quotes = np.flatnonzero(data[LEAD:until] == QUOTE) + LEAD
        if len(quotes):
            self.seen = True
        elif not self.inside:
            self.ends.add(data, newlines, returns, before=before)
            self._look(data, newlines, np.zeros(len(newlines), bool), before=before, until=until)
            return
        first = int(self.inside)
        opening, closing = quotes[first::2], quotes[1 - first :: 2]
        wrong = np.concatenate(
            [
                opening[~self._edge(data[opening - 1])],
                closing[~self._edge(data[closing + 1], returned=True)],
            ]
        )
        if len(wrong):
            self.wrong = before + _lines_before(newlines, int(wrong.min())) + 1
            return
        if len(opening) and (len(quotes) + first) % 2:
            self.opened = before + _lines_before(newlines, int(opening[-1])) + 1
        within = self._parity(quotes, newlines, first)
        self.inside = bool((len(quotes) + first) % 2)
        self.within += int(np.count_nonzero(within))
        returns = returns[~self._parity(quotes, returns, first)]
        self.ends.add(data, newlines[~within], returns, before=before)
        self._look(data, newlines, within, before=before, until=until)

    def _look(
        self,
        data: NDArray[np.uint8],
        newlines: NDArray[np.intp],
        within: NDArray[np.bool_],
        *,
        before: int,
        until: int,
    ) -> None:
        swallowed = self._widths(data, newlines, within, until)
        if swallowed is not None:
            self.wrong = self.opened if swallowed < 0 else before + swallowed + 1

    def _widths(
        self,
        data: NDArray[np.uint8],
        newlines: NDArray[np.intp],
        within: NDArray[np.bool_],
        until: int,
    ) -> int | None:
        """Returns the first of the lines that quotes connect though each is as wide as the header: these are
        rows that quotes swallow.

        It is negative where the line is in an earlier block.
        """
        import numpy as np

        if not self.seen:
            # Until then a line is the text between two line ends.
            last = int(newlines[-1]) if len(newlines) else LEAD - 1
            rest = int(np.count_nonzero(data[last + 1 : until] == self.separator))
            self.separators = rest + (0 if len(newlines) else self.separators)
            return None
        places = np.flatnonzero(data[LEAD:until] == self.separator) + LEAD
        counts = np.diff(np.searchsorted(places, newlines), prepend=0)
        total = len(places)
        if not len(newlines):
            self.separators += total
            return None
        counts[0] += self.separators
        self.separators = total - int(np.searchsorted(places, newlines[-1]))
        # One more separator at the end of each line makes no wider table.
        full = (counts == self.width) | (
            (counts == self.width + 1) & (data[newlines - 1] == self.separator)
        )
        if self.run is None and not within.any():
            return None
        tied, wide = within, full
        carried = self.run is not None
        if carried:
            tied = np.concatenate([[True], within])
            wide = np.concatenate([[self.run], full])
        # A run begins after a line that is not connected to the next.
        begins = np.flatnonzero(np.concatenate([[True], ~tied[:-1]]))
        all_wide = np.logical_and.reduceat(wide, begins)
        lengths = np.diff(np.append(begins, len(wide)))
        open_run = bool(tied[-1])
        done = slice(0, len(begins) - 1 if open_run else len(begins))
        self.run = bool(all_wide[-1]) if open_run else None
        wrong = begins[done][all_wide[done] & (lengths[done] > 1)]
        return int(wrong[0]) - carried if len(wrong) else None

    def _edge(self, byte: NDArray[np.uint8], *, returned: bool = False) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (byte == self.separator) | (byte == NEWLINE) | (byte == QUOTE)
        return found | (byte == RETURN) if returned else found

    def _parity(
        self, quotes: NDArray[np.intp], places: NDArray[np.intp], first: int
    ) -> NDArray[np.bool_]:
        import numpy as np

        odd: NDArray[np.bool_] = (np.searchsorted(quotes, places) + first) % 2 == 1
        return odd


def _lines_before(newlines: NDArray[np.intp], place: int) -> int:
    import numpy as np

    return int(np.searchsorted(newlines, place))
