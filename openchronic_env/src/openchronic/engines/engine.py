"""The interface between a build and its engine: all the operations in which engines differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

# Columns, each ascending with NULL last, unless it ends in FIRST.
Order = Sequence[str]
FIRST = " NULLS FIRST"
# Of the files of a release.
COMPRESSION = "zstd"


class Engine(Protocol):
    """Runs the SQL texts of a build. Every name that it makes can be read by the next query."""

    # The engine and its version, for the manifest.
    version: str
    # The SQL type of a list of whole numbers.
    numbers: str
    # Whether what a step makes, counts and deals waits for its end: one write then makes all that outlives it.
    waits: bool

    def table(self, name: str, query: str) -> None:
        """Makes ``name`` from the rows of ``query``; it lasts until the end of the build."""

    def scratch(self, name: str, query: str) -> None:
        """Makes ``name`` as ``table`` does, by its first reader at the latest; it lasts for the current step only."""

    def view(self, name: str, query: str) -> None:
        """Makes ``name`` stand for ``query``; it lasts as long as the tables that it reads."""

    def add(self, name: str, part: str, query: str) -> None:
        """Adds the rows of ``query`` to the table ``name``, replacing that ``part`` of it."""

    def gather(self, name: str) -> None:
        """Shows the table ``name`` with the parts that are there, where a build has removed some of an earlier one."""

    def load(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        """Loads rows into the small table ``name``. ``columns``: their SQL types."""

    def drop(self, *names: str) -> None:
        """Frees the memory of tables that ``scratch`` made."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Returns the few rows of ``query``: counts and sums, never data."""

    def answers(self, queries: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        """Returns the few rows of each of ``queries``, as ``rows`` does, with as little work as one query."""

    def settle(
        self, queries: Sequence[str] = (), *, keeps: bool = False
    ) -> list[list[tuple[Any, ...]]]:
        """Ends a step: makes what its tables, parts and writes put off, and returns the few rows of each of ``queries``,
        as ``rows`` does. ``keeps``: later steps read what ``scratch`` made."""

    def columns(self, query: str) -> dict[str, str]:
        """Returns the columns of ``query``: names and types of the engine, in lower case."""

    def scan(self, files: Iterable[Path]) -> str:
        """Returns SQL: the rows of some Parquet files, at least one."""

    def all_except(self, *columns: str) -> str:
        """Returns SQL: all columns except these."""

    def distinct(self, columns: Iterable[str]) -> str:
        """Returns SQL: one value that is equal for rows with equal ``columns``, NULL included."""

    def route(self, columns: Iterable[str]) -> str:
        """Returns SQL: a number of 64 bits that is equal for rows with equal ``columns``, NULL included. Rows with
        other columns may have it too: it narrows, and never decides."""

    def passes(self, buckets: int, *, together: int = 1) -> list[range]:
        """Returns the buckets of subjects, grouped by those that are processed together. ``together``: as many as the step
        can hold in memory at a time."""

    def most_claims(self) -> int | None:
        """Returns how many claims are joined at a time; None for all of them."""

    def save(self, query: str, folder: Path) -> None:
        """Writes the rows of ``query`` in ``folder``, in no order."""

    def write_by_bucket(self, query: str, folder: Path, buckets: int) -> None:
        """Writes the rows of ``query`` in ``folder``, so that those of some buckets can be read alone; by the end of
        the step at the latest."""

    def files_of_buckets(self, folder: Path, buckets: range) -> list[Path]:
        """Returns the files of those ``buckets``, over all folders in ``folder``."""

    def write(self, query: str, folder: Path, order: Order, buckets: range | None = None) -> None:
        """Writes the rows of ``query`` in ``order``, in one folder ``bucket=NN`` per bucket if there are buckets."""
