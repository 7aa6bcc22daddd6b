"""Starts and stops the box: systemd-nspawn on its root file system, in its network namespace."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from infra.box import control_groups, network
from infra.box.commands import run, succeeds
from infra.box.errors import BoxError
from infra.settings import layout
from infra.settings.box_identity import OPERATOR, BoxIdentity, cache_home

BOOT_S = 90
STOP_S = 60
# Docker's, and those of a cluster's pods, whose kubelet would start them again.
KILL_CONTAINERS = """
docker ps --quiet 2>/dev/null | xargs -r docker kill
systemctl is-active --quiet kubelet && systemctl stop kubelet &&
  ctr --namespace k8s.io tasks list --quiet | xargs -rn1 ctr --namespace k8s.io tasks kill --signal SIGKILL
"""


def nspawn_command(box: BoxIdentity, *, more: Sequence[str] = ()) -> list[str]:
    """Return the command that boots the box; `more` are options of systemd-nspawn."""
    images = cache_home() / "images"
    return [
        "systemd-nspawn",
        "--quiet",
        f"--directory={box.root}",
        f"--machine={box.name}",
        "--boot",
        "--keep-unit",
        "--register=no",
        "--console=pipe",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        f"--network-namespace-path=/run/netns/{box.netns}",
        "--capability=all",
        "--system-call-filter=@keyring bpf",
        # The cache of built images, which is kept when the box is destroyed.
        f"--bind={images}:{layout.IMAGE_ARCHIVES}",
        *more,
    ]


def start(box: BoxIdentity, *, more: Sequence[str] = ()) -> None:
    """Boot the box and wait until it answers over SSH; `more` are options of systemd-nspawn."""
    if is_running(box):
        network.create(box)
        return
    network.create(box)
    (cache_home() / "images").mkdir(parents=True, exist_ok=True)
    command = nspawn_command(box, more=more)
    if Path("/run/systemd/system").exists():
        # Under systemd, Docker in the box needs a scope with delegated cgroups.
        scope = ["systemd-run", "--scope", "--quiet", "--property=Delegate=yes"]
        command = [*scope, f"--unit={box.name}", *command]
    else:
        command = control_groups.joined(command, control_groups.own_groups(box.name))
    # Docker sets its containers' interfaces in /proc/sys/net; the rest of /proc/sys stays read-only.
    environment = {**os.environ, "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"}
    with box.console_log.open("wb") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (box.state / "nspawn.pid").write_text(str(process.pid))
    deadline = time.monotonic() + BOOT_S
    while not answers(box):
        if process.poll() is not None or time.monotonic() > deadline:
            kill(box)
            said = box.console_log.read_text(errors="replace").splitlines()[-5:]
            raise BoxError(
                f"the box did not start; its console ({box.console_log}) ends with:\n  "
                + "\n  ".join(said)
            )
        time.sleep(0.3)
    # sshd answers before the boot is over, and the boot may restart it.
    settled = [*ssh_command(box), "systemctl is-system-running --wait"]
    subprocess.run(settled, capture_output=True, timeout=BOOT_S, check=False)


def stop(box: BoxIdentity) -> None:
    """Power the box off. Its containers are killed first: they would delay the power-off by 90 s."""
    leader = leader_pid(box)
    if leader is not None:
        enter(box, "sh", "-c", KILL_CONTAINERS, check=False)
        enter(box, "systemctl", "--no-block", "poweroff", check=False)
        deadline = time.monotonic() + STOP_S
        while is_running(box) and time.monotonic() < deadline:
            time.sleep(0.2)
    end(box)


def end(box: BoxIdentity) -> None:
    """Kill the box, and give back to the operator's machine what it had of it."""
    kill(box)
    detach_loops(box)
    network.destroy(box)


def kill(box: BoxIdentity) -> None:
    """Kill all the box's processes at once, as a power cut would."""
    leader = leader_pid(box) or orphaned_leader(box)
    pid = nspawn_pid(box)
    for victim in (pid, leader):
        if victim is not None:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
    while is_running(box) or (leader is not None and Path("/proc", str(leader)).exists()):
        time.sleep(0.05)
    control_groups.remove(control_groups.own_groups(box.name))
    (box.state / "nspawn.pid").unlink(missing_ok=True)


def is_running(box: BoxIdentity) -> bool:
    return nspawn_pid(box) is not None


def answers(box: BoxIdentity) -> bool:
    """Whether the operator can log in to the box over SSH."""
    return succeeds([*ssh_command(box), "true"])


def ssh_command(box: BoxIdentity) -> list[str]:
    options = ["BatchMode=yes", "ConnectTimeout=5", f"UserKnownHostsFile={box.known_hosts}"]
    flags = [flag for option in options for flag in ("-o", option)]
    return ["ssh", *flags, "-i", str(box.key), f"{OPERATOR}@{box.address}"]


def nspawn_pid(box: BoxIdentity) -> int | None:
    """Return the process id of this box's systemd-nspawn, or None; a reused id of another process is not accepted."""
    try:
        pid = int((box.state / "nspawn.pid").read_text())
        argv = Path("/proc", str(pid), "cmdline").read_bytes()
        status = Path("/proc", str(pid), "stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, ValueError, IndexError):
        return None
    return pid if f"--machine={box.name}".encode() in argv and status != "Z" else None


def leader_pid(box: BoxIdentity) -> int | None:
    """Return the process id, on the operator's machine, of the box's init: the only child of systemd-nspawn."""
    pid = nspawn_pid(box)
    if pid is None:
        return None
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    pids = children.stdout.split()
    return int(pids[0]) if pids else None


def orphaned_leader(box: BoxIdentity) -> int | None:
    """Return the process id of the box's init when its systemd-nspawn alone was killed: the first of its own
    processes, in the network of the box."""
    try:
        network_of_box = Path("/run/netns", box.netns).stat().st_ino
    except OSError:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "ns/net").stat().st_ino != network_of_box:
                continue
            numbers = re.search(r"^NSpid:(.+)$", (process / "status").read_text(), re.M)
        except OSError:
            continue
        if numbers is not None and numbers[1].split()[1:] == ["1"]:
            return int(process.name)
    return None


def enter(box: BoxIdentity, *command: str, check: bool = True) -> str:
    """Run a command inside the box without SSH, for the tests that break SSH; return its standard output."""
    leader = leader_pid(box)
    if leader is None:
        raise BoxError(f"the box {box.name} is not running: `make box` starts it.")
    prefix = ["nsenter", "-t", str(leader), "-m", "-u", "-i", "-n", "-p", "-C", "--"]
    if check:
        return run([*prefix, *command])
    done = subprocess.run([*prefix, *command], capture_output=True, text=True, check=False)
    return done.stdout


def detach_loops(box: BoxIdentity) -> None:
    """Detach the loop devices whose files lie in this box: the operator's kernel would keep them.

    They are recognised by inode: the kernel reports the path inside the box, which is the same for every box.
    """
    files = [
        box.root / layout.LOOP_FILE.lstrip("/"),
        *(box.root / layout.LOOP_FOLDER.lstrip("/")).glob("*"),
    ]
    stats = [file.stat() for file in files if file.exists()]
    if shutil.which("losetup") is None or not stats:
        return
    mine = [[str(one.st_ino), f"{os.major(one.st_dev)}:{os.minor(one.st_dev)}"] for one in stats]
    listed = run(["losetup", "--list", "--noheadings", "--output", "NAME,BACK-INO,BACK-MAJ:MIN"])
    for line in listed.splitlines():
        device, *back = line.split()
        if back in mine:
            run(["losetup", "--detach", device])
