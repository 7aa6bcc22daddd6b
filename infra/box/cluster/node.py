"""Makes the root file system of the cluster's node, boots it, and takes all of it away."""

from pathlib import Path

from infra.box import machine, network, preflight, rootfs
from infra.box.cluster import programs
from infra.box.commands import run
from infra.box.errors import BoxError
from infra.settings.box_identity import BoxIdentity
from infra.settings.site import Box, Packages

PURPOSE = "kube"
FILES = Path(__file__).parent / "files"
# The programs of the cluster, seen from inside.
PROGRAMS = "/opt/cluster"
PACKAGES = (
    *rootfs.PACKAGES,
    *("containerd", "runc", "containernetworking-plugins", "etcd-server"),
    # Cilium compiles its programs for the kernel when it starts.
    *("clang-19", "llvm-19", "bpftool"),
    *("iptables", "nftables", "conntrack", "ethtool", "python3", "btrfs-progs", "zstd"),
)
NEEDS = Box(memory_gb=3, disk_gb=12)
"""Of the cluster alone; what a test puts into it comes on top."""
# Cilium's agent counts events of the kernel's BPF programs.
CALLS = "--system-call-filter=perf_event_open"


def create_and_start(box: BoxIdentity, built: Path, mirrors: Packages) -> None:
    """Make the node if need be and boot it. Raises BoxError, with every reason, if this machine cannot."""
    if not machine.is_running(box):
        found = list(preflight.obstacles(box, NEEDS))
        if found:
            reasons = "\n  - ".join(found)
            raise BoxError(f"No cluster can start here:\n  - {reasons}\n{OTHER_WAY}")
    box.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not box.root.exists():
        rootfs.unpack(
            box, mirrors=mirrors, packages=PACKAGES, settle=lambda root: _settle(root, box)
        )
    machine.start(box, more=[CALLS, f"--bind-ro={built}:{PROGRAMS}"])


OTHER_WAY = "The other way: any cluster that this machine has a kubeconfig of."


def _settle(root: Path, box: BoxIdentity) -> None:
    """Write the node's units and settings, and the disk that volumes are made in."""
    rootfs.copy_files(FILES, root)
    (root / "etc/cluster/node").write_text(
        f"NODE_NAME={box.name}\nNODE_ADDRESS={box.address}\nKUBERNETES=v{programs.KUBERNETES}\n"
    )
    units = [file.name for file in (FILES / "etc/systemd/system").iterdir() if file.is_file()]
    run(["systemctl", f"--root={root}", "enable", *units])
    cilium = root / "usr/lib/cni/cilium-cni"
    cilium.symlink_to(f"{PROGRAMS}/bin/cilium-cni")
    (root / "usr/local/bin/kubectl").symlink_to(f"{PROGRAMS}/bin/kubectl")


def destroy(box: BoxIdentity) -> None:
    """Remove the node and all that belongs to it, in whatever state it is."""
    machine.kill(box)
    machine.detach_loops(box)
    network.destroy(box)
    rootfs.remove(box)
