"""Only the builder reads typed tables, or one more group: no other account, at any moment."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.openchronic.front_door import build, built
from tests.openchronic.small_delivery import METFORMIN, pack, write

# Root may give files to any group; another account only to its own groups.
GROUP = 61234 if os.geteuid() == 0 else os.getgid()


def modes(store: Path) -> set[tuple[bool, int, bool]]:
    """Returns for all content: whether it is a folder, its mode, whether it has the group."""
    found = [path.stat() for path in (store, *store.rglob("*"))]
    return {
        (stat.S_ISDIR(one.st_mode), stat.S_IMODE(one.st_mode), one.st_gid == GROUP) for one in found
    }


OPEN = {(True, 0o750, True), (False, 0o640, True)}


def test_one_group_reads_what_is_typed_and_nothing_else_of_the_build_at_no_moment(
    delivery: Path, tmp_path: Path
) -> None:
    releases, work = tmp_path / "releases", tmp_path / "work"
    look = (
        "import openchronic.build.taking as i\n"
        "from pathlib import Path\n"
        f"work = Path({str(work)!r}) / 'openchronic-snds-work'\n"
        "cast = i.read_file\n"
        "def read_file(*rest):\n"
        "    assert work.stat().st_mode & 0o777 == 0o700, 'the work folder is open'\n"
        f"    Path({str(tmp_path / 'looked')!r}).touch()\n"
        "    return cast(*rest)\n"
        "i.read_file = read_file\n"
    )
    answer = build(delivery, releases, "--work", work, "--store-group", GROUP, before=look)
    assert answer.status == 0, answer.text
    assert (tmp_path / "looked").exists()
    store = work / "openchronic-snds-store"
    assert modes(store) == OPEN
    assert [path for path in work.iterdir() if path != store] == []
    assert (releases / "snds/.store").is_symlink(), "typed tables lie among the releases"


def test_a_group_is_let_in_and_shut_out_without_reading_anything_again(
    delivery: Path, releases: Path, plain_base: Path
) -> None:
    store = plain_base.parent / ".store"
    assert {mode for _, mode, _ in modes(store)} == {0o700, 0o600}
    entries = {path.name for path in store.iterdir()}
    built(delivery, releases, "--store-group", GROUP)
    assert modes(store) == OPEN
    built(delivery, releases)
    assert {mode for _, mode, _ in modes(store)} == {0o700, 0o600}
    assert {path.name for path in store.iterdir()} == entries


def test_a_new_file_is_read_by_the_group_too(
    delivery: Path, releases: Path, plain_base: Path
) -> None:
    assert built(delivery, releases, "--store-group", GROUP) == plain_base
    write(delivery, {"DCIR_2021/ER_PHA_F_2021.CSV": [pack(1, METFORMIN, 3)]})
    built(delivery, releases, "--store-group", GROUP)
    assert modes(releases / "snds/.store") == OPEN


# A late change: the account nobody may be unable to read Python's files.
BECOME_NOBODY = """
import os
import openchronic.store.readers as r
found = r._gid
def as_nobody(group):
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
    return found(group)
r._gid = as_nobody
"""


def test_a_group_that_cannot_be_given_is_refused_before_anything(
    delivery: Path, tmp_path: Path
) -> None:
    releases = tmp_path / "releases"
    unknown = build(delivery, releases, "--store-group", "no-such-group")
    assert unknown.status == 2
    assert "--store-group no-such-group: no such group on this machine; make it" in unknown.err
    if os.geteuid() != 0:
        pytest.skip("only root can build as somebody else")
    foreign = build(delivery, releases, "--store-group", GROUP, before=BECOME_NOBODY)
    assert foreign.status == 2
    assert f"--store-group {GROUP}: the account that builds is not in this group" in foreign.err
    assert not releases.exists()
