"""Counts the lines of a text file in its bytes: rows are all except the header, blank lines and lines within quotes.

The count is independent of the reader.
"""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.ingest.ends import LEAD, NEWLINE, RETURN, Ends
from openchronic.ingest.missing import words_of
from openchronic.ingest.odd_numbers import holds_exponent, may_hold_groups
from openchronic.ingest.quotes import Quotes

# The bytes kept until the next block shows what they are; a longer run is not text.
MOST_PENDING = 1 << 20


@dataclass(frozen=True)
class Lines:
    """The counts of a whole file. ``plain_quote``: the first line with a quote that is a plain character.

    ``unended``: whether the last line has no end. ``words``: the words for a missing value in it;
    ``exponents``: whether it holds a number in scientific notation; ``groups``: whether it may hold one with
    thousands separators.
    """

    lines: int
    blank: int
    within: int
    unended: bool
    quoted: bool
    plain_quote: int | None
    returned: bool
    mixed: bool
    stray: int | None
    words: tuple[str, ...]
    exponents: bool
    groups: bool

    @property
    def rows(self) -> int:
        """Returns the lines except the header, blank ones and those that continue in the next."""
        return self.lines - 1 - self.blank - self.within


class Counter:
    """Counts lines: call ``take`` with each block in turn, then ``finish``. ``header``: the whole first line."""

    def __init__(self, header: bytes, separator: str) -> None:
        self.separator = ord(separator)
        self.plain = Ends()
        self.quotes = Quotes(self.separator, header.count(separator.encode()))
        self.words: set[str] = set()
        self.exponents = self.groups = False
        self.lead = b"\n" * LEAD
        self.pending = b""

    def take(self, block: bytes) -> None:
        """Counts one more block."""
        block = self.pending + block
        known = block.rstrip(b'\r"')
        if len(block) - len(known) > MOST_PENDING:
            known = block
        self.pending = block[len(known) :]
        if known:
            self._count(known, b"")

    def finish(self, *, whole: bool = True) -> Lines:
        """Returns the counts. ``whole``: whether the file ended here, or only the examined part."""
        # The end of the file is the edge of a field.
        self._count(self.pending, b"\n")
        unended = not self.lead.endswith(b"\n")
        quotes = self.quotes
        if whole and quotes.inside and quotes.wrong is None:
            quotes.wrong = quotes.opened
        if whole and quotes.run and quotes.wrong is None and quotes.separators == quotes.width:
            quotes.wrong = quotes.opened
        quoted = quotes.seen and quotes.wrong is None
        ends = quotes.ends if quoted else self.plain
        return Lines(
            lines=self.plain.lines + unended,
            blank=ends.blank,
            within=quotes.within if quoted else 0,
            unended=unended,
            quoted=quoted,
            plain_quote=quotes.wrong,
            returned=ends.returned > 0,
            mixed=ends.mixed,
            stray=ends.stray,
            words=tuple(sorted(self.words)),
            exponents=self.exponents,
            groups=self.groups,
        )

    def _count(self, known: bytes, end: bytes) -> None:
        import numpy as np

        # Two more bytes, so that each byte has two successors.
        data = np.frombuffer(self.lead + known + (end or b"\0") + b"\0", np.uint8)
        until = LEAD + len(known)
        newlines = np.flatnonzero(data[LEAD:until] == NEWLINE) + LEAD
        returns = np.flatnonzero(data[LEAD:until] == RETURN) + LEAD
        before = self.plain.lines
        if self.quotes.wrong is None:
            self.quotes.add(data, newlines, returns, before=before, until=until)
        self.plain.add(data, newlines, returns, before=before)
        self.exponents = self.exponents or holds_exponent(data[: until + len(end)], self.separator)
        self.groups = self.groups or may_hold_groups(data)
        self.words |= words_of(data[: until + len(end)], self.separator)
        self.lead = (self.lead + known[-LEAD:])[-LEAD:]
