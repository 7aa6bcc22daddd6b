"""Whatever happens to a build, a whole release stays in service, and no file is left over."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from openchronic.releases import releases_of
from tests.openchronic.build.background_builds import content, held, start
from tests.openchronic.front_door import IN_ONE, build, built, openchronic, refused, rows
from tests.openchronic.small_delivery import ALICE, claim, write

CLAIMS = "DCIR_2021/ER_PRS_F_2021.CSV"
# Of a full disk: less than the smallest build writes, in bytes.
LEFT = 256 << 10


def test_the_second_of_two_builds_says_who_is_building(delivery: Path, releases: Path) -> None:
    with held(releases / "snds" / ".work", delivery, releases) as first:
        message = refused(delivery, releases, status=os.EX_TEMPFAIL)
    assert f"process {first.pid} of " in message
    assert f" on {os.uname().nodename}, since 20" in message
    assert first.returncode == 0
    # Its lock is gone with it.
    built(delivery, releases)


def test_two_bases_build_side_by_side(delivery: Path, releases: Path) -> None:
    with held(
        releases / "other" / ".work", delivery, releases, "--base", "other", *IN_ONE
    ) as first:
        built(delivery, releases)
        assert not (releases / "other" / "current").exists()
    assert first.returncode == 0
    assert (releases / "other" / "current").exists()


def test_the_same_delivery_again_changes_nothing(
    delivery: Path, releases: Path, plain_base: Path
) -> None:
    old = plain_base
    stamp = (old / "manifest.json").stat().st_mtime_ns
    for options in ((), ("--rebuild",)):
        answer = build(delivery, releases, *options)
        assert answer.status == 0
        assert "unchanged, still in service" in answer.out
    assert content(releases) == {"current", ".lock", old.name}
    assert (old / "manifest.json").stat().st_mtime_ns == stamp


def test_others_read_the_release_and_nobody_the_work_folder(delivery: Path, releases: Path) -> None:
    work = releases / "snds" / ".work"
    with held(work / "private" / "typed", delivery, releases, *IN_ONE, umask=0o077) as process:
        assert work.stat().st_mode & 0o777 == 0o700
    assert process.returncode == 0
    release = (releases / "snds" / "current").resolve()
    for path in (releases, releases / "snds", release, *release.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
    assert not work.exists()


def test_a_reader_during_a_publish_sees_one_whole_release(
    delivery: Path, releases: Path, plain_base: Path
) -> None:
    write(delivery, {CLAIMS: [claim(n, ALICE, "11/03/2021") for n in range(1, 4)]})
    process = start(delivery, releases, *IN_ONE)
    seen = set()
    last, read_at = None, 0.0
    while process.poll() is None:
        release = (releases / "snds" / "current").resolve(strict=True)
        # One that has just come is read at once: reading all the time what stays would be blind to that moment.
        if release != last or time.monotonic() - read_at > 0.2:
            manifest = json.loads((release / "manifest.json").read_text())
            (count,) = rows(release, "SELECT count(*) FROM cost")[0]
            assert count == manifest["tables"]["cost"]["rows"]
            seen.add(count)
            last, read_at = release, time.monotonic()
        time.sleep(0.002)
    process.communicate()
    assert seen <= {1, 3}
    assert rows((releases / "snds" / "current").resolve(), "SELECT count(*) FROM cost") == [(3,)]


def test_a_manifest_tells_what_the_release_was_made_of(delivery: Path, releases: Path) -> None:
    release = built(delivery, releases, "--git-commit", "abc123")
    manifest = json.loads((release / "manifest.json").read_text())
    assert manifest["id"] == release.name
    assert manifest["versions"]["git_commit"] == "abc123"
    assert manifest["versions"]["duckdb"].startswith("2.0")
    assert {one["table"] for one in manifest["inputs"]} == set(manifest["rows_read"])
    assert manifest["key"]["public"] is True
    assert all(one["expected"] == one["found"] for one in manifest["assertions"])
    assert manifest["tables"]["event"]["rows"] == 6
    assert set(manifest["tables"]) == {
        "patient",
        "ald",
        "ald_care_year",
        "event",
        "stay",
        "cost",
        "observation_period",
        "residence",
        "code",
        "reject",
        "definition",
        "criterion",
        "disease_year",
        "disease_onset",
        "disease_stay",
        "pathway",
        "pathway_step",
        "exposure",
        "adherence",
        "persistence",
    }


def test_a_key_can_be_required_and_must_be_long(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    assert "a site key is required" in refused(delivery, releases, "--require-key", status=2)
    short = tmp_path / "short"
    short.write_text("abc")
    assert "at least 32 are needed" in refused(delivery, releases, "--key", short, status=2)
    assert "no key file" in refused(delivery, releases, "--key", tmp_path / "none", status=2)


def test_a_place_that_cannot_be_written_is_said(delivery: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "openchronic: " in refused(delivery, tmp_path / "file")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_said_and_the_old_release_stays(
    delivery: Path, plain_releases: Path, tmp_path: Path
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
        shutil.copytree(plain_releases, disk, symlinks=True, dirs_exist_ok=True)
        old = (disk / "snds" / "current").resolve()
        write(delivery, {CLAIMS: [claim(n, ALICE, "11/03/2021") for n in range(1, 4)]})
        ballast = disk / "ballast"
        with ballast.open("wb") as file:
            file.write(bytes(60 << 20)[: os.statvfs(disk).f_bavail * 4096 - LEFT])
        message = refused(delivery, disk)
        assert f"the disk of {disk}" in message
        assert " MB left of 67 MB" in message
        assert re.search(r"about [1-9][0-9]* MB more are missing", message)
        assert (disk / "snds" / "current").resolve() == old
        assert content(disk) == {"current", ".lock", old.name}
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# The clock of the build's own process is two days late.
YESTERDAY = """
import datetime, openchronic.build.in_service as pipeline
class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) - datetime.timedelta(days=2)
pipeline.datetime = Clock
"""


def test_a_clock_that_went_back_does_not_take_releases_back(
    delivery: Path, releases: Path, plain_base: Path
) -> None:
    old = plain_base
    write(delivery, {CLAIMS: [claim(1, ALICE, "11/03/2021")]})
    answer = build(delivery, releases, before=YESTERDAY)
    assert answer.status == 0, answer.text
    assert "Look at the clock" in answer.err
    new = (releases / "snds" / "current").resolve()
    assert new != old
    assert new.name[:8] >= old.name[:8]
    assert [one.id for one in releases_of(releases, "snds")] == [old.name, new.name]
    write(delivery, {CLAIMS: [claim(1, ALICE, "12/03/2021")]})
    time.sleep(2)
    last = built(delivery, releases)
    assert [one.id for one in releases_of(releases, "snds")] == [old.name, new.name, last.name]


def test_typed_tables_and_spill_can_lie_on_other_disks(
    delivery: Path, releases: Path, tmp_path: Path
) -> None:
    work, spill = tmp_path / "work", tmp_path / "spill"
    built(delivery, releases, "--work", work, "--spill", spill)
    kept = work / "openchronic-snds-store"
    assert list(work.iterdir()) == [kept]
    assert kept.stat().st_mode & 0o777 == 0o700
    assert list(spill.iterdir()) == []
    assert not list((releases / "snds" / ".store").glob("*.parquet"))


def test_filters_can_be_switched_and_unknown_ones_are_refused(
    delivery: Path, releases: Path
) -> None:
    write(delivery, {CLAIMS: [claim(1, ALICE, "10/03/2021", DPN_QLF="71")]})
    release = built(delivery, releases, "--without-filter", "drug.sent_for_information")
    assert rows(release, "SELECT count(*) FROM event WHERE event_type = 'drug'") == [(1,)]
    assert "no such filter: nonsense" in refused(
        delivery, releases, "--with-filter", "nonsense", status=2
    )


def test_usage_errors_exit_with_two_and_help_exists_everywhere() -> None:
    assert openchronic().status == 2
    assert openchronic("build").status == 2
    assert openchronic("nonsense").status == 2
    assert openchronic("--version").out.startswith("openchronic ")
    for verb in ("synth", "build", "releases", "info", "filters", "check"):
        assert openchronic(verb, "--help").status == 0
