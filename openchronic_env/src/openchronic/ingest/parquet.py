"""Reads a delivered Parquet file: whether it is whole, its columns, and its values as text.

The text is that of CSV: typed dates and dates as strings pass the same casts.
"""

from __future__ import annotations

import glob
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import ClassVar

import duckdb

from openchronic.errors import SourceError
from openchronic.ingest.folder import open_delivered
from openchronic.ingest.missing import listed, missing_words
from openchronic.ingest.numbers import text_of_double

SUFFIX = ".parquet"
MAGIC, ENCRYPTED = b"PAR1", b"PARE"
# Two magic numbers, the length of the footer, and a footer that is not empty.
SMALLEST = 13
FIRST_ROWS = 2000
# The beginnings of the engine's types whose values have no letters.
NO_WORDS = ("DATE", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL")
NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")
# An instant is stored in UTC. A date of the SNDS, midnight in Paris, is then 22 or 23 h of the day
# before; midnight in UTC stays on its day.
ZONE = "Europe/Paris"


@dataclass(frozen=True)
class ParquetColumn:
    """A column as the file declares it: ``name`` as written, ``key`` as the engine calls it."""

    name: str
    key: str
    engine_type: str
    stored: str


@dataclass(frozen=True)
class ParquetScan:
    """The result of the scan of a Parquet file."""

    format: ClassVar[str] = "parquet"
    sha256: str
    size: int
    rows: int
    columns: tuple[ParquetColumn, ...]
    encoding: str = "utf-8"


# The columns of a file, and its number of rows.
Footer = tuple[tuple[ParquetColumn, ...], int]
# Those that this process has read, with what tells that the file has changed.
_KNOWN: dict[Path, tuple[tuple[int, ...], Footer]] = {}


def scan_parquet(path: Path, name: str) -> ParquetScan:
    """Returns what ``peek_parquet`` does, with the digest of the file."""
    found = peek_parquet(path, name)
    with open_delivered(path, name) as file:
        return replace(found, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def peek_parquet(path: Path, name: str, *, footer: Footer | None = None) -> ParquetScan:
    """Checks both ends of ``path`` and reads its footer, unless it is given one; the digest is left empty.

    ``name``: the name of the file in messages. Raises SourceError: empty, not Parquet, encrypted, cut, or a
    footer that cannot be read.
    """
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{name}: the file is empty (0 bytes); ask for it again")
    with open_delivered(path, name) as file:
        start = file.read(len(MAGIC))
        file.seek(max(0, size - len(MAGIC)))
        end = file.read()
    _refuse_ends(start, end, size, name)
    try:
        columns, rows = footer or footers([path])[path]
    except (duckdb.Error, UnicodeDecodeError) as problem:
        raise damaged(name, problem) from None
    for column in columns:
        if column.engine_type.startswith(NESTED) or column.engine_type.endswith("]"):
            raise SourceError(
                f"{name}: column {column.name} holds lists or structures "
                f"({column.engine_type.split('(')[0]}), and a table has one value per row and column"
            )
    return ParquetScan("", size, rows, columns)


def text_of(column: ParquetColumn) -> str:
    """Returns SQL: the value of the column as the text that a CSV delivery would hold."""
    name, kind = name_of(column), column.engine_type
    if kind == "VARCHAR":
        return _present(name)
    if kind in ("DOUBLE", "FLOAT"):
        return _present(text_of_double(name, kind))
    if column.stored == "INT96" or kind.startswith("TIMESTAMP"):
        name = wall_clock_of(column)
    text = f"CAST({name} AS VARCHAR)"
    # A stored day, hour or number is never a word, for which the engine would look again and again.
    return text if name != name_of(column) or kind.startswith(NO_WORDS) else _present(text)


def name_of(column: ParquetColumn) -> str:
    """Returns SQL: the column in a scan of its file."""
    return '"' + column.key.replace('"', '""') + '"'


def wall_clock_of(column: ParquetColumn) -> str:
    """Returns SQL: the instant of the column as a timestamp without a zone, that of a clock in Paris."""
    name = name_of(column)
    if column.stored == "INT96":
        return f"timezone('{ZONE}', timezone('UTC', CAST({name} AS TIMESTAMP)))"
    if column.engine_type.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"timezone('{ZONE}', {name})"
    return f"CAST({name} AS TIMESTAMP)"


def some_words(connection: duckdb.DuckDBPyConnection, path: Path, found: ParquetScan) -> set[str]:
    """Returns the words for a missing value in the first rows."""
    names = [name_of(one) for one in found.columns if one.engine_type == "VARCHAR"]
    if not names:
        return set()
    listed_names = ", ".join(names)
    rows = connection.execute(
        f"SELECT DISTINCT word FROM (SELECT unnest([{listed_names}]) AS word "
        f"FROM (SELECT {listed_names} FROM {rows_of(path)} LIMIT {FIRST_ROWS})) "
        f"WHERE word IN ({listed()}) AND word NOT IN ('', '.')"
    ).fetchall()
    return {word for (word,) in rows}


def _present(text: str) -> str:
    # A list is one constant to plan. No word begins with a figure, as most values do.
    longest = max(map(len, missing_words()))
    return (
        f"CASE WHEN strlen({text}) <= {longest} AND NOT {text} BETWEEN '0' AND ':' "
        f"AND list_contains([{listed()}], {text}) THEN NULL ELSE {text} END"
    )


def rows_of(*paths: Path) -> str:
    """Returns SQL: the scan of files with the same columns, the rows of each numbered from 0 in
    ``file_row_number``."""
    # Older writers do not declare that their bytes are text.
    return (
        f"read_parquet([{_listed(paths)}], binary_as_string = true, file_row_number = true, "
        "hive_partitioning = false)"
    )


def damaged(name: str, problem: Exception) -> SourceError:
    """Returns the error for a file that the engine could not read; the engine's own words may quote values."""
    if isinstance(problem, UnicodeDecodeError) or "UTF8" in str(problem).upper().replace("-", ""):
        return SourceError(
            f"{name}: the text in this Parquet file is not UTF-8; ask for it again in UTF-8"
        )
    return SourceError(
        f"{name}: the Parquet file is damaged and cannot be read whole; ask for it again"
    )


def _refuse_ends(start: bytes, end: bytes, size: int, name: str) -> None:
    if ENCRYPTED in (start, end):
        raise SourceError(f"{name}: the Parquet file is encrypted; ask for it without encryption")
    if start != MAGIC:
        raise SourceError(
            f"{name}: this is not a Parquet file (its first bytes are not PAR1): "
            "another format under this name, or damaged; ask for it again"
        )
    if end != MAGIC or size < SMALLEST:
        raise SourceError(
            f"{name}: the Parquet file was cut (its footer is missing); ask for it again"
        )


def a_look() -> duckdb.DuckDBPyConnection:
    """Opens a connection for reading the beginning or the footer of a file; the caller closes it."""
    return _engine().cursor()


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    # Starting an engine costs as much as ten such reads, and deliveries have hundreds of files.
    return duckdb.connect(config={"threads": 1})


def footers(paths: Sequence[Path]) -> dict[Path, Footer]:
    """Returns the columns of each file and its number of rows. Raises duckdb.Error where one of them cannot be read.

    Files are asked together, and the types of those with the same schema once: a delivery has hundreds. What was read of
    a file that did not change since is not read again: it is asked for the judgement and for the reading of the file.
    """
    stamps = {path: _stamp(path) for path in paths}
    fresh = [path for path in paths if _KNOWN.get(path, (None, None))[0] != stamps[path]]
    if fresh:
        _KNOWN.update({path: (stamps[path], one) for path, one in _read_footers(fresh).items()})
    return {path: _KNOWN[path][1] for path in paths}


def _stamp(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev


def _read_footers(paths: Sequence[Path]) -> dict[Path, Footer]:
    every = f"[{_listed(paths)}]"
    columns: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
    forms: dict[str, tuple[ParquetColumn, ...]] = {}
    found = {}
    with a_look() as connection:
        for file, *column in connection.execute(
            "SELECT file_name, name, coalesce(type, ''), * EXCLUDE (file_name, name, type) "
            f"FROM parquet_schema({every})"
        ).fetchall():
            columns[file].append(tuple(column))
        rows: dict[str, int] = dict(
            connection.execute(
                f"SELECT file_name, num_rows FROM parquet_file_metadata({every})"
            ).fetchall()
        )
        for path in paths:
            schema = columns[str(path)]
            form = str(schema)
            if form not in forms:
                described = connection.execute(
                    f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {rows_of(path)}"
                ).fetchall()
                forms[form] = _columns(described, schema[1:])
            found[path] = forms[form], int(rows[str(path)])
    return found


def _columns(
    described: Sequence[Sequence[object]], leaves: Sequence[Sequence[object]]
) -> tuple[ParquetColumn, ...]:
    # There are as many leaves as columns: no column is nested, and both lists are in the order of
    # the file.
    flat = len(leaves) == len(described)
    return tuple(
        ParquetColumn(
            name=str(leaves[place][0]) if flat else str(key),
            key=str(key),
            engine_type=str(type_),
            stored=str(leaves[place][1]) if flat else "",
        )
        for place, (key, type_, *_) in enumerate(described)
    )


def _listed(paths: Iterable[Path]) -> str:
    return ", ".join(f"'{_pattern(path)}'" for path in paths)


def _pattern(path: Path) -> str:
    # The engine reads the path of a scan as a pattern: brackets and stars in names are literal.
    return glob.escape(str(path)).replace("'", "''")
