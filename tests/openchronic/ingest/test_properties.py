"""Any value that a supplier writes in a supported dialect is read back equal; anything else is a SourceError."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from openchronic.catalogue import load_tables
from openchronic.errors import SourceError
from openchronic.ingest.casting import cast
from openchronic.ingest.dates import DATE_SHAPES, date_formats
from openchronic.ingest.finding import Delivered
from openchronic.ingest.naming import identify
from openchronic.ingest.raw import header_of, scan_file
from openchronic.ingest.reading import read_file
from openchronic.ingest.scanning import scan

few = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    # One connection serves all examples: they leave nothing in it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
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


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1, "preserve_insertion_order": False})


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


FORMATS = sorted({one for formats in DATE_SHAPES.values() for one in formats})


@few
@given(
    days=st.lists(st.dates(date(1900, 1, 1), date(2099, 12, 31)), min_size=1, max_size=20),
    shape=st.sampled_from(FORMATS),
    capital=st.booleans(),
)
def test_dates_are_read_as_they_were_written(
    engine: duckdb.DuckDBPyConnection, days: list[date], shape: str, *, capital: bool
) -> None:
    texts = [datetime(day.year, day.month, day.day, 13, 5, 7).strftime(shape) for day in days]
    if shape in ("%d%m%Y", "%Y%m%d"):
        # Most values of a column decide which of the two formats its eight digits have.
        assume(date_formats(texts).index(shape) < date_formats(texts).index(OTHER[shape]))
    texts = [text.upper() if capital else text for text in texts]
    read = engine.execute(
        one_value(cast("x", "date", formats=date_formats(texts), needed=False).value), [texts]
    ).fetchall()
    assert [value for (value,) in read] == days


OTHER = {"%d%m%Y": "%Y%m%d", "%Y%m%d": "%d%m%Y"}


@few
@given(
    st.lists(st.decimals(-(10**12), 10**12, places=5, allow_nan=False), min_size=1, max_size=20),
    st.booleans(),
)
def test_amounts_are_exact_with_a_point_or_a_comma(
    engine: duckdb.DuckDBPyConnection, amounts: list[Decimal], comma: bool
) -> None:
    texts = [f"{one:f}".replace(".", "," if comma else ".") for one in amounts]
    read = engine.execute(one_value(cast("x", "decimal", needed=False).value), [texts]).fetchall()
    assert [value for (value,) in read] == amounts


@few
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_whole_numbers_are_exact(engine: duckdb.DuckDBPyConnection, numbers: list[int]) -> None:
    texts = [str(one) for one in numbers]
    read = engine.execute(one_value(cast("x", "integer", needed=False).value), [texts]).fetchall()
    assert [value for (value,) in read] == numbers


@few
@given(texts=st.lists(st.text(max_size=30), min_size=1, max_size=10))
@pytest.mark.parametrize("type_", ["integer", "decimal", "date", "string"])
def test_no_text_makes_a_cast_fail(
    engine: duckdb.DuckDBPyConnection, texts: list[str], type_: Any
) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    expression = cast("x", type_, formats=date_formats(texts), needed=True)
    read = engine.execute(one_value(expression.value), [texts]).fetchall()
    assert len(read) == len(texts)


def one_value(expression: str) -> str:
    """Returns SQL: ``expression`` for each text of the list given."""
    return f"SELECT {expression} FROM (SELECT unnest(?::VARCHAR[]) AS x) AS raw"  # noqa: S608


@few
@given(
    year=st.integers(2006, 2035),
    part=st.sampled_from(("", "_part2", "-03", ".1", " (2)", "_copie")),
    suffix=st.sampled_from((".CSV", ".csv.gz", ".txt", ".parquet", ".sas7bdat")),
    change=st.sampled_from((str.upper, str.lower, str.title)),
)
def test_a_name_says_its_table_and_year_in_any_case(
    year: int, part: str, suffix: str, change: Callable[[str], str]
) -> None:
    assert identify(change(f"ER_PRS_F_{year}{part}{suffix}")) == ("ER_PRS_F", year)
    assert identify(change(f"T_MCO{year % 100:02}B{part}{suffix}")) == ("T_MCOaaB", year)
    assert identify(change(f"IR_BEN_R{part}{suffix}")) == ("IR_BEN_R", None)


@few
@given(st.text(max_size=40))
def test_any_name_is_known_or_not(name: str) -> None:
    found = identify(name)
    assert found is None or found[0]


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
