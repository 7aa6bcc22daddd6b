"""The events of a bucket go straight into its file: no table of the engine holds them meanwhile."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import duckdb
import pytest

from openchronic.build.context import Context
from openchronic.build.parts import is_written_as_made, write_and_show
from openchronic.engines.duck import Duck
from openchronic.models.delivery import every_table
from openchronic.models.graph import graph_of
from openchronic.models.model import Model, Written

EVENT = Model("event", (), writes=Written("event", ("day",)))


def context_of(place: Path, *, takes_over: bool = False, waits: bool = False) -> Context:
    engine = Duck(duckdb.connect(), place, memory=10**9)
    engine.waits = waits
    return cast(
        Context,
        SimpleNamespace(
            engine=engine,
            place=SimpleNamespace(release=place),
            settings=SimpleNamespace(takes_over=takes_over),
            buckets=2,
        ),
    )


def test_what_is_written_is_read_from_its_file_in_order(tmp_path: Path) -> None:
    context = context_of(tmp_path)
    rows = "SELECT unnest([3, 1, 2]) AS day"
    write_and_show(context, EVENT, rows, range(1, 2))
    ((file,),) = [list((tmp_path / "event" / "bucket=01").iterdir())]
    found = duckdb.execute(
        "FROM read_parquet(?, hive_partitioning = false)", [str(file)]
    ).fetchall()
    assert found == [(1,), (2,), (3,)]
    assert sorted(context.engine.rows("SELECT day FROM event")) == found
    assert context.engine.rows("SELECT count(*) FROM duckdb_tables()") == [(0,)]
    context.engine.drop("event")
    assert context.engine.rows("SELECT count(*) FROM duckdb_views() WHERE NOT internal") == [(0,)]


def test_the_events_of_a_build_are_written_as_they_are_made(tmp_path: Path) -> None:
    event = graph_of(every_table()).model("event")
    assert is_written_as_made(context_of(tmp_path), event, range(1, 2))


@pytest.mark.parametrize("buckets", [None, range(2)])
def test_what_is_of_no_bucket_or_of_several_is_a_table_first(
    tmp_path: Path, buckets: range | None
) -> None:
    assert not is_written_as_made(context_of(tmp_path), EVENT, buckets)


def test_what_a_later_build_takes_over_or_an_engine_puts_off_is_a_table_first(
    tmp_path: Path,
) -> None:
    assert not is_written_as_made(context_of(tmp_path, takes_over=True), EVENT, range(1))
    assert not is_written_as_made(context_of(tmp_path, waits=True), EVENT, range(1))


def test_a_table_with_columns_of_the_build_alone_is_a_table_first(tmp_path: Path) -> None:
    more = Model("stay", (), writes=Written("stay", ("day",), without=("natural_key",)))
    assert not is_written_as_made(context_of(tmp_path), more, range(1))
