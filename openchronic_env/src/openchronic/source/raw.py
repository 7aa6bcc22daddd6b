"""Where CSV and Parquet part: how the columns of a delivered file are obtained as text."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from openchronic.schema import Table
from openchronic.source.finding import Delivered
from openchronic.source.header import Header, match_columns, read_header, split_line
from openchronic.source.parquet import (
    SUFFIX,
    ParquetScan,
    peek_parquet,
    rows_of,
    scan_parquet,
    text_of,
)
from openchronic.source.peeking import peek
from openchronic.source.rejects import line_numbers
from openchronic.source.scanning import Scan, scan

AnyScan = Scan | ParquetScan
SAMPLE = 2000


def scan_file(path: Path, name: str) -> AnyScan:
    """Check a file by the format that its name promises. Raises SourceError: it is not whole."""
    return scan_parquet(path, name) if name.lower().endswith(SUFFIX) else scan(path, name)


def peek_file(path: Path, name: str) -> tuple[AnyScan, int, bool]:
    """The start of a text file or the footer of a Parquet file: its rows, and if these are exact.

    The scan has no digest. Raises SourceError: what can be seen of the file is not whole.
    """
    if not name.lower().endswith(SUFFIX):
        return peek(path, name)
    found = peek_parquet(path, name)
    return found, found.rows, True


def header_of(found: AnyScan, table: Table, file: Delivered) -> Header:
    """The columns of the file by their names in the schema."""
    if isinstance(found, Scan):
        return read_header(found, table, file=file.name, year=file.year)
    written = tuple(column.name.strip().upper() for column in found.columns)
    return match_columns(written, table, place=file.name, year=file.year)


def raw_rows(file: Delivered, found: AnyScan, header: Header, *, rejects: str) -> str:
    """SQL: every known column as text under its name in the schema, records numbered from 1."""
    present = {logical: place for place, logical in enumerate(header.logical) if logical}
    if isinstance(found, Scan):
        columns = ", ".join(f'c{place} AS "{name}"' for name, place in present.items())
        return (
            f"SELECT row_number() OVER () AS _record, {columns} "
            f"FROM {_csv(file, found, header, rejects)}"
        )
    columns = ", ".join(
        f'{text_of(found.columns[place])} AS "{name}"' for name, place in present.items()
    )
    return f"SELECT file_row_number + 1 AS _record, {columns} FROM {rows_of(file.path)}"


def sample(
    connection: duckdb.DuckDBPyConnection,
    file: Delivered,
    found: AnyScan,
    header: Header,
    columns: Iterable[str],
) -> Mapping[str, tuple[str, ...]]:
    """Some values of each of ``columns`` (names of the schema), from the beginning of the file."""
    places = {name: header.logical.index(name) for name in columns}
    if not places:
        return {}
    if isinstance(found, Scan):
        lines = [
            split_line(line.decode(found.encoding, "replace"), header.separator)
            for line in found.sample
        ]
        return {
            name: tuple(fields[place] for fields in lines if len(fields) > place)
            for name, place in places.items()
        }
    texts = ", ".join(text_of(found.columns[place]) for place in places.values())
    rows = connection.execute(f"SELECT {texts} FROM {rows_of(file.path)} LIMIT {SAMPLE}").fetchall()
    return {
        name: tuple(row[place] for row in rows if row[place] is not None)
        for place, name in enumerate(places)
    }


def places_of(
    file: Delivered, found: AnyScan, records: Iterable[int], *, skipped: Iterable[int]
) -> Mapping[int, int]:
    """Where an operator finds each record: the line of a text file, the row of a Parquet file."""
    records = set(records)
    if isinstance(found, Scan) and records:
        return line_numbers(file.path, records, quoted=found.quoted, skipped=skipped)
    return {record: record for record in records}


def _csv(file: Delivered, found: Scan, header: Header, rejects: str) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header.written)))
    # A lone dot is how SAS writes a missing number or date.
    quote = "quote = '\"', escape = '\"'" if found.quoted else "quote = '', escape = ''"
    newline = "\\r\\n" if found.crlf else "\\n"
    path = glob.escape(str(file.path)).replace("'", "''")
    return f"""read_csv('{path}', auto_detect = false, header = true,
        columns = {{{columns}}}, delim = '{header.separator}', {quote}, new_line = '{newline}',
        nullstr = ['', '.'], encoding = '{found.encoding}', compression = '{"gzip" if found.gzipped else "none"}',
        store_rejects = true, rejects_limit = 0,
        rejects_table = '{rejects}_lines', rejects_scan = '{rejects}_scans')"""
