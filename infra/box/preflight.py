"""Checks, before anything is written, that this machine can boot a box."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from infra.settings.box_identity import BoxIdentity
from infra.settings.settings_file import GB
from infra.settings.site import Box

TOOLS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "ssh-keygen": "openssh-client",
}


def obstacles(box: BoxIdentity, needs: Box) -> Iterator[str]:
    """Yield a sentence for each reason why a box cannot start here; none when it can."""
    if os.geteuid() != 0:
        yield "a box needs root (namespaces, systemd-nspawn)"
        return
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            yield f"{tool} is missing (Debian package {package}; `infra/bootstrap box` installs it)"
    yield from _wants_a_way_out()
    yield from _wants_loop_devices()
    free = free_disk_gb(box.state)
    if not box.root.exists() and free < needs.disk_gb:
        yield f"{free:.0f} GB are free under {box.state}, a box needs {needs.disk_gb}"
    available = available_memory_gb()
    if available < needs.memory_gb:
        yield f"{available:.1f} GB of memory are available, a box needs {needs.memory_gb}"
    yield from _wants_a_free_address(box)


def free_disk_gb(folder: Path) -> float:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free / GB


def available_memory_gb() -> float:
    """Return MemAvailable in GB of 2^30 bytes, or the memory limit of this process's cgroup if that is less."""
    meminfo = Path("/proc/meminfo").read_text()
    kib = next(int(line.split()[1]) for line in meminfo.splitlines() if "MemAvailable" in line)
    available = kib * 1024 / GB
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            available = min(available, int(Path(limit).read_text()) / GB)
        except (OSError, ValueError):
            continue
    return available


def _wants_a_way_out() -> Iterator[str]:
    forwards = Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() == "1"
    if forwards and shutil.which("nft") is None:
        yield "nft is missing (Debian package nftables)"
    if not forwards and not (shutil.which("pasta") or shutil.which("slirp4netns")):
        yield "this machine forwards no packets, and neither pasta (passt) nor slirp4netns is here"


def _wants_loop_devices() -> Iterator[str]:
    if "btrfs" not in Path("/proc/filesystems").read_text() and not shutil.which("modprobe"):
        yield "the kernel has no btrfs, which holds the homes"
    if not Path("/dev/loop-control").exists():
        yield "the kernel has no loop devices, which hold the homes"


def _wants_a_free_address(box: BoxIdentity) -> Iterator[str]:
    mine = IPv4Network(f"{box.address}/30", strict=False)
    shown = subprocess.run(
        ["ip", "-json", "-4", "route", "show"], capture_output=True, text=True, check=False
    )
    for route in json.loads(shown.stdout or "[]"):
        if route["dst"] == "default" or route.get("dev") == box.link:
            continue
        taken = IPv4Network(route["dst"], strict=False)
        if taken.overlaps(mine) or IPv4Address(box.address) in taken:
            yield (
                f"the addresses {mine} are taken by {route['dst']} on {route.get('dev')}; "
                "a checkout in another folder gets others"
            )
