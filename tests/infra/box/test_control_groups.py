"""Each box has control groups of its own: in shared ones, a box would end units of another."""

import subprocess
from pathlib import Path

from infra.box import control_groups

HYBRID = "9:name=systemd:/user/1\n4:memory:/limits/7\n1:cpu:/\n0::/\n"


def hierarchies(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name / "user/1").mkdir(parents=True)
        (folder / name / "cgroup.procs").touch()
    return folder


def test_two_boxes_share_no_group(tmp_path: Path) -> None:
    folder = hierarchies(tmp_path, "systemd", "unified", "memory")
    one, other = (
        control_groups.own_groups(name, said=HYBRID, folder=folder) for name in ("oc-a", "oc-b")
    )
    assert one == (folder / "systemd/user/1/oc-a", folder / "unified/oc-a")
    assert not set(one) & set(other)


def test_a_machine_with_one_hierarchy_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").touch()
    groups = control_groups.own_groups("oc-a", said="0::/x\n", folder=tmp_path)
    assert groups == ()
    assert control_groups.joined(["true"], groups) == ["true"]


def test_a_command_joins_its_groups_and_keeps_its_words(tmp_path: Path) -> None:
    groups = (tmp_path / "one", tmp_path / "two")
    command = control_groups.joined(["sh", "-c", 'echo $$; printf "%s\\n" "$@"', "x", "a b", "--"], groups)  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    pid, *words = done.stdout.splitlines()
    assert words == ["a b", "--"]
    assert [(group / "cgroup.procs").read_text().strip() for group in groups] == [pid, pid]


def test_nothing_starts_outside_its_groups(tmp_path: Path) -> None:
    command = control_groups.joined(["echo", "started"], (tmp_path / "one",))
    (tmp_path / "one").rmdir()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_empty_groups_are_removed_from_below(tmp_path: Path) -> None:
    group = tmp_path / "oc-a"
    (group / "payload/system.slice").mkdir(parents=True)
    control_groups.remove((group, tmp_path / "absent"))
    assert not group.exists()
