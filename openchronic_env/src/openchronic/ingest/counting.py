"""Counts the rows of a file independently of its reader, so that no row is lost unseen."""

from __future__ import annotations

from dataclasses import dataclass

from openchronic.errors import SourceError
from openchronic.ingest.parquet import ParquetScan
from openchronic.ingest.sas import SasScan
from openchronic.ingest.scanning import Scan


@dataclass(frozen=True)
class Count:
    """``delivered``: the line ends in the bytes of a text, or the rows that another format states.

    ``within``: lines that continue in the next one, within quotes. ``by``: the source of the count.
    """

    by: str
    delivered: int
    header: int = 0
    blank: int = 0
    within: int = 0

    @property
    def rows(self) -> int:
        """Returns the lines that are rows."""
        return self.delivered - self.header - self.blank - self.within


def count_of(found: Scan | ParquetScan | SasScan) -> Count:
    """Returns the count of a scanned file."""
    if isinstance(found, Scan):
        lines = found.counted
        return Count("line ends", lines.lines, header=1, blank=lines.blank, within=lines.within)
    if isinstance(found, ParquetScan):
        return Count("the footer of the Parquet file", found.rows)
    return Count("the header of the SAS dataset", found.rows)


def refuse_difference(file: str, count: Count, *, read: int) -> None:
    """Raises SourceError when the rows ``read``, rejects included, differ from ``count``."""
    if read == count.rows:
        return
    terms = (
        f" ({count.delivered:,} lines less {count.header} header, {count.blank:,} blank, "
        f"{count.within:,} that go on within quotes)"
        if count.header
        else ""
    )
    raise SourceError(
        f"{file}: {count.rows:,} rows by {count.by}{terms}, and {read:,} were read: "
        f"{abs(count.rows - read):,} {'are lost' if read < count.rows else 'too many'}. "
        "Nothing is published of it: look for quotes and line ends within its fields, ask for the file "
        "without them, and tell those who maintain openchronic"
    )
