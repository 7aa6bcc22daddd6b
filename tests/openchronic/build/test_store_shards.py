"""The shards of one writer are read and kept together: a new one costs its own size, a withdrawn one leaves no line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.openchronic.build.watched_base import Base
from tests.openchronic.front_door import everything, openchronic, refused, rows
from tests.openchronic.parquet_delivery import as_parquet, shards
from tests.openchronic.small_delivery import ALICE, claim, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021"
FOLDER = f"{CLAIMS}.parquet"
WATCH = """
from pathlib import Path
import openchronic.build.ingest as i
together = i.read_group
def read_group(connection, table, files, *rest):
    with Path({log!r}).open("a") as log:
        log.writelines(f"cast {{file.name}}\\n" for file, _ in files)
    return together(connection, table, files, *rest)
i.read_group = read_group
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Six claims in three shards, of which the second has a day that is none."""
    lines = [claim(number, ALICE, "10/03/2021") for number in range(1, 9)]
    lines[3]["EXE_SOI_DTD"] = "31/02/2021"
    text = write(tmp_path / "text", plain() | {f"{CLAIMS}.CSV": lines})
    return as_parquet(text, tmp_path / "source", shards)


def read(base: Base, source: Path, *options: object) -> set[str]:
    """Builds; returns the names of the files that were cast: of equal ones, such as empty shards, one is."""
    answer = base.build(source, *options, before=WATCH.format(log=str(base.log)))
    assert answer.status == 0, answer.text
    seen = base.log.read_text().splitlines() if base.log.exists() else []
    return {line.removeprefix("cast ") for line in seen if line.startswith("cast ")}


def typed_of_claims(base: Base) -> list[str]:
    return [one["typed"] for one in base.manifest["inputs"] if one["table"] == "ER_PRS_F"]


def test_shards_are_kept_in_one_folder_and_told_by_file(source: Path, base: Base) -> None:
    assert read(base, source)
    inputs = [one for one in base.manifest["inputs"] if one["table"] == "ER_PRS_F"]
    assert [(one["rows"], one["kept"]) for one in inputs] == [(4, 3), (4, 4), (0, 0)]
    assert len(set(typed_of_claims(base))) == 1
    assert len(list((base.store / typed_of_claims(base)[0]).rglob("*.parquet"))) == 1
    shard = f"{FOLDER}/part-00000.snappy.parquet"
    assert rows(base.release, "SELECT file, n_lines, first_lines FROM reject") == [(shard, 1, [2])]
    told = openchronic("rejects", "--releases", base.releases)
    assert told.out.count("31/02/2021") == 1
    assert read(base, source, "--rebuild") == set()


def test_a_new_shard_is_read_alone_and_a_withdrawn_one_leaves_no_line(
    source: Path, base: Base, tmp_path: Path
) -> None:
    one = source / FOLDER / "part-00001.snappy.parquet"
    aside = tmp_path / "aside.parquet"
    one.rename(aside)
    read(base, source)
    less = everything(base.release)
    shutil.copy(aside, one)
    assert read(base, source) == {str(one.relative_to(source))}
    assert len(set(typed_of_claims(base))) == 2
    more = everything(base.release)
    assert more != less
    anew = Base(tmp_path / "anew")
    anew.releases.parent.mkdir()
    read(anew, source)
    assert everything(anew.release) == more
    assert anew.release.name[-12:] == base.release.name[-12:]
    # Of a folder that was read whole, the others are read again.
    one.unlink()
    again = read(anew, source)
    assert {Path(name).parent.name for name in again} == {Path(FOLDER).name}
    assert len(again) == 2
    assert everything(anew.release) == less


def test_a_shard_that_cannot_be_read_says_so_among_those_that_can(source: Path, base: Base) -> None:
    path = source / FOLDER / "part-00001.snappy.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * (len(data) // 4) + data[4 + len(data) // 4 :])
    message = refused(source, base.releases)
    assert f"{FOLDER}/part-00001.snappy.parquet: the Parquet file is damaged" in message
    assert "part-00000" not in message
