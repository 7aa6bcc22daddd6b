"""Finds the table of each delivered file by its name, regardless of case and folder."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from openchronic.catalogue import Needed, is_simplified, load_tables, needs
from openchronic.catalogue.claims import CLAIMS, SIMPLIFIED, SIMPLIFIED_PRODUCT
from openchronic.errors import SourceError
from openchronic.ingest.derived import derived
from openchronic.ingest.folder import listing
from openchronic.ingest.naming import named_in
from openchronic.ingest.passage import passage
from openchronic.ingest.states import LAST_MONTH, Provisional, one_state_a_year, provisional

UNREAD = re.compile(r"\.(xpt|sas7bcat|sd2|zip|xlsx?|7z|bz2|xz|zst)$", re.IGNORECASE)


@dataclass(frozen=True)
class Delivered:
    """One file of a table. ``year``: from its name, None when the name has none.

    ``month``: that of a monthly state of the PMSI; None for a whole year and for other products.
    """

    path: Path
    name: str
    year: int | None
    month: int | None = None

    @property
    def last_month(self) -> int:
        """Returns the month of its year with which it ends: 12 but for states within the year."""
        return self.month or LAST_MONTH


@dataclass(frozen=True)
class Found:
    """The content of a source folder. ``refused``: for each entry that is no file of its own, what it is.

    ``aside``: for each file that has the name of a table and is not read, the reason. ``provisional``:
    the years of which a state within the year is read.
    """

    tables: Mapping[str, tuple[Delivered, ...]]
    notes: tuple[str, ...]
    unknown: tuple[str, ...]
    refused: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    provisional: tuple[Provisional, ...] = ()


def left_aside(tables: Collection[str]) -> tuple[str, ...]:
    """Returns those of ``tables`` that a build does not read, because others replace them.

    DCIR has more than DCIRS. IR_IBA_R identifies persons as the claims of DCIRS do, and is read with those
    alone.
    """
    products = {SIMPLIFIED_PRODUCT} if CLAIMS in tables else set()
    persons = {"IR_IBA_R"} if "IR_BEN_R" in tables or not is_simplified(tables) else set()
    return tuple(
        name
        for name, table in load_tables().items()
        if name in tables and (table.product in products or name in persons)
    )


def look(source: Path) -> Found:
    """Returns every file of ``source`` and its folders by table, whatever is missing.

    Raises SourceError where it is not a folder.
    """
    if not source.is_dir():
        raise SourceError(f"{source}: no such folder")
    tables: defaultdict[str, list[Delivered]] = defaultdict(list)
    unknown, aside = [], []
    held = listing(source)
    for path in held.files:
        inside = path.relative_to(source)
        name = str(inside)
        named = named_in(inside) or passage(path, inside)
        if named is None:
            unknown.append(name)
            continue
        word = derived(inside, after=named.after)
        if word:
            aside.append(
                f"{name}: left aside: its name says that it was made of {named.table} ({word!r}); "
                "give it the plain name if it is the table itself"
            )
        else:
            tables[named.table].append(Delivered(path, name, named.year, named.month))
    by_name = {name: tuple(files) for name, files in tables.items()}
    kept, others = one_state_a_year(by_name)
    left = tuple(aside + others)
    return Found(kept, (), tuple(unknown), held.refused, left, provisional(kept))


def missing(found: Found) -> list[Needed]:
    """Returns the tables without a file whose absence changes the release, and what it costs."""
    return [need for need in needs() if need.level == "optional" and not need.met_by(found.tables)]


def choices(tables: Collection[str], left: Collection[str]) -> list[str]:
    """Returns sentences on the tables that replace others, and on those left aside."""
    notes = []
    simplified = [name for name in left if load_tables()[name].product == SIMPLIFIED_PRODUCT]
    if simplified:
        notes.append(
            f"DCIR and DCIRS are both here: DCIR (ER_*) is used, {', '.join(simplified)} left aside"
        )
    elif SIMPLIFIED in tables:
        notes.append(
            "claims come from the simplified DCIRS: complements, surcharges and co-payments are "
            "folded into their act, and lines sent for information by their own qualifier "
            "(PRS_DPN_QLP) cannot be recognised"
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


def incomplete(found: Found, left: Collection[str]) -> list[str]:
    """Returns a sentence on each required table without a file."""
    here = ", ".join(sorted({*found.tables, *left})) or "no table"
    others = f"; files of no known table: {some(found.unknown)}" if found.unknown else ""
    others += f"; left aside: {some(found.aside)}" if found.aside else ""
    unread = [name for name in found.unknown if UNREAD.search(name)]
    hint = (
        "; this version reads CSV, plain or gzip, Parquet and SAS datasets (sas7bdat)"
        if unread
        else ""
    )
    return [
        f"no file of {need.table} (without it {need.without}); ask for it; found {here}{others}{hint}"
        for need in needs()
        if need.required and not need.met_by(found.tables)
    ]


def some(names: tuple[str, ...], most: int = 8, separator: str = ", ") -> str:
    """Returns the first of ``names``, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return separator.join(names[:most]) + more
