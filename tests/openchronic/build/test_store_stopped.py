"""A build that is killed, or stopped by a full disk or a changing file, costs the store no entry and leaves no half one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from openchronic.store.entry import read_entry
from tests.openchronic.build.watched_base import ALL, CLAIMS, DIE, Base
from tests.openchronic.front_door import build, built, one_year, refused

MOMENTS: dict[str, tuple[str, int]] = {
    "while the fourth file is read": (
        "cast4, n = i.read_file, []\n"
        "def fourth(*a):\n    n.append(1)\n    return die() if len(n) == 4 else cast4(*a)\n"
        "i.read_file = fourth\n",
        3,
    ),
    "before the first record": ("import openchronic.store.folder as f\nf.write_entry = die\n", 0),
    "before the first goes in": (
        "import openchronic.store.entry as e\n"
        "sync = e._sync\n"
        "def late(path): sync(path); (path / 'entry.json').exists() and die()\n"
        "e._sync = late\n",
        0,
    ),
    "when the first is in": ("import openchronic.store.folder as f\nf._sync = die\n", 1),
    "after the last": ("import openchronic.build.making as p\np.gaps = die\n", len(ALL)),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_build_is_resumed_with_the_files_that_it_had_not_read(
    delivery: Path, base: Base, moment: str
) -> None:
    code, finished = MOMENTS[moment]
    base.read(delivery, "--threads", 1, before=DIE + code, status=-signal.SIGKILL)
    assert len(base.kept()) == finished
    assert all(read_entry(base.store / key).is_whole() for key in base.kept())
    assert len(base.read(delivery)) == len(ALL) - finished
    assert base.manifest["files"] == {"read": len(ALL) - finished, "unchanged": finished}
    assert len(base.kept()) == len(ALL)


def test_a_release_is_the_same_bytes_with_the_store_and_without(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, base: Base
) -> None:
    source, less = one_year(tmp_path_factory), tmp_path / "less"
    shutil.copytree(source, less)
    late = {str(path.relative_to(less)) for path in less.rglob("*_2019.CSV")}
    for name in late:
        (less / name).unlink()
    # Only the readings of this build are needed.
    died = DIE + MOMENTS["after the last"][0]
    assert base.read(less, "--threads", 1, before=died, status=-signal.SIGKILL)
    new = base.read(source, "--threads", 1)
    reused = base.manifest
    anew = Base(tmp_path / "anew")
    anew.releases.parent.mkdir()
    every = anew.read(source, "--threads", 1, "--reread")
    assert new == every & late
    assert set() < new < every
    assert base.release.name[-12:] == anew.release.name[-12:]
    assert reused["tables"] == anew.manifest["tables"]
    assert reused["rows_read"] == anew.manifest["rows_read"]


def test_a_file_that_changes_while_it_is_read_is_refused_and_not_kept(
    delivery: Path, base: Base
) -> None:
    grow = (
        "grown = i.read_file\n"
        "def growing(connection, table, file, *rest):\n"
        "    done = grown(connection, table, file, *rest)\n"
        f"    if file.name == {CLAIMS!r}:\n"
        "        file.path.write_bytes(file.path.read_bytes() + b'more\\n')\n"
        "    return done\n"
        "i.read_file = growing\n"
    )
    answer = base.build(delivery, before=grow)
    assert answer.status == 1
    assert f"{CLAIMS}: the file changed while it was read" in answer.err
    assert "ER_PRS_F" not in {read_entry(base.store / key).table for key in base.kept()}


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_leaves_the_store_as_it_was(
    synthetic: Path, delivery: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("this machine cannot mount a tmpfs")
    try:
        built(delivery, disk)
        store = disk / "snds" / ".store"
        before = {path.name for path in store.iterdir()}
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "ballast").write_bytes(bytes(free - (2 << 20)))
        assert "MB more are missing" in refused(synthetic, disk)
        assert {path.name for path in store.iterdir()} == before
        (disk / "ballast").unlink()
        answer = build(delivery, disk, "--rebuild")
        assert f"reading files: 0 read, {len(ALL)} unchanged" in answer.err
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_full_at_the_last_step_of_reading_again_costs_no_entry(
    delivery: Path, base: Base
) -> None:
    """The old entry belongs to the release in service: it stays until a new one can replace it."""
    base.build(delivery)
    before = base.kept()
    fail = (
        "import errno\nfrom openchronic.store import folder\n"
        "def full(*_): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "folder.write_entry = full\n"
    )
    assert base.build(delivery, "--rebuild", "--reread", before=fail).status == 1
    assert base.kept() == before
