"""What a build asks of its engine: the little in which the engines differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

# Columns, each ascending with what is not known last, unless it ends in FIRST.
Order = Sequence[str]
FIRST = " NULLS FIRST"


class Engine(Protocol):
    """Runs the SQL texts of a build. Every name that it makes may be read by the next query."""

    # For the manifest: the engine and its version.
    version: str
    # The SQL type of a list of whole numbers.
    numbers: str

    def table(self, name: str, query: str) -> None:
        """Make ``name`` of the rows of ``query``, to stay until the end of the build."""

    def scratch(self, name: str, query: str) -> None:
        """As ``table``, for the step at hand only."""

    def view(self, name: str, query: str) -> None:
        """Make ``name`` stand for ``query``, to stay as long as what it reads."""

    def add(self, name: str, part: str, query: str) -> None:
        """Add the rows of ``query`` to the table ``name``, in place of that ``part`` of it."""

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        """Make the small table ``name`` of rows at hand. ``columns``: their SQL types."""

    def drop(self, *names: str) -> None:
        """Give back the room of what ``scratch`` made."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The few rows of ``query``: counts and sums, never data."""

    def columns(self, query: str) -> dict[str, str]:
        """The columns of ``query``: names and types, which are the engine's own, in small letters."""

    def scan(self, files: Iterable[Path]) -> str:
        """SQL: the rows of some Parquet files, which are at least one."""

    def all_except(self, *columns: str) -> str:
        """SQL: all columns but these."""

    def distinct(self, columns: Iterable[str]) -> str:
        """SQL: one value that is the same for rows with equal ``columns``, unknown ones too."""

    def passes(self, buckets: int) -> list[range]:
        """The buckets of subjects, as many at a time as are taken together."""

    def most_claims(self) -> int | None:
        """How many claims are joined at a time; None: all of them."""

    def save(self, query: str, folder: Path) -> None:
        """Write the rows of ``query`` in ``folder``, in no order."""

    def write_by_bucket(self, query: str, folder: Path, buckets: int) -> None:
        """Write the rows of ``query`` in ``folder``, so that those of some buckets are found."""

    def files_of_buckets(self, folder: Path, buckets: range) -> list[Path]:
        """The files of those of ``buckets``, over all folders in ``folder``."""

    def write(self, query: str, folder: Path, order: Order, buckets: range | None = None) -> None:
        """Write the rows of ``query`` in ``order``, one folder ``bucket=NN`` per bucket if any."""
