"""A file is typed once: whatever happens to builds, its reading stays in the store, and no other does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from openchronic.store.entry import read_entry
from tests.openchronic.front_door import Answer, build, built, everything, one_year, refused, rows
from tests.openchronic.parquet_delivery import Write, all_strings, as_parquet, typed
from tests.openchronic.small_delivery import ALICE, METFORMIN, claim, pack, plain, write

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
ALL = set(plain())

# Python for the build's own process: writes a line per file that is cast, and per file that is
# scanned.
WATCH = """
from pathlib import Path
import openchronic.build.ingest as i
def note(kind, name):
    with Path({log!r}).open("a") as log:
        log.write(f"{{kind}} {{name}}\\n")
cast, walk = i.read_file, i.scan_file
def read_file(connection, table, file, *rest):
    note("cast", file.name)
    return cast(connection, table, file, *rest)
def scan_file(path, name):
    note("walk", name)
    return walk(path, name)
i.read_file, i.scan_file = read_file, scan_file
"""
DIE = "\nimport os, signal\ndef die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"


class Base:
    """A base that records the files which each build has read."""

    def __init__(self, folder: Path) -> None:
        self.releases, self.log = folder / "releases", folder / "log"
        self.store = self.releases / "snds" / ".store"

    def read(self, source: Path, *options: object, before: str = "", status: int = 0) -> set[str]:
        """Builds; returns the names of the files that were cast, which are those that were scanned."""
        answer = self.build(source, *options, before=before)
        assert answer.status == status, answer.text
        seen = self.log.read_text().splitlines() if self.log.exists() else []
        cast = [line.removeprefix("cast ") for line in seen if line.startswith("cast ")]
        if status == 0:
            walked = [line.removeprefix("walk ") for line in seen if line.startswith("walk ")]
            assert sorted(walked) == sorted(cast)
            assert f"reading files: {len(cast)} read" in answer.err or not cast
        return set(cast)

    def take(self, releases: Path) -> None:
        """Starts from the files that a build elsewhere has left."""
        shutil.copytree(releases, self.releases, symlinks=True)

    def build(self, source: Path, *options: object, before: str = "") -> Answer:
        self.log.unlink(missing_ok=True)
        watch = WATCH.format(log=str(self.log))
        return build(source, self.releases, *options, before=watch + before)

    @property
    def release(self) -> Path:
        return (self.releases / "snds" / "current").resolve()

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.release / "manifest.json").read_text()))

    def kept(self) -> set[str]:
        return {path.name for path in self.store.iterdir()}

    def typed(self, table: str) -> Path:
        """Returns the only entry of ``table``."""
        (found,) = [
            self.store / one["typed"] for one in self.manifest["inputs"] if one["table"] == table
        ]
        return Path(found)


@pytest.fixture
def base(tmp_path: Path) -> Base:
    """An empty base."""
    return Base(tmp_path)


def test_an_unchanged_delivery_is_not_read_again(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    assert base.manifest["files"] == {"read": len(ALL), "unchanged": 0}
    release, content = base.release, everything(base.release)
    assert base.read(delivery) == set()
    assert base.read(delivery, "--without-filter", "drug.sent_for_information") == set()
    assert everything(base.release) == content
    assert base.read(delivery, "--reread", "--rebuild") == ALL
    assert base.release == release


def test_dates_and_names_of_files_say_nothing_about_their_content(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    release = base.release
    for path in list(delivery.rglob("*.CSV")):
        os.utime(path, (1, 1))
        new = delivery / "elsewhere" / f"{path.stem.lower()}_final.csv"
        new.parent.mkdir(exist_ok=True)
        path.rename(new)
    assert base.read(delivery, "--rebuild") == set()
    assert base.release == release


def test_a_new_month_costs_its_own_size(delivery: Path, base: Base, plain_releases: Path) -> None:
    base.take(plain_releases)
    month = "DCIR_2021/ER_PRS_F_2021-05.CSV"
    write(delivery, {month: [claim(2, ALICE, "10/04/2021", flux="01/05/2021")]})
    assert base.read(delivery) == {month}
    assert base.manifest["files"] == {"read": 1, "unchanged": len(ALL)}
    assert rows(base.release, "SELECT count(*) FROM cost") == [(2,)]


def test_a_byte_that_changed_is_read_whatever_the_size_and_date(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    path = delivery / CLAIMS
    before = path.stat()
    path.write_text(path.read_text().replace("10/03/2021", "11/03/2021"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert base.read(delivery) == {CLAIMS}
    assert rows(
        base.release,
        "SELECT DISTINCT CAST(start_date AS VARCHAR) FROM event WHERE event_type = 'drug'",
    ) == [("2021-03-11",)]


@pytest.mark.parametrize("form", [typed, all_strings])
def test_parquet_deliveries_are_read_once_too(
    delivery: Path, tmp_path: Path, base: Base, form: Write
) -> None:
    source = as_parquet(delivery, tmp_path / "parquet", form)
    first = base.read(source)
    assert first
    assert base.read(source, "--rebuild") == set()
    with next(source.rglob("*_[Pp][Rr][Ss]_*")).open("ab") as file:
        file.write(b"more")
    assert "Parquet file" in refused(source, base.releases)


def test_files_cut_again_are_read_and_change_no_row(delivery: Path, base: Base) -> None:
    write(delivery, {CLAIMS: [claim(number, ALICE, "10/03/2021") for number in range(1, 7)]})
    whole = base.read(delivery)
    release, large = base.release, delivery / CLAIMS
    header, *lines = large.read_text().splitlines()
    parts = {CLAIMS.replace(".CSV", f"_part{part}.CSV") for part in range(2)}
    for part, name in enumerate(sorted(parts)):
        (delivery / name).write_text("\n".join([header, *lines[part::2]]) + "\n")
    large.unlink()
    assert base.read(delivery, "--rebuild") == parts
    assert len(whole) > len(parts)
    assert base.release == release


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


def test_rejects_are_told_again_under_the_name_that_the_file_has(
    delivery: Path, base: Base
) -> None:
    good, bad = claim(1, ALICE, "10/03/2021"), claim(2, ALICE, "nonsense")
    write(delivery, {CLAIMS: [good, bad]})
    with (delivery / CLAIMS).open("a") as file:
        file.write("too;short\n" + ";".join(["x"] * 400) + "\n")
    base.read(delivery)
    told = rows(base.release, "FROM reject")
    counted = base.manifest["rejects"]
    assert {(row["column"], row["reason"]) for row in counted} >= {("EXE_SOI_DTD", "not a date")}
    assert len(told) == 3
    (delivery / CLAIMS).rename(delivery / CLAIMS.replace("2021.CSV", "2021-a.CSV"))
    write(delivery, {PACKS: [pack(1, METFORMIN, 3)]})
    assert base.read(delivery) == {PACKS}
    assert base.manifest["rejects"] == counted
    renamed = [
        tuple(
            value.replace("F_2021.CSV", "F_2021-a.CSV") if isinstance(value, str) else value
            for value in row
        )
        for row in told
    ]
    assert renamed != told
    assert sorted(rows(base.release, "FROM reject"), key=repr) == sorted(renamed, key=repr)


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


def _cut(entry: Path) -> None:
    path = next(entry.rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])


def _flip(entry: Path) -> None:
    path = next(entry.rglob("*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _lose(entry: Path) -> None:
    next(entry.rglob("*.parquet")).unlink()


def _double(entry: Path) -> None:
    path = next(entry.rglob("*.parquet"))
    shutil.copy(path, path.with_name("data_7.parquet"))


def _miscount(entry: Path) -> None:
    record = entry / "entry.json"
    record.write_text(record.read_text().replace('"kept": 1', '"kept": 2'))


def _no_record(entry: Path) -> None:
    (entry / "entry.json").unlink()


def _no_text(entry: Path) -> None:
    (entry / "entry.json").write_bytes(b"\xff\x00")


def _no_folder(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.write_text("")


DAMAGES = (_cut, _flip, _lose, _double, _miscount, _no_record, _no_text, _no_folder)


def _claims(damage: Callable[[Path], None]) -> str:
    """Returns the file of claims whose entry ``damage`` damages."""
    return f"DCIR_2021/ER_PRS_F_2021{damage.__name__}.CSV"


@dataclass(frozen=True)
class Mended:
    """A base in which each damage was done to one entry, and the files that were read after it."""

    base: Base
    before: Path
    content: dict[str, list[tuple[Any, ...]]]
    entries: dict[str, Path]
    read: set[str]
    read_again: set[str]


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Mended:
    folder = tmp_path_factory.mktemp("mended")
    base, files = Base(folder), plain()
    for number, damage in enumerate(DAMAGES, start=2):
        files[_claims(damage)] = [claim(number, ALICE, f"{number + 9}/03/2021")]
    delivery = write(folder / "delivery", files)
    base.read(delivery)
    before, content = base.release, everything(base.release)
    entries = {one["file"]: base.store / one["typed"] for one in base.manifest["inputs"]}
    for damage in DAMAGES:
        damage(entries[_claims(damage)])
    read = base.read(delivery, "--rebuild")
    return Mended(base, before, content, entries, read, base.read(delivery, "--rebuild"))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_read_again(mended: Mended, damage: Callable[[Path], None]) -> None:
    assert _claims(damage) in mended.read
    assert _claims(damage) not in mended.read_again
    assert read_entry(mended.entries[_claims(damage)]).is_whole()


def test_no_other_entry_is_read_again_and_the_release_is_as_before(mended: Mended) -> None:
    assert mended.read == {_claims(damage) for damage in DAMAGES}
    assert mended.read_again == set()
    assert mended.base.release == mended.before
    assert everything(mended.base.release) == mended.content


def test_damage_is_said(delivery: Path, base: Base, plain_releases: Path) -> None:
    base.take(plain_releases)
    _flip(base.typed("ER_PRS_F"))
    answer = base.build(delivery, "--rebuild", "--quiet")
    assert f"warning: {CLAIMS}: what was kept of it is damaged; it is read again" in answer.err


DECLARED = """
import dataclasses, openchronic.catalogue.reading as t
read = t._table
def changed(name, *others):
    found = read(name, *others)
    if name != "T_MCOaaD":
        return found
    first = dataclasses.replace(found.columns[0], {change})
    return dataclasses.replace(found, columns=(first, *found.columns[1:]))
