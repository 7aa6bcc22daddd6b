"""The bench's own box: booted for it, deployed to by the command that operators type, destroyed at its end."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.settings import layout
from infra.settings.box_identity import box_identity, cache_home
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.bench.result import BenchError
from tests.server.machine import Machine
from tests.server.preparation import keep

PURPOSE = "bench"
PYINFRA = (sys.executable, "-m", "pyinfra", "infra/inventory.py")
LIMIT_S = 3600


@dataclass(frozen=True)
class Server:
    """The booted and deployed box."""

    site: Site
    machine: Machine
    first_deploy_s: float | None
    """None when an earlier run left the box."""

    def images(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.machine.succeed(f"cat {layout.IMAGES_IN_SERVICE}"))
        return found


@contextmanager
def bench_box() -> Iterator[Server]:
    """A server to measure, and nothing of it left afterwards; KEEP_BOX=1 leaves it."""
    os.environ.update({"BOX": PURPOSE, "XDG_CACHE_HOME": str(own_cache())})
    fresh = not box_identity(PURPOSE).root.exists()
    try:
        _box("start")
        first = deploy(changes=True if fresh else None)
        site = load_site("box")
        machine = Machine(site)
        for slug in site.bases:
            machine.succeed(f"systemctl start {layout.build_unit(slug)}.service", timeout_s=LIMIT_S)
        yield Server(site, machine, first if fresh else None)
    finally:
        if not keep():
            _box("destroy")


def own_cache() -> Path:
    """The caches of the operator, linked: the images that the bench makes would push theirs out."""
    there = cache_home()
    base = ROOT / "build" / "bench" / "cache"
    own = base / there.name
    if there != own:
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
        if there.is_dir():
            copied = subprocess.run(
                ["cp", "-a", "--link", f"{there}/.", str(own)], capture_output=True, check=False
            )
            if copied.returncode != 0:
                # Another file system: the files themselves.
                subprocess.run(["cp", "-a", f"{there}/.", str(own)], check=True)
    return base


def deploy(*, changes: bool | None, site: str = "box") -> float:
    """The seconds of a deploy, which must change something, or must not; None: it may."""
    started = time.perf_counter()
    done = pyinfra("infra/deploy.py", SITE=site)
    seconds = time.perf_counter() - started
    changed = [row["name"] for row in json.loads(done)["results"]["operations"] if row["success"]]
    if changes is not None and bool(changed) is not changes:
        raise BenchError(f"this deploy changed {changed or 'nothing'}")
    return seconds


def pyinfra(script: str, **environment: str) -> str:
    """What pyinfra says in JSON of a deploy script that ran against the bench's box."""
    done = subprocess.run(
        [*PYINFRA, script, "-y", "--json"],
        cwd=ROOT,
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        ending = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise BenchError(f"pyinfra {script} failed:\n{ending}")
    return done.stdout


def _box(verb: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.box", verb, "--purpose", PURPOSE],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError((done.stdout + done.stderr).strip())


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "SITE": "box", "BOX": PURPOSE, **more}
