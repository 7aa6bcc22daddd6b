"""Counts rejected lines by table, file, column and reason, and locates them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from openchronic.errors import SourceError
from openchronic.ingest.dates import NOT_A_DATE, OUT_OF_RANGE
from openchronic.ingest.odd_numbers import SCIENTIFIC
from openchronic.ingest.scanning import open_bytes

# This many rejects of a table never stop a build, unless they are all of its lines.
ALWAYS_BEARABLE = 5
SHOWN_LINES = 5
# Files were joined with their headers: these are reported, and no line of data is lost.
REPEATED = "header repeated"
# All letters except those of an exponent or a time, which have the same place in every value.
OTHER_LETTERS = r"(?!(?<=[\d.,])[TeE](?=[\d+-]))(?!(?<=\d)Z$)[^\W\d_]"
LONGEST_SHAPE = 40


@dataclass(frozen=True)
class Reject:
    """``count`` lines of a file rejected for one reason; ``lines`` are the first of them.

    ``unit``: what is counted: lines, or rows of a Parquet file. ``shape``: the pattern of most of the values,
    with letters and figures masked.
    """

    table: str
    file: str
    column: str
    reason: str
    count: int
    lines: tuple[int, ...]
    unit: str = "line"
    shape: str = ""


def refuse_too_many(table: str, *, rows: int, rejects: Iterable[Reject], limit: float) -> None:
    """Raises SourceError when all rows of a table are rejected, or more than a few and than ``limit``, a share
    (0 to 1)."""
    rejects = list(rejects)
    repeated = sum(reject.count for reject in rejects if reject.reason == REPEATED)
    count = sum(reject.count for reject in rejects) - repeated
    rows -= repeated
    if not count or (count < rows and count <= max(ALWAYS_BEARABLE, limit * rows)):
        return
    worst = sorted(rejects, key=lambda reject: -reject.count)[:5]
    details = "; ".join(
        f"{reject.count:,} × {reject.column + ' ' if reject.column else ''}{reject.reason}"
        f"{f' (like {reject.shape})' if reject.shape else ''}, "
        f"{reject.file} {reject.unit} {', '.join(str(line) for line in reject.lines)}"
        for reject in worst
    )
    allowed = "none may be" if count == rows else f"at most {100 * limit:g} % allowed"
    raise SourceError(
        f"{table}: {count:,} of {rows:,} lines cannot be read ({100 * count / rows:.2f} %, "
        f"{allowed}): {details}. "
        "'openchronic rejects' shows those of a release; ask for the file again, or raise --max-rejects"
    )


def shape_of(value: str, reason: str) -> str:
    """Returns the pattern of ``value``, which messages may show: 9 for a figure, a and A for letters.

    An impossible date is shown as it is.
    """
    text = value.strip()[: LONGEST_SHAPE + 1]
    if reason in (SCIENTIFIC, NOT_A_DATE):
        text = re.sub(r"\d", "9", re.sub(OTHER_LETTERS, "a", text))
    elif reason != OUT_OF_RANGE:
        text = re.sub(r"[^\W\d_]", lambda one: "A" if one[0].isupper() else "a", text)
        text = re.sub(r"\d", "9", text)
    return f"{text[:LONGEST_SHAPE]}…" if len(text) > LONGEST_SHAPE else text


def commonest_shape(values: Iterable[str], reason: str) -> str:
    """Returns the pattern of most of ``values``, "" when they are empty."""
    shapes = Counter(shape_of(value, reason) for value in values)
    shapes.pop("", None)
    return shapes.most_common(1)[0][0] if shapes else ""


def line_numbers(
    path: Path, records: Iterable[int], *, quoted: bool, skipped: Iterable[int]
) -> dict[int, int]:
    """Returns the line in the file of each record (the first after the header is 1).

    Blank lines and ``skipped`` lines (already rejected) hold no record; quoted fields may span lines.
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
    """Returns counts by (table, column, reason)."""
    counts: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for reject in rejects:
        counts[reject.table, reject.column, reject.reason] += reject.count
    return dict(sorted(counts.items()))
