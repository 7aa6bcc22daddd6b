import dataclasses
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from infra.box import machine
from infra.settings import layout
from infra.settings.box_identity import BoxIdentity, box_identity


@pytest.fixture
def box(tmp_path: Path) -> BoxIdentity:
    return dataclasses.replace(box_identity("test"), name="oc-none", state=tmp_path)


def test_the_box_is_not_told_by_a_recycled_process_number(box: BoxIdentity) -> None:
    (box.state / "nspawn.pid").write_text(str(os.getpid()))
    assert not machine.is_running(box)
    assert machine.leader_pid(box) is None


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("unshare"), reason="makes namespaces: needs root"
)
def test_a_box_whose_nspawn_alone_was_killed_is_ended(box: BoxIdentity) -> None:
    """Its init lives on without it, and would keep the box's files and devices."""
    box = dataclasses.replace(box, name="oc-none-orphan")
    subprocess.run(["ip", "netns", "add", box.netns], check=True)
    inside = ["ip", "netns", "exec", box.netns]
    # --kill-child: a failed test leaves nothing behind.
    started = subprocess.Popen(
        [*inside, "unshare", "--pid", "--fork", "--kill-child", "sleep", "300"]
    )
    beside = subprocess.Popen([*inside, "sleep", "300"])
    try:
        deadline = time.monotonic() + 30
        while (leader := machine.orphaned_leader(box)) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        machine.kill(box)
        assert not Path("/proc", str(leader)).exists()
        assert beside.poll() is None, "what only uses the network is left alone"
    finally:
        for process in (started, beside):
            process.kill()
            process.wait()
        subprocess.run(["ip", "netns", "delete", box.netns], check=True)


def test_only_the_network_part_of_the_kernels_settings_is_writable_in_it(box: BoxIdentity) -> None:
    """The other settings of /proc/sys are those of the operator's machine."""
    command = machine.nspawn_command(box)
    assert not [word for word in command if "/proc/sys" in word or "/sys" in word]


@pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/loop-control").exists() or not shutil.which("losetup"),
    reason="attaches loop devices: needs root",
)
def test_only_the_boxs_own_loop_devices_are_freed(box: BoxIdentity, tmp_path: Path) -> None:
    homes = box.root / layout.LOOP_FILE.lstrip("/")
    small = box.root / layout.LOOP_FOLDER.lstrip("/") / "small"
    other = tmp_path / "other"
    devices = []
    small.parent.mkdir(parents=True)
    for file in (homes, small, other):
        file.write_bytes(b"\0" * 1_000_000)
        found = subprocess.run(
            ["losetup", "--find", "--show", str(file)], capture_output=True, text=True, check=False
        )
        if found.returncode != 0:
            pytest.skip(f"no loop device is free: {found.stderr.strip()}")
        devices.append(found.stdout.strip())
    try:
        machine.detach_loops(box)
        listed = subprocess.run(
            ["losetup", "--list", "--noheadings", "--output", "NAME"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert not {devices[0], devices[1]} & set(listed)
        assert devices[2] in listed
    finally:
        for device in devices:
            subprocess.run(["losetup", "--detach", device], capture_output=True, check=False)
