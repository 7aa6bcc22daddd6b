"""Any table that a supplier writes in a supported dialect is read back equal; anything else is a SourceError."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from dataclasses import replace
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from openchronic.catalogue import load_tables
from openchronic.errors import SourceError
from openchronic.ingest.finding import Delivered
from openchronic.ingest.raw import header_of, scan_file
from openchronic.ingest.reading import read_file
from openchronic.ingest.scanning import scan
from tests.openchronic.ingest.conftest import few

NAMES = ("ETA_NUM", "RSA_NUM", "ASS_DGN")
ASSOCIATED = load_tables()["T_MCOaaD"]
# Three columns of text, in which every value is valid.
TEXTS = replace(
    ASSOCIATED,
    period="none",
    key=NAMES[:1],
    columns=tuple(
        replace(
            ASSOCIATED.column(name),
            type="string",
            required=True,
            since=None,
            until=None,
            aliases=(),
        )
        for name in NAMES
    ),
)
# French letters, separators, quotes and spaces; no control characters.
LETTERS = "abcXYZ019 éèàçœŒÉ'-.()" + ';,\t|"'


def something(text: str) -> str:
    """Returns the text as read: an empty field or a lone dot is missing."""
    return text.strip() if text.strip() not in ("", ".") else "x"


FIELD = st.text(LETTERS, max_size=8).map(something)


@few
@given(
    lines=st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=12),
    separator=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "latin-1", "cp1252")),
    end=st.sampled_from(("\n", "\r\n")),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    packed=st.booleans(),
    lower=st.booleans(),
)
def test_any_table_in_any_dialect_is_read_back_equal(
    *,
    engine: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[str, str, str]],
    separator: str,
    encoding: str,
    end: str,
    quoting: Any,
    packed: bool,
    lower: bool,
) -> None:
    if encoding == "latin-1":
        lines = [
            (one.translate(NO_LIGATURE), two.translate(NO_LIGATURE), three.translate(NO_LIGATURE))
            for one, two, three in lines
        ]
    written = io.StringIO()
    writer = csv.writer(written, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow([name.lower() if lower else name for name in NAMES])
    writer.writerows(lines)
    data = written.getvalue().encode(encoding)
    folder = tmp_path_factory.mktemp("dialect")
    path = folder / "texts.csv"
    path.write_bytes(gzip.compress(data) if packed else data)
    reading = read_file(
        engine,
        TEXTS,
        Delivered(path, path.name, None),
        scan_file(path, path.name),
        folder / "typed",
    )
    assert not reading.rejects
    found = engine.execute(
        f"SELECT {', '.join(NAMES)} FROM read_parquet('{folder}/typed/*.parquet')"  # noqa: S608
    ).fetchall()
    assert sorted(found) == sorted(lines)


CELL = st.sampled_from(
    (
        "",
        "v",
        '"v"',
        '"v;w"',
        '"v""w"',
        '"v\nw"',
        '"v\r\n;\n"',
        'v"w',
        '"',
        '"v',
        'v"',
        '""',
        '""v""',
        "NA",
    )
)


@few
@given(
    rows=st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=12),
    ends=st.lists(st.sampled_from(("\n", "\r\n", "\n\n")), min_size=12, max_size=12),
    packed=st.booleans(),
)
def test_rows_read_are_rows_counted_whatever_the_quotes_and_line_ends(
    *,
    engine: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    ends: list[str],
    packed: bool,
) -> None:
    lines = [NAMES, *rows]
    text = "".join(";".join(line) + end for line, end in zip(lines, ["\n", *ends], strict=False))
    folder = tmp_path_factory.mktemp("counted")
    path = folder / "texts.csv"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    file = Delivered(path, path.name, None)
    said, counted, read = "", 0, 0
    try:
        reading = read_file(engine, TEXTS, file, scan_file(path, path.name), folder / "typed")
        counted, read = (reading.count.rows if reading.count else -1), reading.rows
    except SourceError as problem:
        said = str(problem)
    assert "were read" not in said
    assert counted == read


NO_LIGATURE = {ord("œ"): "e", ord("Œ"): "E"}


@few
@given(
    lines=st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=12),
    kind=st.sampled_from(
        (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())),
    ),
    order=st.permutations(NAMES),
    packing=st.sampled_from(("none", "snappy", "gzip", "zstd")),
    group=st.integers(1, 12),
    version=st.sampled_from(("1.0", "2.6")),
    lower=st.booleans(),
)
def test_any_table_in_any_form_of_parquet_is_read_back_equal(
    *,
    engine: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[str, str, str]],
    kind: pa.DataType,
    order: list[str],
    packing: str,
    group: int,
    version: str,
    lower: bool,
) -> None:
    columns = dict(zip(NAMES, zip(*lines, strict=True), strict=True))
    table = pa.table(
        {
            name.lower() if lower else name: pa.array(columns[name], pa.string()).cast(kind)
            for name in order
        }
    )
    folder = tmp_path_factory.mktemp("form")
    path = folder / "texts.parquet"
    parquet.write_table(table, path, compression=packing, row_group_size=group, version=version)
    reading = read_file(
        engine,
        TEXTS,
        Delivered(path, path.name, None),
        scan_file(path, path.name),
        folder / "typed",
    )
    assert not reading.rejects
    found = engine.execute(
        f"SELECT {', '.join(NAMES)} FROM read_parquet('{folder}/typed/*.parquet')"  # noqa: S608
    ).fetchall()
    assert sorted(found) == sorted(lines)


@few
@given(data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".sas7bdat"])
@pytest.mark.parametrize(
    "start", [b"", b"ETA_NUM;RSA_NUM;ASS_DGN\n", b"\x1f\x8b\x08", b"PAR1", codecs.BOM_UTF8]
)
def test_no_bytes_do_more_than_raise_source_error(
    *, tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str, start: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(start + data)
    said = path.name
    known: set[str | None] = set(NAMES)
    try:
        header = header_of(scan_file(path, path.name), TEXTS, Delivered(path, path.name, None))
        known = set(header.logical) & set(NAMES)
    except SourceError as problem:
        said = str(problem)
    assert path.name in said
    assert known == set(NAMES)


@few
@given(st.binary(min_size=1, max_size=300).map(lambda data: data.replace(b"\x1f", b"")))
def test_lines_and_bytes_are_counted(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.csv"
    path.write_bytes(data)
    try:
        found = scan(path, path.name)
    except SourceError:
        return
    assert found.size == len(data)
    assert found.lines == data.count(b"\n") + (not data.endswith(b"\n"))
