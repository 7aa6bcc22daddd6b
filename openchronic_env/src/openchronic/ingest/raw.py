"""Chooses between CSV, Parquet and SAS: how the columns of a delivered file are obtained as text."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from openchronic.catalogue import Table
from openchronic.errors import SourceError
from openchronic.ingest import parquet, sas
from openchronic.ingest.finding import Delivered
from openchronic.ingest.header import Header, match_columns, read_header, split_line
from openchronic.ingest.missing import listed
from openchronic.ingest.parquet import ParquetScan
from openchronic.ingest.peeking import peek
from openchronic.ingest.rejects import line_numbers
from openchronic.ingest.sas import SasScan
from openchronic.ingest.scanning import Scan, scan, separator_of

AnyScan = Scan | ParquetScan | SasScan
SAMPLE = 2000
# The column with the place of a line's delivered file among those that were read together.
FILE = "_file"


def scan_file(path: Path, name: str) -> AnyScan:
    """Checks a file by the format of its name. Raises SourceError where it is not whole."""
    if name.lower().endswith(parquet.SUFFIX):
        return parquet.scan_parquet(path, name)
    return sas.scan_sas(path, name) if name.lower().endswith(sas.SUFFIX) else scan(path, name)


def peek_file(
    path: Path, name: str, *, footer: parquet.Footer | None = None
) -> tuple[AnyScan, int, bool]:
    """Returns the scan of the start of a text file, or of the metadata of another format: rows, and whether
    they are exact. ``footer``: that of a Parquet file, where it was read with others.

    The scan has no digest. Raises SourceError where the examined part is not whole.
    """
    found: ParquetScan | SasScan
    if name.lower().endswith(parquet.SUFFIX):
        found = parquet.peek_parquet(path, name, footer=footer)
    elif name.lower().endswith(sas.SUFFIX):
        found = sas.peek_sas(path, name)
    else:
        return peek(path, name)
    return found, found.rows, True


def damaged(found: ParquetScan | SasScan, name: str, problem: Exception) -> SourceError:
    """Returns the error for a file that could not be read to its end."""
    if isinstance(found, SasScan):
        return sas.unreadable(name, problem)
    return parquet.damaged(name, problem)


def header_of(found: AnyScan, table: Table, file: Delivered) -> Header:
    """Returns the columns of the file by their names in the schema."""
    if isinstance(found, Scan):
        return read_header(_without_last_separator(found), table, file=file.name, year=file.year)
    written = tuple(column.name.strip().upper() for column in found.columns)
    header = match_columns(written, table, place=file.name, year=file.year)
    if isinstance(found, ParquetScan):
        _refuse_booleans(found, header, file.name)
    return header


def _without_last_separator(found: Scan) -> Scan:
    """Returns ``found`` with the header's last separator removed, where no line has it."""
    separator = separator_of(found.header)
    header = found.header.rstrip()
    if not header.endswith(separator.encode()) or not found.sample:
        return found
    width = header.count(separator.encode()) + 1
    widths = {
        len(split_line(line.decode(found.encoding, "replace"), separator, quoted=found.quoted))
        for line in (*found.sample, found.last)
    }
    return replace(found, header=header[:-1]) if widths == {width - 1} else found


def _refuse_booleans(found: ParquetScan, header: Header, name: str) -> None:
    for column, logical in zip(found.columns, header.logical, strict=True):
        if logical and column.engine_type == "BOOLEAN":
            raise SourceError(
                f"{name}: column {column.name} is stored as true or false (BOOLEAN), where the SNDS has a code: "
                "what wrote the file took it for a boolean, as the official schemas do by mistake; "
                "ask for it as text"
            )


