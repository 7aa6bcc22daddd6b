"""Reports on a delivery from names, headers and samples, without any value of the data."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from openchronic.catalogue import Table, load_tables, needs
from openchronic.errors import SourceError
from openchronic.ingest.dates import DATE_SHAPES
from openchronic.ingest.finding import UNREAD, Delivered, Found
from openchronic.ingest.header import Header
from openchronic.ingest.judging import Judgement, judge
from openchronic.ingest.parquet import a_look
from openchronic.ingest.raw import AnyScan, damaged, sample
from openchronic.ingest.scanning import Scan

# Names of SNDS tables: reimbursements, referentials, causes of death, hospitals.
SNDS_NAME = re.compile(
    r"((ER|NS|IR|KI|DA|BE|CT)_[A-Z]{3}_[A-Z\d]|T_(MCO|SSR|SMR|HAD|RIP)\d\d)", re.IGNORECASE
)
SEPARATOR_NAMES = {"\t": "tab"}


def inspect(source: Path, *, count: bool = False) -> dict[str, Any]:
    """Returns the report on ``source``, as plain values. ``count``: read whole files to count rows.

    Raises SourceError where it is not a folder.
    """
    judgement = judge(source, count=count)
    found = judgement.found
    problems, harmless = [*judgement.problems], [*judgement.harmless]
    tables = []
    for name, files in sorted(found.tables.items()):
        wrong = harmless if name in judgement.left else problems
        report = _table(load_tables()[name], files, judgement, problems=wrong)
        tables.append(report | {"left_aside": name in judgement.left})
    lacking = [need for need in needs() if not need.met_by(found.tables)]
    unread = [name for name in found.unknown if _unread(name)]
    return {
        "source": str(source),
        "buildable": not problems,
        "problems": problems + harmless,
        "layout": _layout(found, tables),
        "tables": tables,
        "missing": [
            {
                "table": need.table,
                "required": need.required,
                "without": need.without,
            }
            for need in lacking
        ],
        "notes": list(judgement.choices),
        "provisional": [one.sentence for one in found.provisional],
        "left_aside": list(found.aside),
        "not_read_yet": unread,
        "unknown": [name for name in found.unknown if name not in unread],
    }


def _table(
    table: Table, files: tuple[Delivered, ...], judgement: Judgement, *, problems: list[str]
) -> dict[str, Any]:
    rows, exact = 0, True
    size = 0
    seen: dict[str, set[str]] = {
        kind: set() for kind in ("separators", "encodings", "dates", "unknown", "written")
    }
    for file in files:
        with suppress(OSError):
            size += file.path.stat().st_size
        peeked = judgement.peeks.get(file)
        exact = exact and peeked is not None and peeked.exact
        if peeked is None:
            continue
        start, header = peeked.start, peeked.header
        rows += peeked.rows
        try:
            seen["dates"].update(_dates(table, file, start, header))
        except SourceError as problem:
            problems.append(str(problem))
        if isinstance(start, Scan):
            seen["separators"].add(SEPARATOR_NAMES.get(header.separator, header.separator))
        seen["encodings"].add(start.encoding + _packing(start))
        seen["unknown"].update(header.unknown)
        seen["written"].update(header.written)
    lost = judgement.lost[table.name]
    return {
        "table": table.name,
        "product": table.product,
        "files": len(files),
        "years": sorted({file.year for file in files if file.year is not None}),
        "bytes": size,
        "rows": rows,
        "rows_are": "counted" if exact else "estimated",
        "separators": sorted(seen["separators"]),
        "encodings": sorted(seen["encodings"]),
        "date_formats": sorted(seen["dates"]),
        "missing_columns": sorted(lost),
        "without_columns": dict(sorted(lost.items())),
        "costly": [name for name in sorted(lost) if table.column(name).read],
        "unknown_columns": sorted(seen["unknown"]),
        "person": sorted(seen["written"] & {"BEN_NIR_PSA", "NUM_ENQ"}),
    }


def _packing(start: AnyScan) -> str:
    if isinstance(start, Scan):
        return " gzip" if start.gzipped else ""
    return " Parquet" if start.format == "parquet" else " SAS"


def _dates(table: Table, file: Delivered, start: AnyScan, header: Header) -> Iterable[str]:
    columns = [
        column.name
        for column in table.columns
        if column.type == "date" and column.name in header.logical
    ]
    with a_look() as connection:
        try:
            samples = sample(connection, file, start, header, columns)
        except (duckdb.Error, UnicodeDecodeError) as problem:
            assert not isinstance(start, Scan), "the sample of a text file is already read"
            raise damaged(start, file.name, problem) from None
    for value in {value for values in samples.values() for value in values}:
        for shape, formats in DATE_SHAPES.items():
            if re.fullmatch(shape, value):
                yield " or ".join(formats)


def _layout(found: Found, tables: list[dict[str, Any]]) -> dict[str, Any]:
    files = [file for group in found.tables.values() for file in group]
    products = {table["product"] for table in tables}
    return {
        "names": sorted({name for table in tables for name in table["person"]}),
        "claims": [name for name in ("DCIR", "DCIRS") if name in products],
        "pmsi_years": sorted(
            {
                y
                for table in tables
                if load_tables()[table["table"]].of_hospitals
                for y in table["years"]
            }
        ),
        "lower_case": any(file.path.name.islower() for file in files),
        "nested": any(os.sep in file.name for file in files),
    }


def _unread(name: str) -> bool:
    base = Path(name).name
    return bool(UNREAD.search(base) or SNDS_NAME.match(base))
