"""Builds small tables drawn as text, and compares the rows that were kept.

A row has its number ``n``, some columns (a dot is an empty cell), whether it is ``kept`` and, where a published
form of the rule is compared, whether that form keeps it (``published``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from openchronic.catalogue import load_tables
from openchronic.ingest.line_query import TYPES
from tests.openchronic.front_door import built, rows
from tests.openchronic.small_delivery import (
    ALICE,
    METFORMIN,
    Files,
    Row,
    chaining,
    claim,
    pack,
    plain,
    stay,
    write,
)


def drawn(text: str) -> list[dict[str, str]]:
    """Returns the rows of a table drawn with bars."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    cells = [[cell if cell != "." else "" for cell in line] for line in lines]
    return [dict(zip(lines[0], line, strict=True)) for line in cells[1:]]


Ask = Callable[[str], list[tuple[Any, ...]]]


def drawn_stays(text: str, *, year: str = "21") -> Files:
    """Returns the stays of a drawn table as files of a delivery, for one year."""
    stays, chains = [], []
    for row in drawn(text):
        number, facility = row["n"].zfill(10), row.get("ETA_NUM", "350000022")
        told = stay(number, facility=facility, SEJ_NBJ=row["n"])
        stays.append(told | _of("T_MCOaaB", row))
        chains.append(chaining(number, ALICE, facility=facility) | _of("T_MCOaaC", row))
    files: Files = {
        "PMSI/T_MCO21B.CSV": stays,
        "PMSI/T_MCO21C.CSV": chains,
        "PMSI/T_MCO21D.CSV": [],
    }
    if year == "21":
        return files
    moved = {name.replace("21", year): _of_year(lines, year) for name, lines in files.items()}
    return {**{name: [] for name in files}, **moved}


def _of_year(lines: Sequence[Row], year: str) -> list[Row]:
    return [{k: v.replace("2021", f"20{year}") for k, v in line.items()} for line in lines]


def drawn_claims(text: str, facilities: Sequence[Row] = ()) -> Files:
    """Returns the claims of a drawn table, each with a pack, as files of a delivery."""
    table = drawn(text)
    claims: list[Row] = [
        claim(int(row["n"]), ALICE, f"{row['n'].zfill(2)}/03/2021") | _of("ER_PRS_F", row)
        for row in table
    ]
    packs = [pack(int(row["n"]), METFORMIN) for row in table]
    names: dict[str, Sequence[Row]] = {
        "DCIR_2021/ER_PRS_F_2021.CSV": claims,
        "DCIR_2021/ER_PHA_F_2021.CSV": packs,
    }
    return names | ({"DCIR_2021/ER_ETE_F_2021.CSV": [*facilities]} if facilities else {})


def compare_stays(ask: Ask, text: str, *, published: str = "") -> None:
    """Asserts which stays of a drawn table are kept, by the build and by the published form."""
    found = {str(one) for (one,) in ask("SELECT nights FROM stay")}
    _compare(drawn(text), found, published)


def compare_claims(ask: Ask, text: str, *, of: str = "drug", published: str = "") -> None:
    """Asserts the same for claims: which make an event or a cost."""
    query = {
        "drug": "SELECT day(start_date) FROM event WHERE event_type = 'drug'",
        "cost": "SELECT day(start_date) FROM cost",
    }[of]
    days = [str(one) for (one,) in ask(query)]
    assert len(days) == len(set(days)), "a line was multiplied"
    _compare(drawn(text), set(days), published)


def check_stays(
    folder: Path, text: str, *options: str, published: str = "", year: str = "21"
) -> Path:
    """Builds the stays of a drawn table; asserts which are kept."""
    release = _built(folder, drawn_stays(text, year=year), *options)
    compare_stays(partial(rows, release), text, published=published)
    return release


def check_claims(
    folder: Path,
    text: str,
    *options: str,
    of: str = "drug",
    published: str = "",
    facilities: Sequence[Row] = (),
    others: Files | None = None,
) -> Path:
    """Asserts the same for the claims of a drawn table, with ``others`` in the delivery."""
    files = {**drawn_claims(text, facilities), **(others or {})}
    release = _built(folder, files, *options)
    compare_claims(partial(rows, release), text, of=of, published=published)
    return release


def _of(table: str, row: Row) -> dict[str, str]:
    """Returns the cells of a drawn row that are columns of ``table``."""
    declared = {column.name for column in load_tables()[table].columns}
    return {name: cell for name, cell in row.items() if name in declared}


def _built(folder: Path, files: Files, *options: str) -> Path:
    delivery = write(folder / "delivery", {**plain(), **files})
    return built(delivery, folder / "releases", *options)


def _compare(table: list[dict[str, str]], found: set[str], published: str) -> None:
    kept = {row["n"] for row in table if row["kept"] == "yes"}
    assert found == kept
    if published:
        theirs = {row["n"] for row in table if row["published"] == "yes"}
        assert _published(table, published) == theirs
        assert theirs != kept, "the published form would do"


def _published(table: list[dict[str, str]], condition: str) -> set[str]:
    """Returns the rows that a published form of the rule keeps, typed, with NULL for empty cells."""
    types = {
        column.name: TYPES[column.type]
        for declared in load_tables().values()
        for column in declared.columns
    }
    columns = [f"{name} {types.get(name, 'VARCHAR')}" for name in table[0]]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE drawn ({', '.join(columns)})")
        drawn_table = connection.table("drawn")
        for row in table:
            drawn_table.insert([cell or None for cell in row.values()])
        return {str(row[0]) for row in drawn_table.filter(condition).select("n").fetchall()}