def raw_rows(
    connection: duckdb.DuckDBPyConnection,
    file: Delivered,
    found: AnyScan,
    header: Header,
    *,
    rejects: str,
    natives: Mapping[str, str],
    more: Iterable[Delivered] = (),
    before: int = 0,
) -> str:
    """Returns SQL: every known column as text under its name in the schema, records of a file numbered from 1.

    ``natives``: SQL for the columns that are not turned into text. ``more``: other files of Parquet with the same
    columns; the place of a row's file among all is told beside it. ``before``: what the number of the first record of a
    text is more than 1.
    """
    present = {logical: place for place, logical in enumerate(header.logical) if logical}
    if isinstance(found, Scan):
        columns = ", ".join(f'c{place} AS "{name}"' for name, place in present.items())
        record = f"row_number() OVER (){f' + {before}' if before else ''}"
        return (
            f"SELECT 0 AS {FILE}, {record} AS _record, {columns} "
            f"FROM {_csv(file, found, header, rejects)}"
        )
    values = {**_texts(found, present), **natives}
    columns = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    if isinstance(found, SasScan):
        connection.register("sas_rows", sas.rows_of(file.path, found, present.values()))
        return f"SELECT 0 AS {FILE}, _record, {columns} FROM sas_rows"
    paths = [file.path, *(one.path for one in more)]
    place = f"CAST(file_index AS INTEGER) AS {FILE}"
    return (
        f"SELECT {place}, file_row_number + 1 AS _record, {columns} FROM {parquet.rows_of(*paths)}"
    )


def sample(
    connection: duckdb.DuckDBPyConnection,
    file: Delivered,
    found: AnyScan,
    header: Header,
    columns: Iterable[str],
) -> Mapping[str, tuple[str, ...]]:
    """Returns some values of each of ``columns`` (names of the schema), from the beginning of the file."""
    places = {name: header.logical.index(name) for name in columns}
    if not places:
        return {}
    if isinstance(found, Scan):
        lines = [
            split_line(
                line.decode(found.encoding, "replace"), header.separator, quoted=found.quoted
            )
            for line in found.sample
        ]
        return {
            name: tuple(fields[place] for fields in lines if len(fields) > place)
            for name, place in places.items()
        }
    texts = ", ".join(_texts(found, places).values())
    if isinstance(found, SasScan):
        first = sas.rows_of(file.path, found, places.values(), most=SAMPLE)
        connection.register("sas_sample", first)
    whole = "sas_sample" if isinstance(found, SasScan) else parquet.rows_of(file.path)
    rows = connection.execute(f"SELECT {texts} FROM {whole} LIMIT {SAMPLE}").fetchall()
    values = zip(*rows, strict=True) if rows else ((),) * len(places)
    return {
        name: tuple([text for text in column if text is not None])
        for name, column in zip(places, values, strict=True)
    }


def places_of(
    file: Delivered, found: AnyScan, records: Iterable[int], *, skipped: Iterable[int]
) -> Mapping[int, int]:
    """Returns where an operator finds each record: the line of a text file, the row of another."""
    records = set(records)
    if isinstance(found, Scan) and records:
        return line_numbers(file.path, records, quoted=found.quoted, skipped=skipped)
    return {record: record for record in records}


def _texts(found: ParquetScan | SasScan, places: Mapping[str, int]) -> dict[str, str]:
    if isinstance(found, SasScan):
        return {name: sas.text_of(found.columns[place], place) for name, place in places.items()}
    return {name: parquet.text_of(found.columns[place]) for name, place in places.items()}


def _csv(file: Delivered, found: Scan, header: Header, rejects: str) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header.written)))
    quote = "quote = '\"', escape = '\"'" if found.quoted else "quote = '', escape = ''"
    newline = "\\r\\n" if found.counted.returned else "\\n"
    # Rows are lost where a quoted line end meets the border of two readers (duckdb/duckdb#11838,
    # #21000).
    alone = ", parallel = false" if found.counted.within else ""
    path = glob.escape(str(file.path)).replace("'", "''")
    return f"""read_csv('{path}', auto_detect = false, header = true,
        columns = {{{columns}}}, delim = '{header.separator}', {quote}, new_line = '{newline}',
        nullstr = [{listed()}], encoding = '{found.encoding}', compression = '{"gzip" if found.gzipped else "none"}'{alone},
        store_rejects = true, rejects_limit = 0,
        rejects_table = '{rejects}_lines', rejects_scan = '{rejects}_scans')"""
