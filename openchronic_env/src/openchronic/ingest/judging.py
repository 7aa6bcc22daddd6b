"""Decides whether a release can be built from a delivery, for both `inspect` and `build`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from openchronic.catalogue import Table, load_tables
from openchronic.errors import SourceError
from openchronic.ingest.columns import cost, lacking
from openchronic.ingest.finding import (
    Delivered,
    Found,
    choices,
    incomplete,
    left_aside,
    look,
)
from openchronic.ingest.header import Header
from openchronic.ingest.parquet import SUFFIX, Footer, footers
from openchronic.ingest.passage import TABLE as PASSAGE
from openchronic.ingest.raw import AnyScan, header_of, peek_file
from openchronic.ingest.scanning import scan

IDENTITIES = ("BEN_IDT_ANO", "BEN_NIR_ANO")


@dataclass(frozen=True)
class Peeked:
    """The start of a file. ``exact``: whether ``rows`` were counted, and not estimated."""

    start: AnyScan
    header: Header
    rows: int
    exact: bool


@dataclass(frozen=True)
class Judgement:
    """The content of a folder, and what prevents a release from being built from it.

    ``problems``: they must be corrected first. ``harmless``: problems of files that no build reads. ``peeks``:
    the start of every file that could be read. ``lost``: by table, what the absence of each column costs.
    """

    found: Found
    left: tuple[str, ...]
    problems: tuple[str, ...]
    harmless: tuple[str, ...]
    peeks: Mapping[Delivered, Peeked]
    lost: Mapping[str, Mapping[str, str]]
    choices: tuple[str, ...]

    @property
    def buildable(self) -> bool:
        """Returns whether a release can be built."""
        return not self.problems

    def reads(self) -> Found:
        """Returns what a build reads. Raises SourceError with the problems, if there are any."""
        if self.problems:
            raise SourceError("\n  ".join(self.problems))
        tables = {name: files for name, files in self.found.tables.items() if name not in self.left}
        return Found(
            tables, self._notes(), self.found.unknown, (), self.found.aside, self.found.provisional
        )

    def _notes(self) -> tuple[str, ...]:
        """Returns sentences for operators on what a build reads, and on what it lacks."""
        return (
            *self.choices,
            *self.found.aside,
            *(
                f"{name} has no {column}: {without}"
                for name, columns in self.lost.items()
                if name not in self.left
                for column, without in columns.items()
                if load_tables()[name].column(column).read
            ),
        )


def judge(source: Path, *, count: bool = False) -> Judgement:
    """Examines names and the start of every file. ``count``: read whole text files to count their rows.

    Raises SourceError where it is not a folder, or has a folder of Parquet that was not written to its end.
    """
    found = look(source)
    left = left_aside(found.tables)
    problems = [*_closed_folders(source), *found.refused]
    harmless: list[str] = []
    peeks: dict[Delivered, Peeked] = {}
    for name, files in sorted(found.tables.items()):
        wrong = harmless if name in left else problems
        ends = _footers(files)
        for file in files:
            footer = ends.get(file.path)
            peeked = _peek(load_tables()[name], file, count=count, problems=wrong, footer=footer)
            if peeked is not None:
                peeks[file] = peeked
    problems += incomplete(found, left)
    lost = {name: _lost(name, files, peeks) for name, files in found.tables.items()}
    chosen = (*choices(found.tables, left), *_identity(found, left, peeks))
    return Judgement(found, left, tuple(problems), tuple(harmless), peeks, lost, chosen)


def _footers(files: Sequence[Delivered]) -> Mapping[Path, Footer]:
    """Returns the footers of the files of Parquet; none where one of them cannot be read: each then says so itself."""
    paths = [one.path for one in files if one.name.lower().endswith(SUFFIX)]
    with suppress(duckdb.Error, UnicodeDecodeError, KeyError):
        return footers(paths) if paths else {}
    return {}


def _peek(
    table: Table,
    file: Delivered,
    *,
    count: bool,
    problems: list[str],
    footer: Footer | None,
) -> Peeked | None:
    try:
        start, rows, exact = peek_file(file.path, file.name, footer=footer)
        if count and not exact:
            start = scan(file.path, file.name)
            rows, exact = start.rows, True
        return Peeked(start, header_of(start, table, file), rows, exact)
    except SourceError as problem:
        problems.append(str(problem))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "its header cannot be read"
        problems.append(f"{file.name}: {reason}; put it right or ask for it again")
    return None


def _lost(
    name: str, files: tuple[Delivered, ...], peeks: Mapping[Delivered, Peeked]
) -> dict[str, str]:
    """Returns what is lost by each column that some file of the table should have and lacks."""
    table = load_tables()[name]
    return {
        column.name: cost(column, peeks[file].header.logical)
        for file in files
        if file in peeks
        for column in lacking(table, peeks[file].header.logical, file.year)
    }


def _identity(found: Found, left: tuple[str, ...], peeks: Mapping[Delivered, Peeked]) -> list[str]:
    """Returns sentences on how persons are identified where the referential lacks the lifelong identifier."""
    if "IR_BEN_R" not in found.tables or "IR_BEN_R" in left:
        return []
    bare = [
        file.name
        for table in ("IR_BEN_R", "IR_BEN_R_ARC")
        for file in found.tables.get(table, ())
        if file in peeks and not set(IDENTITIES) & set(peeks[file].header.logical)
    ]
    passages = ", ".join(file.name for file in found.tables.get(PASSAGE, ()))
    if passages:
        how = "is read from" if bare else "is completed by"
        return [f"who is who {how} the table of passage {passages}"]
    if not bare:
        return []
    return [
        f"{', '.join(bare)}: neither BEN_IDT_ANO nor BEN_NIR_ANO (NUM_ENQ_IDT, NUM_ENQ_ANO), and no "
        "table of passage (NUM_ENQ, NUM_ENQ_ANO, BEN_RNG_GEM): each pair of number and rank is a "
        "person, and somebody who changed numbers is several"
    ]


def _closed_folders(source: Path) -> list[str]:
    closed: list[str] = []

    def note(problem: OSError) -> None:
        closed.append(f"{problem.filename}: {problem.strerror}; give the reader access to it")

    for _ in os.walk(source, onerror=note):
        pass
    return closed
