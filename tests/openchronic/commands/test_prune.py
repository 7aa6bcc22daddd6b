"""``openchronic prune``: removes old releases, keeps whole ones, and never one that a reader uses."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import openchronic as oc
from openchronic.releases import holding, releases_of
from tests.openchronic.front_door import Answer, build, built, everything, openchronic
from tests.openchronic.small_delivery import ALICE, claim, plain, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
DAYS = ("20260101", "20260102", "20260103", "20260104")


@pytest.fixture
def one(plain_releases: Path) -> Path:
    """A release, to be copied."""
    return (plain_releases / "snds" / "current").resolve()


@pytest.fixture
def releases(one: Path, tmp_path: Path) -> Path:
    """Four releases of a base; the last is in service."""
    base = tmp_path / "releases" / "snds"
    manifest = json.loads((one / "manifest.json").read_text())
    for day in DAYS:
        shutil.copytree(one, base / f"{day}-a")
        made = {"id": f"{day}-a", "created": f"{day[:4]}-{day[4:6]}-{day[6:]}T03:00:00+00:00"}
        (base / f"{day}-a/manifest.json").write_text(json.dumps(manifest | made))
    (base / "current").symlink_to(f"{DAYS[-1]}-a")
    return base.parent


def left(releases: Path) -> list[str]:
    """Returns the days of the existing releases, each of which is whole."""
    found = releases_of(releases, "snds")
    for release in found:
        assert all(path.is_file() for name in release.tables for path in release.files(name))
    assert {path.name for path in (releases / "snds").glob("2*")} == {one.id for one in found}
    return [one.id.removesuffix("-a") for one in found]


def prune(releases: Path, *options: object, before: str = "") -> Answer:
    return openchronic("prune", releases, *options, before=before)


def test_the_oldest_go_and_what_they_free_is_told(releases: Path) -> None:
    kept = everything(releases / "snds" / f"{DAYS[2]}-a")
    answer = prune(releases, "--keep", 2)
    assert answer.status == 0, answer.text
    assert left(releases) == [*DAYS[2:]]
    assert everything(releases / "snds" / f"{DAYS[2]}-a") == kept
    lines = [line.split() for line in answer.out.splitlines()]
    assert [line[-1] for line in lines if line and line[0].startswith("snds@")] == [
        "removed",
        "removed",
        "enough",
        "service",
    ]
    assert "2 removed, 0." in answer.out
    assert {path.name for path in (releases / "snds").iterdir() if path.name[0] == "."} == {".lock"}
    assert "0 removed, 0.0 MB freed" in prune(releases, "--keep", 2).out


def test_the_one_in_service_stays_also_when_it_is_the_oldest(releases: Path) -> None:
    (releases / "snds/current").unlink()
    (releases / "snds/current").symlink_to(f"{DAYS[0]}-a")
    assert prune(releases, "--keep", 1).status == 0
    assert left(releases) == [DAYS[0], DAYS[3]]


def test_a_dry_run_tells_the_same_and_removes_nothing(releases: Path) -> None:
    told = prune(releases, "--keep", 1, "--dry-run")
    assert told.status == 0, told.text
    assert left(releases) == [*DAYS]
    done = prune(releases, "--keep", 1)
    words = told.out.replace("would be removed", "removed").replace("to free", "freed")
    assert words.split() == done.out.split()


@contextmanager
def session(releases: Path, code: str) -> Iterator[subprocess.Popen[str]]:
    """Runs another process that has used a release and waits."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import openchronic as oc; {code}; print('ready', flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OPENCHRONIC_RELEASES": str(releases)},
    )
    assert process.stdout
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "code",
    [
        f"oc.table('event', 'snds@{DAYS[0]}-a')",
        f"oc.connect('snds@{DAYS[0]}-a')",
        f"r = oc.release('snds@{DAYS[0]}-a', sample=0.5)",
    ],
)
def test_one_that_a_session_uses_stays_until_the_session_ends(releases: Path, code: str) -> None:
    with session(releases, code):
        answer = prune(releases, "--keep", 1)
        assert answer.status == 0, answer.text
        assert left(releases) == [DAYS[0], DAYS[3]]
        assert "stays, in use" in answer.out
    assert prune(releases, "--keep", 1).status == 0
    assert left(releases) == [DAYS[3]]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_an_account_that_may_write_nothing_holds_it_too(releases: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        place = Path(shutil.copytree(releases, Path(folder) / "releases", symlinks=True))
        with session(place, f"import os; os.seteuid(65534); oc.release('snds@{DAYS[0]}-a')"):
            assert "stays, in use" in prune(place, "--keep", 1).out


def test_killed_while_it_removes_it_leaves_whole_releases(releases: Path, tmp_path: Path) -> None:
    kill = (
        "import os, shutil\n"
        "def half(folder, *_, **__):\n"
        "    next(p for p in sorted(folder.rglob('*')) if p.is_file()).unlink()\n"
        "    os.kill(os.getpid(), 9)\n"
        "shutil.rmtree = half\n"
    )
    assert prune(releases, "--keep", 2, before=kill).status == -9
    assert left(releases) == [DAYS[0], *DAYS[2:]]
    assert openchronic("releases", releases).status == 0
    assert prune(releases, "--keep", 2).status == 0
    assert left(releases) == [*DAYS[2:]]
    assert not (releases / "snds/.work").exists()


def test_the_next_build_clears_what_a_killed_prune_left(releases: Path, tmp_path: Path) -> None:
    kill = "import os, shutil; shutil.rmtree = lambda *_, **__: os.kill(os.getpid(), 9)"
    assert prune(releases, "--keep", 2, before=kill).status == -9
    assert (releases / "snds/.work/pruned").is_dir()
    built(write(tmp_path / "delivery", plain()), releases, "--rebuild")
    assert not (releases / "snds/.work").exists()


def test_a_build_may_remove_the_oldest_when_it_has_published(
    releases: Path, tmp_path: Path
) -> None:
    delivery = write(tmp_path / "delivery", plain() | {CLAIMS: [claim(1, ALICE, "11/03/2021")]})
    code = f"oc.table('event', 'snds@{DAYS[0]}-a')"
    with session(releases, code):
        new = built(delivery, releases, "--keep", 2)
    assert left(releases) == [DAYS[0], DAYS[3], new.name]
    answer = build(delivery, releases, "--keep", 1)
    assert "unchanged, still in service" in answer.out.replace("\n", " ")
    assert f"older releases removed: snds@{DAYS[0]}-a, snds@{DAYS[3]}-a" in answer.err
    assert left(releases) == [new.name]
    assert "--keep 0: 1 or more" in build(delivery, releases, "--keep", 0).err


def test_a_build_of_the_base_and_a_prune_exclude_each_other(releases: Path) -> None:
    with (releases / "snds/.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        answer = prune(releases, "--keep", 1)
    assert (answer.status, "another build of this base is running" in answer.err) == (75, True)
    assert left(releases) == [*DAYS]


def test_a_release_that_never_went_into_service_is_no_release(releases: Path) -> None:
    """A build was killed between its last two steps: its folder must not displace an older release."""
    (releases / "snds/current").unlink()
    (releases / "snds/current").symlink_to(f"{DAYS[2]}-a")
    (releases / "snds/.work").mkdir(mode=0o700)
    (releases / "snds/.work/publishing").write_text(f"{DAYS[3]}-a")
    assert prune(releases, "--keep", 2).status == 0
    assert left(releases) == [DAYS[1], DAYS[2]]


def test_what_cannot_be_pruned_is_a_sentence(releases: Path, tmp_path: Path) -> None:
    assert prune(releases).status == 2
    for options, status, said in (
        (("--keep", 0), 2, "--keep 0: 1 or more"),
        (("--keep", 1, "--base", "annee"), 1, "no such base"),
    ):
        answer = prune(releases, *options)
        assert (answer.status, said in answer.err) == (status, True), answer.text
    assert "no release in" in prune(tmp_path / "none", "--keep", 1).err
    shutil.copytree(releases / "snds", releases / "annee", symlinks=True)
    assert "name one of them (annee, snds)" in prune(releases, "--keep", 1).err
    assert prune(releases, "--keep", 1, "--base", "annee").status == 0
    assert left(releases) == [*DAYS]


def test_a_release_removed_meanwhile_is_said_in_french(
    releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = releases_of(releases, "snds")[0]
    assert prune(releases, "--keep", 1).status == 0
    monkeypatch.setattr(holding, "_held", {})
    with pytest.raises(oc.OpenChronicError, match=r"vient d'être retirée.*oc\.release\(\)"):
        oc.table("event", old)


def test_nobody_can_lock_others_out(releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock needs no right to write, so that a session may hold an exclusive one."""
    monkeypatch.setattr(holding, "_held", {})
    monkeypatch.setattr(holding, "PAUSE_S", 0.001)
    old = releases_of(releases, "snds")[0]
    with (old.path / "manifest.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert oc.table("event", old).aggregate("count(*)").fetchall() == [(6,)]
        assert "stays, in use" in prune(releases, "--keep", 1).out
