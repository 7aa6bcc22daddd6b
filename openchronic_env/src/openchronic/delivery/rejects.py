"""Lines that could not be read: counted by table, file, column and reason, and where they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from openchronic.delivery.scanning import open_bytes
from openchronic.errors import SourceError

# A small table may be a trial or a drawn sample: its rejects are counted, never a reason to stop.
SMALL_TABLE = 1000
SHOWN_LINES = 5


@dataclass(frozen=True)
class Reject:
    """``count`` lines of a file refused for one reason; ``lines`` are the first of them.

    ``unit``: what is counted, the rows of a Parquet file and not its lines.
    """

    table: str
    file: str
    column: str
    reason: str
    count: int
    lines: tuple[int, ...]
    unit: str = "line"


def refuse_too_many(table: str, *, rows: int, rejects: Iterable[Reject], limit: float) -> None:
    """Raise SourceError when more than ``limit`` (a share) of a table of some size is unreadable."""
    rejects = list(rejects)
    count = sum(reject.count for reject in rejects)
    if rows < SMALL_TABLE or count <= limit * rows:
        return
    worst = sorted(rejects, key=lambda reject: -reject.count)[:5]
    details = "; ".join(
        f"{reject.count:,} × {reject.column + ' ' if reject.column else ''}{reject.reason}, "
        f"{reject.file} {reject.unit} {', '.join(str(line) for line in reject.lines)}"
        for reject in worst
    )
    raise SourceError(
        f"{table}: {count:,} of {rows:,} lines cannot be read ({100 * count / rows:.2f} %, "
        f"at most {100 * limit:g} % allowed): {details}"
    )


def line_numbers(
    path: Path, records: Iterable[int], *, quoted: bool, skipped: Iterable[int]
) -> dict[int, int]:
    """The line in the file of each record (the first after the header is 1).

    Blank lines and ``skipped`` lines (already refused) hold no record; quoted fields may span lines.
    """
    wanted, refused = set(records), set(skipped)
    found: dict[int, int] = {}
    record, open_quote = 0, False
    with open_bytes(path) as file:
        for line, text in enumerate(file, start=1):
            if line == 1 or line in refused or (not open_quote and not text.strip()):
                continue
            if not open_quote:
                record += 1
                if record in wanted:
                    found[record] = line
                    if len(found) == len(wanted):
                        break
            if quoted and text.count(b'"') % 2:
                open_quote = not open_quote
    return found


def by_reason(rejects: Iterable[Reject]) -> dict[tuple[str, str, str], int]:
    """Counts by (table, column, reason)."""
    counts: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for reject in rejects:
        counts[reject.table, reject.column, reject.reason] += reject.count
    return dict(sorted(counts.items()))
