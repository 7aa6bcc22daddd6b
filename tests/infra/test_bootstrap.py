"""The bootstrap on a minimal Debian 12 without venv, npm and uv; a second run does nothing."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import layout
from infra.settings.box_identity import cache_home
from infra.settings.settings_file import ROOT
from infra.settings.settings_from_machine import packages_from_machine
from tests.pace import patience

SUITE = "bookworm"
KEEP_DAYS = 14
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "node_modules", "__pycache__", ".*_cache", ".hypothesis"
)


def test_an_unknown_target_is_refused() -> None:
    done = bootstrap_here("cloud")
    assert done.returncode == 1
    assert "no such target: cloud (core deploy box cluster smoke test lock)" in done.stderr


def test_without_a_target_it_tells_its_usage() -> None:
    done = bootstrap_here()
    assert done.returncode == 2
    assert "Usage: infra/bootstrap TARGET..." in done.stderr


def test_a_second_run_is_quick_and_silent() -> None:
    if not (ROOT / ".venv/stamp").exists():
        pytest.skip("this checkout has no .venv made by infra/bootstrap")
    assert bootstrap_here("core").returncode == 0
    started = time.monotonic()
    done = bootstrap_here("core")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < patience(0.5)


@pytest.fixture(scope="module")
def minimal() -> Iterator[Path]:
    """Make a minimal Debian with this machine's sources, CA and resolver, and a copy of the checkout."""
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        pytest.skip("makes a root file system: needs root and mmdebstrap")
    cache = cache_home() / "rootfs"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / f"bootstrap-test.{os.getpid()}"
    root.mkdir()
    try:
        subprocess.run(["tar", "-xpf", minimal_tar(cache), "-C", root], check=True)
        settle(root)
        shutil.copytree(ROOT, root / "checkout", ignore=LEFT_OUT, symlinks=True)
        yield root
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", root], check=True)


def minimal_tar(cache: Path) -> Path:
    tar = cache / f"{SUITE}-minimal.tar"
    if not tar.exists() or time.time() - tar.stat().st_mtime > KEEP_DAYS * 86400:
        partial = cache / f".{tar.name}.{os.getpid()}"
        mirror = packages_from_machine().debian
        command = [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            "--format=tar",
            SUITE,
            str(partial),
        ]
        try:
            subprocess.run([*command, *([mirror] if mirror else [])], check=True)
            partial.rename(tar)
        finally:
            partial.unlink(missing_ok=True)
    return tar


def settle(root: Path) -> None:
    """Set up mirrors, proxy, CA and resolver, as an administrator would."""
    for file in ("etc/apt/sources.list", "etc/resolv.conf", "etc/pip.conf"):
        (root / file).unlink(missing_ok=True)
        if Path("/", file).exists():
            shutil.copy(Path("/", file), root / file)
    for folder in (
        "etc/apt/sources.list.d",
        "etc/apt/apt.conf.d",
        "usr/local/share/ca-certificates",
    ):
        shutil.rmtree(root / folder, ignore_errors=True)
        if Path("/", folder).exists():
            shutil.copytree(Path("/", folder), root / folder)
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(layout.TRUSTED, bundle)


def inside(root: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the root with only the environment variables of package sources."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_INDEX", "PIP_CERT", "UV_", "SSL_CERT_FILE"))
        or name.lower().endswith("_proxy")
    }
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "chroot", str(root), "/bin/bash", "-c",
         f"mount -t proc proc /proc && cd /checkout && {command}"],
        env={"PATH": path, "HOME": "/root", **kept}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.bootstrap
def test_a_minimal_debian_gets_all_it_needs(minimal: Path) -> None:
    for tool in ("pip3", "npm", "uv", "systemd-nspawn"):
        assert inside(minimal, f"command -v {tool}").returncode != 0, f"{tool}: not minimal"

    first = inside(minimal, "infra/bootstrap core")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "installing with apt: python3 python3-venv ca-certificates" in first.stdout
    assert ".venv is ready" in first.stdout

    works = inside(
        minimal, ".venv/bin/python -c 'import openchronic, pyinfra, duckdb, infra.settings.site'"
    )
    assert works.returncode == 0, works.stderr
    assert inside(minimal, ".venv/bin/openchronic --version").returncode == 0
    # Only who runs a verb for a cluster is given the programs of one; who has them keeps them.
    helm = ".venv/bin/python -c 'from infra.operate.cluster_programs import find_helm; find_helm()'"
    assert "ProgramMissingError" in inside(minimal, helm).stderr

    started = time.monotonic()
    second = inside(minimal, "infra/bootstrap core")
    assert (second.returncode, second.stdout) == (0, ""), second.stderr
    assert time.monotonic() - started < patience(1)


@pytest.mark.bootstrap
def test_a_verb_for_a_cluster_brings_its_programs(minimal: Path) -> None:
    assert inside(minimal, "infra/bootstrap cluster").returncode == 0
    helm = ".venv/bin/python -c 'from infra.operate.cluster_programs import find_helm; find_helm()'"
    assert inside(minimal, helm).returncode == 0
    assert inside(minimal, "infra/bootstrap core").returncode == 0
    assert inside(minimal, helm).returncode == 0, "a later verb keeps them"


@pytest.mark.bootstrap
def test_who_is_not_root_is_told_what_to_ask_for(minimal: Path) -> None:
    """Without root, `test` goes on without the packages of a box, and `box` is refused."""
    assert inside(minimal, "infra/bootstrap core").returncode == 0
    as_nobody = "setpriv --reuid=65534 --clear-groups infra/bootstrap"
    goes_on = inside(minimal, f"{as_nobody} test")
    assert goes_on.returncode == 0, goes_on.stderr
    assert "going on without: openssh-client systemd-container mmdebstrap" in goes_on.stdout
    assert "going on without the packages of tests/requirements.txt" in goes_on.stdout
    refused = inside(minimal, f"{as_nobody} box")
    assert refused.returncode == 1
    assert "As root: apt-get install openssh-client" in refused.stderr


@pytest.mark.bootstrap
def test_a_changed_lock_is_installed(minimal: Path) -> None:
    assert inside(minimal, "infra/bootstrap core").returncode == 0
    lock = minimal / "checkout/infra/requirements.txt"
    lock.write_text(lock.read_text() + "\n# refreshed\n")
    again = inside(minimal, "infra/bootstrap core")
    assert again.returncode == 0, again.stderr
    assert "installing with apt" not in again.stdout
    assert ".venv is ready" in again.stdout


def bootstrap_here(*targets: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "infra/bootstrap", *targets], capture_output=True, text=True, check=False
    )
