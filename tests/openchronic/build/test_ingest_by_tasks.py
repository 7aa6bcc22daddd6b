"""Tasks of executors read a delivery as the build's own threads do, whatever becomes of a task, and tell the driver little.

Spark is left out: what its tasks run is run here. ``tests/images`` reads the same delivery on a cluster of processes.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from openchronic.errors import OpenChronicError, SourceError
from tests.openchronic.build.faulty_delivery import faulty, lose_digits
from tests.openchronic.build.reading_by_tasks import Read, lines, once, read, told, twice
from tests.openchronic.front_door import refused
from tests.openchronic.small_delivery import write


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return faulty(tmp_path_factory.mktemp("faulty"))


@pytest.fixture
def copied(source: Path, tmp_path: Path) -> Path:
    """A copy of that delivery, which may be changed."""
    return shutil.copytree(source, tmp_path / "faulty")


@pytest.fixture(scope="module")
def by_threads(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """What threads make of that delivery; read only."""
    return read(source, tmp_path_factory.mktemp("by-threads") / "one")


@pytest.fixture(scope="module")
def by_tasks(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """What tasks make of it; read only."""
    return read(source, tmp_path_factory.mktemp("by-tasks") / "one", once)


@pytest.fixture
def stored(by_tasks: Read, tmp_path: Path) -> Path:
    """A copy of the folder of what tasks read, which may be changed."""
    store, *_ = by_tasks
    shutil.copytree(store.folder, tmp_path / "one" / store.folder.name)
    return tmp_path / "one"


def test_tasks_read_count_and_reject_what_threads_do(by_threads: Read, by_tasks: Read) -> None:
    _, here, said_here = by_threads
    store, there, said_there = by_tasks
    assert told(there) == told(here)
    assert lines(there) == lines(here)
    assert said_there == said_here
    reasons = {one.reason for reading in there.values() for one in reading.rejects}
    assert len(reasons) >= 7, reasons
    assert {path.stat().st_mode & 0o077 for path in store.folder.rglob("*")} == {0}


def test_what_is_stored_is_not_read_again_whoever_reads(
    source: Path, by_tasks: Read, stored: Path
) -> None:
    first, before, _ = by_tasks
    tasks, again, _ = read(source, stored, once)
    threads, once_more, _ = read(source, stored)
    assert first.files_added > 0
    assert (tasks.files_added, tasks.files_used) == (0, first.files_added)
    assert (threads.files_added, threads.files_used) == (0, first.files_added)
    assert told(before) == told(again) == told(once_more)


def test_an_attempt_that_runs_twice_doubles_no_line(
    source: Path, by_threads: Read, tmp_path: Path
) -> None:
    _, here, _ = by_threads
    store, there, _ = read(source, tmp_path / "tasks", twice)
    assert lines(there) == lines(here)
    # Both attempts are whole: the next build takes one of them, and nothing else stays.
    assert len(list(store.folder.iterdir())) == 2 * len(store.used)
    next_store, again, _ = read(source, tmp_path / "tasks", once)
    assert next_store.files_added == 0
    assert lines(again) == lines(here)
    next_store.prune(keep=())
    assert {one.name for one in store.folder.iterdir()} == next_store.used
    assert len(next_store.used) == len(store.used)


def test_an_attempt_that_ended_midway_leaves_nothing_that_counts(
    source: Path, by_tasks: Read, stored: Path
) -> None:
    _, here, _ = by_tasks
    every = lines(here)
    records = sorted(stored.glob("store/*/entry.json"))
    records[0].unlink()
    cut = records[1].read_text()
    records[1].write_text(cut[: len(cut) // 2])
    again, there, _ = read(source, stored, once)
    assert again.files_added >= 2
    assert lines(there) == every
    again.prune(keep=())
    assert not records[0].parent.exists()
    assert not records[1].parent.exists()


def test_what_is_damaged_is_told_and_read_again(source: Path, by_tasks: Read, stored: Path) -> None:
    _, here, _ = by_tasks
    every = lines(here)
    path = max(stored.rglob("*.parquet"), key=lambda one: one.stat().st_size)
    path.write_bytes(path.read_bytes()[:-1] + b"0")
    _, there, said = read(source, stored, once)
    assert any("what was kept of it is damaged; it is read again" in one for one in said)
    assert lines(there) == every


def damage(folder: Path) -> None:
    found = max(folder.rglob("part-*.parquet"), key=lambda one: one.stat().st_size)
    data = found.read_bytes()
    found.write_bytes(data[:4] + b"\xff" * (len(data) // 4) + data[4 + len(data) // 4 :])


def cut(folder: Path) -> None:
    (packed,) = folder.rglob("*.gz")
    packed.write_bytes(packed.read_bytes()[:-20])


def empty(folder: Path) -> None:
    (folder / "PMSI/T_MCO21D.CSV").write_text("")


def leave_the_header(folder: Path) -> None:
    write(folder, {"DCIR_2019/ER_PRS_F_2019.CSV": []})


@pytest.mark.parametrize("spoil", [damage, cut, empty, leave_the_header, lose_digits])
def test_a_file_that_cannot_be_read_is_refused_in_the_same_words(
    copied: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(copied)
    with pytest.raises(SourceError) as here:
        read(copied, tmp_path / "threads")
    with pytest.raises(SourceError) as there:
        read(copied, tmp_path / "tasks", once)
    assert str(there.value) == str(here.value)
    left = [one for one in (tmp_path / "tasks/store").iterdir() if not any(one.glob("*.json"))]
    assert left == [], "an attempt that failed left its files"


def test_a_file_that_changes_meanwhile_is_refused(copied: Path, tmp_path: Path) -> None:
    path = copied / "DCIR_2021/ER_PRS_F_2021.CSV"

    def changing(works: Sequence[bytes]) -> Sequence[bytes]:
        answers = once(works)
        path.write_text(path.read_text() + "\n")
        return answers

    with pytest.raises(SourceError, match=r"ER_PRS_F_2021.*changed while it was read"):
        read(copied, tmp_path / "tasks", changing)


def test_executors_of_another_version_are_refused(source: Path, tmp_path: Path) -> None:
    def of_another(works: Sequence[bytes]) -> Sequence[bytes]:
        asked = [pickle.loads(one) for one in works]  # noqa: S301
        return once([pickle.dumps(replace(one, code="of another")) for one in asked])

    with pytest.raises(OpenChronicError, match="have another version of openchronic"):
        read(source, tmp_path / "tasks", of_another)


def test_a_full_disk_of_an_executor_is_told_as_the_builds_own(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    heard = []

    def answering(works: Sequence[bytes]) -> Sequence[bytes]:
        heard.append(once(works))
        return heard[-1]

    monkeypatch.setattr("openchronic.build.ingest_task.write_entry", full)
    with pytest.raises(OSError, match="No space left on device"):
        read(source, tmp_path / "tasks", answering)
    # Spark would try a task again that ends with an error of its own.
    assert len(heard) == 2, "a task ended without an answer"


# Of a file, whatever its lines: where it is, what it is called, a digest.
MOST_OF_A_FILE = 2_000


def test_the_driver_receives_little_of_a_file_and_no_more_of_a_larger_one(tmp_path: Path) -> None:
    heard: dict[int, list[int]] = {}
    for size in (40, 1_000):
        answers = heard.setdefault(size, [])

        def listening(works: Sequence[bytes], answers: list[int] = answers) -> Sequence[bytes]:
            told = once(works)
            answers.append(sum(map(len, told)))
            return told

        delivery = faulty(tmp_path / str(size), lines=size)
        files = sum(one.is_file() for one in delivery.rglob("*"))
        read(delivery, tmp_path / f"read-{size}", listening)
        assert sum(answers) < MOST_OF_A_FILE * files
    assert sum(heard[1_000]) < 1.1 * sum(heard[40])


def test_executors_are_sparks(delivery: Path, releases: Path) -> None:
    answer = refused(delivery, releases, "--ingest", "executors", status=2)
    assert "say --engine spark too" in answer
