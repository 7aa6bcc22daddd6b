"""Which delivered file holds which table: names matched without regard to case or folder."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, cast, get_args

from openchronic.delivery.parquet import SUFFIX
from openchronic.errors import SourceError
from openchronic.schema import load_tables

EXTENSIONS = re.compile(r"\.((csv|txt|tsv)(\.gz)?|parquet|sas7bdat)$", re.IGNORECASE)
UNREAD = re.compile(r"\.(xpt|sas7bcat|sd2|zip|xlsx?|7z|bz2|xz|zst)$", re.IGNORECASE)
SHARDS = re.compile(r"\.parquet$", re.IGNORECASE)
YEAR_FOLDER = re.compile(r"year=(?P<year>(?:19|20)\d\d)", re.IGNORECASE)
# Where Spark keeps the shards of a table until it has written all of them.
UNFINISHED = "_temporary"
YEAR = {"{yyyy}": r"(?P<year>(?:19|20)\d\d)(?:\d\d)?", "{aa}": r"(?P<aa>\d\d)", "*": r".*?"}
# A two-digit year after this one belongs to the 20th century.
PIVOT = 80

# useful: its absence makes nothing that is there wrong.
Necessity = Literal["required", "optional", "useful"]


@dataclass(frozen=True)
class Delivered:
    """One file of a table. ``year``: from its name, None when the name has none."""

    path: Path
    name: str
    year: int | None


@dataclass(frozen=True)
class Found:
    """What a source folder holds."""

    tables: Mapping[str, tuple[Delivered, ...]]
    notes: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Need:
    """What is lost without a table."""

    table: str
    instead: str
    """The table of the simplified DCIRS that holds the same, "" when there is none."""
    need: Necessity
    without: str

    @property
    def required(self) -> bool:
        return self.need == "required"

    def met_by(self, tables: Collection[str]) -> bool:
        """Whether ``tables`` hold the table, or the one that stands for it beside claims of DCIRS."""
        simplified = "NS_PRS_F" in tables and "ER_PRS_F" not in tables
        return self.table in tables or (simplified and self.instead in tables)


@cache
def needs() -> tuple[Need, ...]:
    """The tables that matter, and what each absence costs (``needs.csv``)."""
    with (resources.files("openchronic.delivery") / "needs.csv").open(encoding="utf-8") as lines:
        return tuple(
            Need(row["table"], row["instead"], _need(row["need"]), row["without"])
            for row in csv.DictReader(lines, delimiter=";")
        )


def _need(value: str) -> Necessity:
    if value not in get_args(Necessity):
        raise ValueError(f"needs.csv: {value!r} is not one of {', '.join(get_args(Necessity))}")
    return cast(Necessity, value)


def find(source: Path) -> Found:
    """What a build reads of ``source``.

    Raises SourceError: not a folder, a required table has no file.
    """
    looked = look(source)
    left = left_aside(looked.tables)
    tables = {name: files for name, files in looked.tables.items() if name not in left}
    found = Found(tables, tuple(_choices(looked.tables, left)), looked.unknown)
    _refuse_incomplete(source, found, left)
    return found


def left_aside(tables: Collection[str]) -> tuple[str, ...]:
    """Those of ``tables`` that a build does not read, because of others that say more.

    DCIR says more than DCIRS. IR_IBA_R knows persons by their identifier, as claims of DCIRS alone do.
    """
    simplified = "NS_PRS_F" in tables and "ER_PRS_F" not in tables
    products = {"DCIRS"} if "ER_PRS_F" in tables else set()
    persons = {"IR_IBA_R"} if "IR_BEN_R" in tables or not simplified else set()
    return tuple(
        name
        for name, table in load_tables().items()
        if name in tables and (table.product in products or name in persons)
    )


def look(source: Path) -> Found:
    """Every file of ``source`` and its folders by table, whatever is missing.

    Raises SourceError: not a folder.
    """
    if not source.is_dir():
        raise SourceError(f"{source}: no such folder")
    tables: defaultdict[str, list[Delivered]] = defaultdict(list)
    unknown = []
    for path in _files(source):
        name = str(path.relative_to(source))
        match = _identify(path.relative_to(source))
        if match is None:
            unknown.append(name)
        else:
            table, year = match
            tables[table].append(Delivered(path, name, year))
    return Found({name: tuple(files) for name, files in tables.items()}, (), tuple(unknown))


def identify(filename: str) -> tuple[str, int | None] | None:
    """The table and the year that a file name says, or None."""
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
    return table, _year(match.groupdict())


def _identify(path: Path) -> tuple[str, int | None] | None:
    """As ``identify``; a shard (``ER_PRS_F_2022.parquet/part-0001.parquet``) is named by its folder.

    Raises SourceError: a shard of a folder that was not written to its end.
    """
    match = identify(path.name)
    if match is not None or not path.name.lower().endswith(SUFFIX):
        return match
    for folder in path.parents:
        match = identify(SHARDS.sub("", folder.name) + SUFFIX)
        if match is None:
            continue
        if UNFINISHED in path.parts:
            raise SourceError(
                f"{folder}: the folder was not written to its end (it holds {UNFINISHED}); "
                "ask for it again"
            )
        table, year = match
        return table, year or next((_cut(part) for part in path.parts if _cut(part)), None)
    return None


def _cut(folder: str) -> int | None:
    """The year of a folder ``YEAR=2022``, where a table is cut by the column of that name."""
    match = YEAR_FOLDER.fullmatch(folder)
    return int(match["year"]) if match else None


def missing(found: Found) -> list[Need]:
    """The tables without a file that change what a build says, and what that costs."""
    return [need for need in needs() if need.need == "optional" and not need.met_by(found.tables)]


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
    return re.compile(text + r"(?:[ _.\-(].*)?", re.IGNORECASE)


def _year(groups: Mapping[str, str | None]) -> int | None:
    if groups.get("year"):
        return int(groups["year"] or 0)
    if groups.get("aa"):
        short = int(groups["aa"] or 0)
        return 1900 + short if short > PIVOT else 2000 + short
    return None


def _files(source: Path) -> Iterable[Path]:
    # In the order of names, so that messages and reports do not depend on the file system.
    return sorted(
        path
        for path in source.rglob("*")
        if path.is_file()
        and not any(part.startswith((".", "~$")) for part in path.relative_to(source).parts)
    )


def _choices(tables: Collection[str], left: Collection[str]) -> list[str]:
    """What an operator must know of the tables that stand for others, and of those left aside."""
    notes = []
    simplified = [name for name in left if load_tables()[name].product == "DCIRS"]
    if simplified:
        notes.append(
            f"DCIR and DCIRS are both here: DCIR (ER_*) is used, {', '.join(simplified)} left aside"
        )
    elif "NS_PRS_F" in tables:
        notes.append(
            "claims come from the simplified DCIRS: complements, surcharges and co-payments are "
            "folded into their act, and lines sent for information by their own qualifier "
            "(PRS_DPN_QLP) cannot be told"
        )
    if "IR_IBA_R" in left:
        more = (
            "IR_BEN_R says more" if "IR_BEN_R" in tables else "the claims know pairs, not persons"
        )
        notes.append(f"IR_IBA_R is left aside: {more}")
    elif "IR_IBA_R" in tables:
        notes.append(
            "persons come from IR_IBA_R: hospital stays and ALD find those only whose number in these "
            "tables is their identifier (BEN_IDT_ANO, or NUM_ENQ in all of them)"
        )
    return notes


def _refuse_incomplete(source: Path, found: Found, left: Collection[str]) -> None:
    lacking = [need for need in needs() if need.required and not need.met_by(found.tables)]
    if not lacking:
        return
    here = ", ".join(sorted({*found.tables, *left})) or "no table"
    others = f"; files of no known table: {_some(found.unknown)}" if found.unknown else ""
    unread = [name for name in found.unknown if UNREAD.search(name)]
    hint = (
        "; this version reads CSV, plain or gzip, Parquet and SAS datasets (sas7bdat)"
        if unread
        else ""
    )
    raise SourceError(
        f"{source}: no file of "
        + ", ".join(f"{need.table} (without it {need.without})" for need in lacking)
        + f"; found {here}{others}{hint}"
    )


def _some(names: tuple[str, ...], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
