"""Builds Kubernetes, Cilium and CoreDNS from Go modules, once for each state of the sources in `go/`, into the cache.

Go finds modules and verifies their checksums by this machine's own configuration (`go env`).
"""

import fcntl
import hashlib
import json
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.box.cluster.image_archive import write_archive
from infra.box.commands import run
from infra.box.errors import BoxError
from infra.settings.box_identity import cache_home

SOURCES = Path(__file__).parent / "go"
KUBERNETES = "1.35.4"
CILIUM_MODULE = "github.com/cilium/cilium"
CILIUM = "1.20.2"
# What Go's caches and the programs take, in GB.
DISK_GB = 13

PARTS = (
    *("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"),
    *("kubelet", "kubeadm", "kubectl"),
)
"""What the program `kubernetes` is, by the name that it is called by."""

NEEDS_GO = (
    "a cluster's programs are built by Go 1.26 or later, and {found}. Put `go` on PATH; or test on any cluster that "
    "there is, by its kubeconfig."
)


@dataclass(frozen=True)
class Build:
    """One run of `go build`."""

    folder: str
    packages: tuple[str, ...] = (".",)
    sets: tuple[str, ...] = ()
    """Variables that the linker sets, `path.name=value`."""
    told: str = "a minute"
    """How long two cores take without Go's caches, in processor time."""


BUILDS = (
    Build(
        "kubernetes",
        sets=tuple(
            f"k8s.io/component-base/version.{name}={value}"
            for name, value in (
                ("gitVersion", f"v{KUBERNETES}"),
                *zip(("gitMajor", "gitMinor"), KUBERNETES.split("."), strict=False),
            )
        ),
        told="8 minutes",
    ),
    Build(
        "cilium",
        tuple(f"{CILIUM_MODULE}/{one}" for one in ("daemon", "plugins/cilium-cni")),
        sets=(f"{CILIUM_MODULE}/pkg/version.ciliumVersion={CILIUM}",),
        told="10 minutes",
    ),
    Build("coredns"),
    Build("pause"),
    Build("probe"),
)
IMAGES = ("coredns", "pause", "probe")
"""The programs that run in pods. `probe` is what tests of a cluster look around with."""


def programs(*, say: Callable[[str], None] = print) -> Path:
    """Return the folder of the programs, built if the cache has none of these sources.

    It holds `bin`, Cilium's `bpf` and `crds`, and `images`: archives of the images that the cluster itself needs.
    Raises BoxError.
    """
    folder = cache_home() / "cluster" / digest()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / ".lock").open("w") as lock:
        # Of two that want them, the second waits and finds them built.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            partial = folder.with_name(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            _make(partial, say)
            partial.rename(folder)
    return folder


def digest(sources: Path = SOURCES) -> str:
    """Return the key of the programs in the cache: what they are built from, and how."""
    key = hashlib.sha256(repr((BUILDS, PARTS)).encode())
    for file in sorted(path for path in sources.rglob("*") if path.is_file()):
        key.update(f"{file.relative_to(sources)}\0".encode() + file.read_bytes())
    return key.hexdigest()[:16]


def _make(folder: Path, say: Callable[[str], None]) -> None:
    go = shutil.which("go")
    if go is None:
        raise BoxError(NEEDS_GO.format(found="there is no `go` here"))
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for build in BUILDS:
        say(f"building {build.folder} ({build.told} of processor time, if never built here) …")
        started, before = time.monotonic(), _processor_s()
        _build(go, build, programs)
        seconds = time.monotonic() - started
        say(f"built {build.folder}: {seconds:.0f} s, {_processor_s() - before:.0f} s of processor")
    (programs / "daemon").rename(programs / "cilium-agent")
    for part in PARTS:
        (programs / part).symlink_to("kubernetes")
    _take_from_module(go, folder)
    images = folder / "images"
    images.mkdir()
    for name in IMAGES:
        write_archive(images / f"{name}.tar", name=f"localhost/{name}", program=programs / name)


def _build(go: str, build: Build, into: Path) -> None:
    linked = " ".join(("-s", "-w", *(f"-X={one}" for one in build.sets)))
    command = [go, "build", "-p=2", "-trimpath", f"-ldflags={linked}", f"-o={into}/"]
    done = subprocess.run(
        [*command, *build.packages],
        cwd=SOURCES / build.folder,
        env={**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = "\n  ".join(done.stderr.strip().splitlines()[-12:])
        raise BoxError(
            f"Go could not build {build.folder}:\n  {said}\n"
            "Look at `go version` and `go env GOPROXY GOSUMDB`, then try again: what is built is kept."
        )


def _take_from_module(go: str, folder: Path) -> None:
    """Copy what Cilium compiles when it starts, and the types that it adds to the cluster, out of its module."""
    listed = run([go, "-C", str(SOURCES / "cilium"), "list", "-m", "-json", CILIUM_MODULE])
    module = Path(json.loads(listed)["Dir"])
    shutil.copytree(module / "bpf", folder / "bpf")
    crds = folder / "crds"
    crds.mkdir()
    for file in (module / "pkg/k8s/apis/cilium.io/client/crds").rglob("*.yaml"):
        shutil.copyfile(file, crds / file.name)
    # Files of the module cache are read-only.
    run(["chmod", "-R", "u+w", str(folder)])


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
