"""Makes the box's root file system with mmdebstrap, as a fresh installation of Debian 13, and caches it."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.box.commands import run, succeeds
from infra.box.errors import BoxError
from infra.operations.debian import SUITE, sources_list
from infra.settings import layout
from infra.settings.box_identity import OPERATOR, BoxIdentity, cache_home
from infra.settings.site import Packages

# The packages that the Debian installer puts on a server with SSH; the deploy installs all others.
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "libpam-systemd",
    "iproute2",
    "procps",
    "python3-minimal",
    "openssh-server",
    "sudo",
    "ca-certificates",
)
# With an older root, the first `apt upgrade` would take longer than making a new one.
CACHE_DAYS = 14


def cached_tar(*, mirrors: Packages, packages: Sequence[str] = PACKAGES) -> Path:
    """Return the path of a tar of the root file system; it is made if the cache has none of these inputs."""
    folder = cache_home() / "rootfs"
    inputs = "\n".join([*packages, *sources_list(mirrors)])
    tar = folder / f"{SUITE}-{hashlib.sha256(inputs.encode()).hexdigest()[:12]}.tar"
    if tar.exists() and time.time() - tar.stat().st_mtime < CACHE_DAYS * 86400:
        return tar
    folder.mkdir(parents=True, exist_ok=True)
    # A name per process, since two boxes may be made at the same time.
    partial = folder / f".{tar.name}.{os.getpid()}"
    try:
        run(
            [
                "mmdebstrap",
                "--variant=minbase",
                "--format=tar",
                f"--include={','.join(packages)}",
                '--aptopt=Acquire::Retries "6"',
                *([f'--aptopt=Acquire::http::Proxy "{mirrors.proxy}"'] if mirrors.proxy else []),
                SUITE,
                str(partial),
                *sources_list(mirrors),
            ]
        )
        partial.rename(tar)
    finally:
        partial.unlink(missing_ok=True)
    return tar


def unpack(
    box: BoxIdentity,
    *,
    mirrors: Packages,
    packages: Sequence[str] = PACKAGES,
    settle: Callable[[Path], None] | None = None,
) -> None:
    """Make the root file system in the box's state folder, with the operator's key; it appears by a rename, complete.

    `settle` writes what a box of another kind needs beyond this one's files.
    """
    partial = box.state / "root.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    tar = cached_tar(mirrors=mirrors, packages=packages)
    run(["tar", "--numeric-owner", "-xpf", str(tar), "-C", str(partial)])
    _make_key(box.key)
    _settle(partial, box)
    _trust(partial, mirrors.ca_certificates)
    _admit_operator(partial, box)
    if settle is not None:
        settle(partial)
    partial.rename(box.root)


def _settle(root: Path, box: BoxIdentity) -> None:
    (root / "etc/hostname").write_text(f"{box.name}\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {box.name}\n::1 localhost\n")
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text(_resolvers().read_text())
    (root / "etc/machine-id").write_text("")
    copy_files(Path(__file__).parent / "files", root)
    units = root / layout.UNITS.lstrip("/")
    # The box shares the operator's kernel and may not load modules into it.
    (units / "systemd-modules-load.service").symlink_to("/dev/null")
    wants = units / "multi-user.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / "box-cgroups.service").symlink_to(f"{layout.UNITS}/box-cgroups.service")


def copy_files(folder: Path, root: Path) -> None:
    """Copy a folder's files to the same places of the root; a program stays one."""
    for source in folder.rglob("*"):
        if source.is_file():
            target = root / source.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)


def _resolvers() -> Path:
    """Return the file of the real name servers: systemd-resolved's own address is not reachable from the box."""
    upstream = Path("/run/systemd/resolve/resolv.conf")
    return upstream if upstream.exists() else Path("/etc/resolv.conf")


def _trust(root: Path, certificates: tuple[Path, ...]) -> None:
    """Install the operator's extra CA certificates before boot; a bind mount of the store would break Java's."""
    folder = root / "usr/local/share/ca-certificates"
    folder.mkdir(parents=True, exist_ok=True)
    for certificate in certificates:
        shutil.copyfile(certificate, folder / f"{certificate.stem}.crt")
    run(["chroot", str(root), "update-ca-certificates"])


def _make_key(key: Path) -> None:
    if not key.exists():
        key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "box", "-f", str(key)])


def _admit_operator(root: Path, box: BoxIdentity) -> None:
    """Make the administrator with sudo, and the host key, which is put into the box's known_hosts file."""
    run(["chroot", str(root), "useradd", "-m", "-s", "/bin/bash", OPERATOR])
    ssh = root / "home" / OPERATOR / ".ssh"
    ssh.mkdir(mode=0o700)
    shutil.copyfile(box.key.with_suffix(".pub"), ssh / "authorized_keys")
    run(["chroot", str(root), "chown", "-R", f"{OPERATOR}:", f"/home/{OPERATOR}/.ssh"])
    sudoers = root / "etc/sudoers.d/ops"
    sudoers.write_text(f"{OPERATOR} ALL=(ALL) NOPASSWD: ALL\n")
    sudoers.chmod(0o440)
    # Without lingering, each SSH command would start and stop a systemd user manager, which may take 90 s to stop
    # under cgroup v1.
    linger = root / "var/lib/systemd/linger"
    linger.mkdir(parents=True, exist_ok=True)
    (linger / OPERATOR).touch()
    for old in (root / "etc/ssh").glob("ssh_host_*"):
        old.unlink()
    host_key = root / "etc/ssh/ssh_host_ed25519_key"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", box.name, "-f", str(host_key)])
    public = " ".join(host_key.with_suffix(".pub").read_text().split()[:2])
    box.known_hosts.write_text(f"{box.address} {public}\n")


def remove(box: BoxIdentity) -> None:
    """Delete the box's state folder. Raises BoxError while a file system is still mounted in it."""
    if not box.state.exists():
        return
    for _ in range(50):
        if not succeeds(["grep", "-q", f" {box.root}/", "/proc/self/mounts"]):
            break
        # The kernel removes the machine's last mounts a moment after its processes end.
        time.sleep(0.2)
    else:
        raise BoxError(f"something is still mounted under {box.root}: unmount it, then try again.")
    # rm reports a subvolume or an immutable file that it cannot delete.
    run(["rm", "-rf", "--one-file-system", str(box.state)])
