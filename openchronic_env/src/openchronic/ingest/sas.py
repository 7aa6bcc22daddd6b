"""Reads a delivered SAS dataset (``sas7bdat``): whether it is whole, its columns, its values as text.

ReadStat reads it in parts; its numbers pass the same casts as those of Parquet.
"""

from __future__ import annotations

import hashlib
import re
import struct
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from openchronic.errors import SourceError
from openchronic.ingest.folder import open_delivered
from openchronic.ingest.missing import listed
from openchronic.ingest.numbers import text_of_double

# Imported where a dataset is read: they take half a second, which `import openchronic` must not.
if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX = ".sas7bdat"
MAGIC = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
FOREIGN = {
    b"HEADER RECORD*******": "a SAS transport file (xport)",
    b"**COMPRESSED**": "a SAS transport file (CPORT)",
    b"\x1f\x8b": "a gzip file",
    b"PK\x03\x04": "a ZIP archive",
    b"PAR1": "a Parquet file",
}
Kind = Literal["text", "number", "date", "datetime"]
# Names of SAS formats without width: a date counts days, a datetime seconds, from 1 January 1960.
FORMAT_WIDTH = re.compile(r"\d*\.?\d*$")
DATES = re.compile(
    r"(NL)?(DATE|DDMMYY[BCDNPS]?|MMDDYY[BCDNPS]?|YYMMDD[BCDNPS]?|[EB]8601DA|IS8601DA"
    r"|WEEKDAT[EX]|WORDDAT[EX]|JULIAN|MONYY|EURDFD[DE]|FRADFD[DE]|MMYY[A-Z]?|YYMM[CDNPS]?)"
)
DATETIMES = re.compile(r"(NL)?(DATETIME|DATETM|DTDATE|[EB]8601D[TNXZ]|IS8601DT|DATEAMPM|MDYAMPM)")
# The limits of the SAS calendar, in days.
FIRST_DAY, LAST_DAY = -138_061, 6_589_335
# The limits of one part as Python objects, some 100 MB.
PART_CELLS, PART_BYTES = 2_000_000, 64 << 20
# One part at a time, whatever the number of files: the library holds Python's lock anyway.
_ONE_PART = threading.Lock()


@dataclass(frozen=True)
class SasColumn:
    """A column as the file declares it."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class SasScan:
    """The result of the scan of a SAS dataset."""

    format: ClassVar[str] = "sas7bdat"
    sha256: str
    size: int
    rows: int
    columns: tuple[SasColumn, ...]
    encoding: str


def scan_sas(path: Path, name: str) -> SasScan:
    """Returns what ``peek_sas`` does, with the digest of the file."""
    found = peek_sas(path, name)
    with open_delivered(path, name) as file:
        return replace(found, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def peek_sas(path: Path, name: str) -> SasScan:
    """Reads the header of ``path``; the digest is left empty. ``name``: the name of the file in messages.

    Raises SourceError: empty, not a SAS dataset, cut, or a header that cannot be read.
    """
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{name}: the file is empty (0 bytes); ask for it again")
    with open_delivered(path, name) as file:
        _refuse_start(file.read(288), size, name)
    try:
        _, meta = _read(path, metadataonly=True)
    except Exception as problem:  # noqa: BLE001 - whatever a damaged header does to the library
        raise unreadable(name, problem) from None
    columns = tuple(
        SasColumn(column, _kind(meta.readstat_variable_types[column], format_ or ""))
        for column, format_ in (
            (column, meta.original_variable_types[column]) for column in meta.column_names
        )
    )
    if not columns:
        raise unreadable(name, ValueError("no column"))
    return SasScan("", size, int(meta.number_rows), columns, str(meta.file_encoding).lower())


def rows_of(
    path: Path, found: SasScan, places: Iterable[int], *, most: int | None = None
) -> pa.RecordBatchReader:
    """Returns the rows as a stream of ``_record`` (from 1) and ``c<place>``; ``most``: only the first rows.

    Each part skips the rows before it, so that the file is read once per part. Raises SourceError while it is
    read: fewer rows than the header states, damaged.
    """
    import pyarrow as pa

    places = tuple(places)
    fields = [pa.field("_record", pa.int64())]
    fields += [pa.field(f"c{place}", _arrow_type(found.columns[place])) for place in places]
    schema = pa.schema(fields)
    wanted = found.rows if most is None else min(most, found.rows)
    parts = _parts(path, found, places, schema, wanted)
    return pa.RecordBatchReader.from_batches(schema, parts)


def text_of(column: SasColumn, place: int) -> str:
    """Returns SQL: the value of the column as the text that a CSV delivery would hold."""
    name = f"c{place}"
    if column.kind == "text":
        return f"CASE WHEN {name} IN ({listed()}) THEN NULL ELSE {name} END"
    number = text_of_double(name)
    if column.kind == "number":
        return number
    # A number outside the calendar stays a number: the cast to a date counts it as a reject.
    if column.kind == "date":
        day = f"DATE '1960-01-01' + CAST(floor({name}) AS INTEGER)"
        known = f"{name} BETWEEN {FIRST_DAY} AND {LAST_DAY}"
    else:
        day = f"TIMESTAMP '1960-01-01' + to_microseconds(CAST({name} * 1000000 AS BIGINT))"
        known = f"{name} BETWEEN {FIRST_DAY * 86_400} AND {LAST_DAY * 86_400}"
    return f"CASE WHEN {known} THEN CAST({day} AS VARCHAR) ELSE {number} END"


def unreadable(name: str, problem: Exception) -> SourceError:
    """Returns the error for a file that the library could not read; the library's own words may quote values."""
    if isinstance(problem, SourceError):
        return problem
    # An engine that reads the stream repeats the library's message.
    if any(words in str(problem) for words in ("codec can't decode", "byte sequence")):
        return SourceError(
            f"{name}: text in this SAS dataset is not in the encoding that its header names; "
            "ask for it again in UTF-8"
        )
    return SourceError(
        f"{name}: the SAS dataset cannot be read whole: damaged, encrypted, or with rows deleted "
        "in place; ask for a fresh copy without encryption, or for CSV"
    )


