"""Reads the table and the year from the name of a delivered file, regardless of case and folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from openchronic.catalogue import load_tables
from openchronic.errors import SourceError
from openchronic.ingest.parquet import SUFFIX

EXTENSIONS = re.compile(r"\.((csv|txt|tsv)(\.gz)?|parquet|sas7bdat)$", re.IGNORECASE)
SHARDS = re.compile(r"\.parquet$", re.IGNORECASE)
YEAR_FOLDER = re.compile(r"(?:year|annee|année|an|aa)=(?P<year>(?:19|20)?\d\d)", re.IGNORECASE)
# The folder where Spark keeps the shards of a table until all are written.
UNFINISHED = "_temporary"
YEAR = {
    "{yyyy}": r"(?P<year>(?:19|20)\d\d)(?:\d\d)?",
    # T_MCO20_05B: the state of May 2020.
    "{aa}": r"(?P<aa>\d\d)(?:_(?P<month>0[1-9]|1[0-2]))?",
    "*": r".*?",
}
# The names of PMSI tables where the folder gives the year: MCO_B, T_MCO_B, T_MCOaaB.
UNDATED = re.compile(r"T_(?P<product>MCO|SSR|SMR|HAD|RIP)aa(?P<table>\w+)")
# A two-digit year after this one belongs to the 20th century.
PIVOT = 80


@dataclass(frozen=True)
class Named:
    """The result of reading a name. ``after``: the part after the name of the table."""

    table: str
    year: int | None
    month: int | None = None
    after: str = ""


def identify(filename: str) -> tuple[str, int | None] | None:
    """Returns the table and the year in a file name, or None."""
    named = _named(filename)
    return (named.table, named.year) if named else None


def _named(filename: str) -> Named | None:
    if not EXTENSIONS.search(filename):
        return None
    stem = EXTENSIONS.sub("", filename)
    matches = [
        (length, table, match)
        for length, table, pattern in _patterns()
        if (match := pattern.fullmatch(stem))
    ]
    if not matches:
        return None
    _, table, match = max(matches, key=lambda one: one[0])
    groups = match.groupdict()
    month = groups.get("month")
    return Named(table, _year(groups), int(month) if month else None, groups["after"] or "")


def named_in(path: Path) -> Named | None:
    """Returns what ``identify`` does; a shard (``ER_PRS_F_2022.parquet/part-0001.parquet``) is named by its
    folder.

    Raises SourceError for a shard of a folder that was not written to its end.
    """
    year = next((_cut(part) for part in path.parts if _cut(part)), None)
    named = _named(path.name)
    if named is not None:
        return replace(named, year=named.year or year)
    if year is not None and EXTENSIONS.search(path.name):
        named = _undated(EXTENSIONS.sub("", path.name))
    if named is not None:
        return replace(named, year=year)
    if not EXTENSIONS.search(path.name) or (
        year is None and not path.name.lower().endswith(SUFFIX)
    ):
        return None
    for folder in path.parents:
        stem = SHARDS.sub("", folder.name)
        named = _named(stem + SUFFIX) or (_undated(stem) if year is not None else None)
        if named is None:
            continue
        if UNFINISHED in path.parts:
            raise SourceError(
                f"{folder}: the folder was not written to its end (it holds {UNFINISHED}); "
                "ask for it again"
            )
        return replace(named, year=named.year or year)
    return None


def _cut(folder: str) -> int | None:
    """Returns the year of a folder ``YEAR=2022``, where a table is partitioned by that column."""
    match = YEAR_FOLDER.fullmatch(folder)
    return _of_century(match["year"]) if match else None


def _undated(stem: str) -> Named | None:
    """Returns the PMSI table of a name without a year (``MCO_B``)."""
    return next((Named(name, None) for name, one in _undated_names() if one.fullmatch(stem)), None)


@cache
def _undated_names() -> tuple[tuple[str, re.Pattern[str]], ...]:
    names = []
    for name in load_tables():
        match = UNDATED.fullmatch(name)
        if match:
            product = match["product"].replace("SSR", "(?:SSR|SMR)")
            text = rf"(?:YY_)?(?:T_)?{product}(?:aa)?_?{match['table']}"
            names.append((name, re.compile(text, re.IGNORECASE)))
    return tuple(names)


@cache
def _patterns() -> tuple[tuple[int, str, re.Pattern[str]], ...]:
    return tuple(
        (len(pattern), table.name, _pattern(pattern))
        for table in load_tables().values()
        for pattern in table.patterns
    )


def _pattern(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{yyyy\}|\{aa\}|\*)", EXTENSIONS.sub("", pattern))
    text = "".join(YEAR.get(piece, re.escape(piece)) for piece in pieces)
    # A table may come in several files: ER_PRS_F_2021_part2.csv, ER_PRS_F_2021-03.csv.
    return re.compile(text + r"(?P<after>[ _.\-(].*)?", re.IGNORECASE)


def _year(groups: Mapping[str, str | None]) -> int | None:
    written = groups.get("year") or groups.get("aa")
    return _of_century(written) if written else None


def _of_century(written: str) -> int:
    number = int(written)
    if len(written) > 2:
        return number
    return 1900 + number if number > PIVOT else 2000 + number
