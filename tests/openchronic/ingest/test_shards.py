"""Shards that are read together are read as each would be alone, and their lines are counted by file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from openchronic.catalogue import load_tables
from openchronic.ingest.finding import Delivered
from openchronic.ingest.raw import AnyScan, scan_file
from openchronic.ingest.reading import FileReading, read_file, read_group
from openchronic.ingest.shards import MOST_BYTES, grouped
from tests.openchronic.small_delivery import ALICE, claim, write

CLAIMS = load_tables()["ER_PRS_F"]
Shard = Sequence[tuple[str, str]]
# Days of care and months of flux of each shard.
SHARDS: tuple[Shard, ...] = (
    [("10/03/2021", "01/04/2021"), ("31/02/2021", "01/04/2021"), ("01/01/1600", "01/04/2021")],
    [("11/03/2021", "01/05/2021"), ("12/03/2021", "01/04/2021")],
    [],
    [("soon", "01/04/2021"), ("13/03/2021", "nonsense"), ("2021-03-14", "01/06/2021")],
)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_a_group_is_read_as_each_of_its_files_alone(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    files = _shards(connection, tmp_path, SHARDS)
    together = [
        one for group in read_group(connection, CLAIMS, files, tmp_path / "g") for one in group
    ]
    alone = [
        read_file(connection, CLAIMS, file, scan, tmp_path / f"a{place}")
        for place, (file, scan) in enumerate(files)
    ]
    assert [_said(one) for one in _by_name(together)] == [_said(one) for one in _by_name(alone)]
    assert sum(len(one.rejects) for one in alone) == 3
    assert _rows(connection, together) == _rows(connection, alone)


def test_files_of_one_form_share_a_folder_and_others_do_not(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    # The days of these two shards are in other formats.
    files = _shards(connection, tmp_path, [SHARDS[0], SHARDS[1], [("2021-03-14", "01/06/2021")]])
    groups = read_group(connection, CLAIMS, files, tmp_path / "g")
    assert [len(group) for group in groups] == [2, 1]
    assert len({one.folder for group in groups for one in group}) == 2


def test_a_file_of_one_month_is_one_typed_file_and_lies_in_the_folder_of_the_month(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for form in ("DATE", "VARCHAR"):
        files = _shards(connection, tmp_path / form, [SHARDS[0], SHARDS[0]], flux=form)
        ((one, _),) = read_group(connection, CLAIMS, files, tmp_path / f"g{form}")
        found = [str(path.relative_to(one.folder)) for path in one.folder.rglob("*.parquet")]
        assert found == ["month=2021-04/data_0.parquet"]


def test_a_sample_of_one_month_does_not_hide_a_line_of_another(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    lines = [claim(number, ALICE, "10/03/2021") for number in range(5000)]
    lines[3000]["FLX_DIS_DTD"] = "01/05/2021"
    lines[3001]["FLX_DIS_DTD"] = "nonsense"
    path = write(tmp_path, {"ER_PRS_F_2021.CSV": lines}) / "ER_PRS_F_2021.CSV"
    file = Delivered(path, path.name, 2021)
    found = read_file(connection, CLAIMS, file, scan_file(path, path.name), tmp_path / "typed")
    months = {path.parent.name for path in found.folder.rglob("*.parquet")}
    assert months == {"month=2021-04", "month=2021-05", "month=none"}
    assert (found.rows, found.kept) == (5000, 4999)


def test_a_group_ends_where_a_killed_build_would_lose_too_much() -> None:
    class File:
        year = 2021

        def __init__(self, name: str, size: int) -> None:
            self.name, self.size = name, size

    shards = [File(f"ER_PRS_F_2021.parquet/part-{n}.parquet", MOST_BYTES // 2) for n in range(5)]
    lone = [File("ER_PRS_F_2021-05.parquet", 1), File("ER_PRS_F_2021-06.parquet", 1)]
    assert sorted(len(group) for group in grouped([*shards, *lone])) == [1, 1, 1, 2, 2]


def _shards(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    shards: Sequence[Shard],
    flux: str = "VARCHAR",
) -> list[tuple[Delivered, AnyScan]]:
    files: list[tuple[Delivered, AnyScan]] = []
    for place, days in enumerate(shards):
        lines = [claim(10 * place + n, ALICE, day, flux=of) for n, (day, of) in enumerate(days)]
        text = write(folder / "text", {f"ER_PRS_F_2021_{place}.CSV": lines})
        path = folder / "ER_PRS_F_2021.parquet" / f"part-{place:05}.parquet"
        path.parent.mkdir(exist_ok=True)
        kept = (
            f"CAST(strptime(FLX_DIS_DTD, '%d/%m/%Y') AS {flux})"
            if flux == "DATE"
            else "FLX_DIS_DTD"
        )
        connection.execute(
            f"COPY (SELECT * REPLACE ({kept} AS FLX_DIS_DTD) FROM read_csv("  # noqa: S608
            f"'{text}/ER_PRS_F_2021_{place}.CSV', delim = ';', header = true, all_varchar = true)) "
            f"TO '{path}' (FORMAT parquet)"
        )
        name = str(path.relative_to(folder))
        files.append((Delivered(path, name, 2021), scan_file(path, name)))
    return files


def _by_name(readings: Sequence[FileReading]) -> list[FileReading]:
    return sorted(readings, key=lambda one: one.file.name)


def _said(one: FileReading) -> object:
    return one.file, one.origin, one.rows, one.kept, one.rejects, one.emptied, one.count, one.notes


def _rows(
    connection: duckdb.DuckDBPyConnection, readings: Sequence[FileReading]
) -> list[tuple[object, ...]]:
    """Returns the rows of some readings, each with its month."""
    # A monthly table without a row has no file.
    paths = {path for one in readings for path in one.folder.rglob("*.parquet")}
    names = ", ".join(f"'{path}'" for path in paths)
    return sorted(
        connection.execute(
            "SELECT * EXCLUDE (_file, filename), parse_path(filename)[-2] "  # noqa: S608
            f"FROM read_parquet([{names}], hive_partitioning = false, filename = true)"
        ).fetchall(),
        key=repr,
    )