def _read(path: Path, **options: Any) -> tuple[dict[str, list[Any]], Any]:
    import pyreadstat

    with _ONE_PART:
        read: tuple[dict[str, list[Any]], Any] = pyreadstat.read_sas7bdat(
            path, output_format="dict", disable_datetime_conversion=True, **options
        )
    return read


def _parts(
    path: Path, found: SasScan, places: tuple[int, ...], schema: pa.Schema, wanted: int
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    names = [found.columns[place].name for place in places]
    width = max(1, found.size // max(1, found.rows))
    step = max(1, min(PART_CELLS // max(1, len(places)), PART_BYTES // width))
    done = 0
    while done < wanted:
        limit = min(step, wanted - done)
        values, _ = _read(path, usecols=names, row_offset=done, row_limit=limit)
        count = len(values[names[0]])
        if count != limit:
            raise SourceError(f"{path.name}: {done + count:,} rows of {found.rows:,}")
        records = pa.array(range(done + 1, done + count + 1), pa.int64())
        arrays = [
            pa.array(values[name], field.type)
            for name, field in zip(names, list(schema)[1:], strict=True)
        ]
        yield pa.RecordBatch.from_arrays([records, *arrays], schema=schema)
        done += count


def _arrow_type(column: SasColumn) -> pa.DataType:
    import pyarrow as pa

    return pa.string() if column.kind == "text" else pa.float64()


def _kind(stored: str, format_: str) -> Kind:
    if stored == "string":
        return "text"
    name = FORMAT_WIDTH.sub("", format_.upper(), count=1)
    if DATETIMES.fullmatch(name):
        return "datetime"
    return "date" if DATES.fullmatch(name) else "number"


def _refuse_start(start: bytes, size: int, name: str) -> None:
    for magic, what in FOREIGN.items():
        if start.startswith(magic):
            raise SourceError(
                f"{name}: this is not a SAS dataset but {what}: ask for a dataset (sas7bdat) or CSV"
            )
    if not start.startswith(MAGIC[: len(start)]):
        raise SourceError(
            f"{name}: this is not a SAS dataset: another format under this name, or damaged; "
            "ask for it again"
        )
    promised = _promised(start)
    if promised is None or size < promised:
        raise SourceError(f"{name}: the SAS dataset was cut ({size:,} bytes); ask for it again")


def _promised(start: bytes) -> int | None:
    """Returns the length in bytes that the header states; None when the header itself is cut.

    The layout: BioStatMatt's sas7bdat description, and ReadStat's ``sas_header_start_t``.
    """
    if len(start) < 288:
        return None
    order = "<" if start[37] == 1 else ">"
    place = 196 + (4 if start[35] == 0x33 else 0)
    wide = "Q" if start[32] == 0x33 else "I"
    header, page, pages = struct.unpack_from(f"{order}II{wide}", start, place)
    return int(header + page * pages)