t._table = changed
t.load_tables.cache_clear()
"""


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ("aliases=('OLD_NAME',)", {"PMSI/T_MCO21D.CSV"}),
        ("required=False", {"PMSI/T_MCO21D.CSV"}),
        ("meaning='said otherwise'", set()),
        ("without='more than was thought'", set()),
    ],
)
def test_what_a_declaration_changes_in_reading_is_read_again(
    delivery: Path, base: Base, plain_releases: Path, change: str, again: set[str]
) -> None:
    base.take(plain_releases)
    assert base.read(delivery, "--rebuild", before=DECLARED.format(change=change)) == again


@pytest.mark.parametrize(
    "change",
    [
        "import openchronic.store.keys as k\nk.metadata.version = lambda name: '99'\n",
        "import openchronic.store.keys as k\nk._code = lambda: 'of another version'\n",
    ],
)
def test_another_version_of_the_reading_code_reads_anew(
    delivery: Path, base: Base, plain_releases: Path, change: str
) -> None:
    base.take(plain_releases)
    old = base.kept()
    assert base.read(delivery, "--rebuild", before=change) == ALL
    assert len(base.kept() - old) == len(ALL)


def test_the_year_that_a_name_says_is_part_of_what_is_read(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    (delivery / "PMSI/T_MCO21D.CSV").rename(delivery / "PMSI/T_MCO22D.CSV")
    assert base.read(delivery) == {"PMSI/T_MCO22D.CSV"}


def test_what_no_release_in_service_needs_goes_with_the_next_publish(
    delivery: Path, base: Base, plain_releases: Path
) -> None:
    base.take(plain_releases)
    old = base.kept()
    write(delivery, {CLAIMS: [claim(1, ALICE, "11/03/2021")]})
    (delivery / PACKS).write_text("")
    assert f"{PACKS}: the file is empty" in refused(delivery, base.releases)
    assert base.kept() >= old
    write(delivery, {PACKS: plain()[PACKS]})
    assert base.read(delivery) == {CLAIMS}
    assert len(base.kept()) == len(ALL)
    assert len(base.kept() - old) == 1


def test_nobody_but_the_builder_enters_the_store(delivery: Path, base: Base) -> None:
    base.read(delivery)
    assert base.store.stat().st_mode & 0o777 == 0o700
    for path in base.store.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert not [path for path in base.release.rglob("*") if ".store" in path.parts]
    text = (base.release / "manifest.json").read_text()
    assert ALICE not in text


def test_a_store_follows_the_disk_that_is_chosen_and_none_is_left_behind(
    delivery: Path, base: Base, plain_releases: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    base.take(plain_releases)
    assert base.read(delivery, "--rebuild", "--work", one) == ALL
    assert base.read(delivery, "--rebuild", "--work", one) == set()
    assert base.store.is_symlink()
    assert base.read(delivery, "--rebuild", "--work", two) == ALL
    assert list(one.iterdir()) == []
    assert base.read(delivery, "--rebuild") == ALL
    assert list(two.iterdir()) == []
    assert not base.store.is_symlink()


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
