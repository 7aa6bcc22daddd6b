"""A connection of R: rows by pieces, one result beside another, values, data frames lent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow.cffi import ffi

from openchronic.api import pinning
from openchronic.for_r import Connection, told
from tests.openchronic.for_r.stream import answers, taken

MANY = "SELECT range AS i FROM range(300000)"


@pytest.fixture
def r(plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    connection = Connection()
    yield connection
    connection.close()


def test_rows_come_by_pieces_and_in_order(r: Connection) -> None:
    rows = r.query(MANY)
    seen: list[int] = []
    for wanted in (0, 1, 122_880, 150_000):
        piece = taken(rows, wanted)
        assert piece.num_rows == wanted
        seen += piece["i"].to_pylist()
        assert not rows.finished
    seen += taken(rows)["i"].to_pylist()
    assert seen == list(range(300_000))
    assert rows.finished
    assert taken(rows).num_rows == 0


def test_the_last_piece_ends_a_result_even_where_it_is_full(r: Connection) -> None:
    rows = r.query("SELECT range AS i FROM range(10)")
    assert (taken(rows, 10).num_rows, rows.finished) == (10, True)


def test_another_query_takes_no_row_from_an_open_result(r: Connection) -> None:
    first = r.query(MANY)
    assert taken(first, 1_000).num_rows == 1_000
    assert answers(r, "SELECT 7 AS a") == [{"a": 7}]
    assert answers(r, "CREATE TABLE own AS SELECT 1 AS a") == []
    assert taken(first)["i"].to_pylist() == list(range(1_000, 300_000))


def test_a_closed_result_gives_nothing_and_frees_the_connection(r: Connection) -> None:
    rows = r.query(MANY)
    taken(rows, 1)
    rows.close()
    assert rows.finished
    assert answers(r, "SELECT 7 AS a") == [{"a": 7}]


def test_a_query_that_fails_on_its_way_frees_the_connection(r: Connection) -> None:
    rows = r.query("SELECT CASE WHEN range = 250000 THEN error('late') END AS a FROM range(300000)")
    with pytest.raises(OSError, match="late") as caught:
        taken(rows)
    assert "DuckDB" in told(caught.value)
    assert answers(r, "SELECT 7 AS a") == [{"a": 7}]


def test_what_changes_rows_says_how_many(r: Connection) -> None:
    made = r.query("CREATE TABLE own AS SELECT 1 AS a UNION ALL SELECT 2")
    assert (made.changed, made.columns, made.finished) == (2, [], True)
    assert r.query("DELETE FROM own WHERE a = 1").changed == 1
    assert r.query("DROP TABLE own").changed == 0


def test_a_column_may_be_called_count(r: Connection) -> None:
    assert answers(r, 'SELECT 3 AS "Count"') == [{"Count": 3}]


def test_values_keep_their_types(r: Connection) -> None:
    given = [("Date", "2021-03-10"), ("numeric", 3.0), ("numeric", 1.5), ("character", None)]
    asked = "SELECT ?::DATE AS d, ? AS n, ? AS x, ? AS t"
    assert answers(r, asked, given) == [{"d": date(2021, 3, 10), "n": 3, "x": 1.5, "t": None}]
    assert answers(r, "SELECT $a AS a", {"a": ("logical", True)}) == [{"a": True}]
    assert (r.asks("SELECT ?, ?"), r.asks("SELECT $a + $a"), r.asks("SELECT '?'")) == (2, 1, 0)


def test_a_lent_frame_is_a_view_until_it_is_taken_back(r: Connection) -> None:
    stream = ffi.new("struct ArrowArrayStream*")
    address = int(ffi.cast("uintptr_t", stream))
    pa.table({"a": [1, 2]}).to_reader()._export_to_c(address)
    r.lend("de_r", hex(address))
    assert answers(r, "SELECT sum(a) AS s FROM de_r") == [{"s": 3.0}]
    r.take_back("de_r")
    with pytest.raises(duckdb.CatalogException):
        r.query("SELECT * FROM de_r")
