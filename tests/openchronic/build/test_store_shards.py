"""The shards of one writer are read and kept together: a new one costs its own size, a withdrawn one leaves no line."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from openchronic.build.ingest import read_all, scan_all
from openchronic.build.typed import files_of
from openchronic.errors import SourceError
from openchronic.ingest.judging import judge
from openchronic.runtime.database import engine
from openchronic.runtime.progress import Steps
from openchronic.store import Readers, Store, open_store
from tests.openchronic.build.watched_base import Base
from tests.openchronic.front_door import openchronic, rows
from tests.openchronic.parquet_delivery import as_parquet, shards
from tests.openchronic.small_delivery import ALICE, claim, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021"
FOLDER = f"{CLAIMS}.parquet"
WATCH = """
from pathlib import Path
import openchronic.build.taking as i
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
    source: Path, tmp_path: Path
) -> None:
    one = source / FOLDER / "part-00001.snappy.parquet"
    aside = one.rename(tmp_path / "aside.parquet")
    _, less = typed_claims(source, tmp_path)
    aside.rename(one)
    store, more = typed_claims(source, tmp_path)
    assert (store.files_added, len(more), len(more) - len(less)) == (1, 7, 4)
    store, again = typed_claims(source, tmp_path)
    assert (store.files_added, again) == (0, more)
    shutil.rmtree(tmp_path / "store")
    assert typed_claims(source, tmp_path)[1] == more
    # Of shards that were read together, the others are read again.
    one.unlink()
    store, found = typed_claims(source, tmp_path)
    others = len(list((source / FOLDER).glob("*.parquet")))
    assert (found, others) == (less, 2)
    assert store.files_added > 0
    assert store.files_used > store.files_added


def test_a_shard_that_cannot_be_read_says_so_among_those_that_can(
    source: Path, tmp_path: Path
) -> None:
    path = source / FOLDER / "part-00001.snappy.parquet"
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * (len(data) // 4) + data[4 + len(data) // 4 :])
    with pytest.raises(SourceError, match=f"^{FOLDER}/part-00001.snappy.parquet: .* is damaged"):
        typed_claims(source, tmp_path)


def typed_claims(source: Path, folder: Path) -> tuple[Store, list[tuple[object, ...]]]:
    """Reads a delivery into the store of ``folder``, as a build does; returns the good lines of claims."""
    work = Path(tempfile.mkdtemp(dir=folder))
    store = open_store(folder / "store", reread=False, readers=Readers())
    steps = Steps(Console(quiet=True))
    with engine(work, memory=10**9, threads=1, spill=work) as connection:
        scanned = scan_all(judge(source).reads(), store, steps, threads=1)
        readings = read_all(
            *(connection, scanned, store, work / "typed", steps), threads=1, max_rejects=1.0
        )
        files = [str(path) for path in files_of(readings["ER_PRS_F"])]
        rows = connection.execute(
            "SELECT DCT_ORD_NUM, EXE_SOI_DTD FROM read_parquet(?) WHERE _reject IS NULL ORDER BY ALL",
            [files],
        ).fetchall()
    store.prune(keep=())
    return store, rows
