"""`python -m tests.server.preparation`: boots the test box, deploys to it and builds its base, once per run."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.box.naming import box_identity
from infra.settings_file import ROOT
from infra.site import load_site
from tests.server.deployment import PURPOSE, Deployment, deploy, environment
from tests.server.machine import Machine

# Set by `python -m tests`, which prepares the box while the unit tests run, and destroys it in the end.
PREPARED = "TEST_BOX_PREPARED"
LIMIT_S = 1800


class NotPrepared(Exception):
    """Why there is no test box, with what the step said."""


@dataclass(frozen=True)
class Preparation:
    boot_s: float
    first: Deployment
    build_s: float


def obstacle() -> str | None:
    """Why this machine cannot boot a box; None when it can."""
    done = _box("check")
    return None if done.returncode == 0 else _said(done)


def prepare() -> Preparation:
    """The test box, ready: made now, or by the run that this process belongs to."""
    os.environ["BOX"] = PURPOSE
    if os.environ.get(PREPARED) == "1":
        found = json.loads(_record().read_text())
        return Preparation(**{**found, "first": Deployment(**found["first"])})
    started = time.monotonic()
    if (booted := _box("start")).returncode != 0:
        raise NotPrepared(_said(booted))
    boot_s = time.monotonic() - started
    first = deploy()
    if first.status != 0:
        raise NotPrepared(f"the first deploy failed: {first}")
    started = time.monotonic()
    build_bases()
    prepared = Preparation(boot_s, first, time.monotonic() - started)
    _record().write_text(json.dumps(asdict(prepared)))
    return prepared


def build_bases() -> None:
    """Run each base's build service, as its timer would."""
    site = load_site("box")
    server = Machine(site)
    for slug in site.bases:
        server.succeed(f"systemctl start openchronic-build-{slug}.service", timeout_s=LIMIT_S)


def destroy() -> None:
    done = _box("destroy")
    if done.returncode != 0:
        raise NotPrepared(f"the test box could not be destroyed: {_said(done)}")


def keep() -> bool:
    """Does the developer want to look at the box afterwards?"""
    return os.environ.get("KEEP_BOX", "0") not in ("", "0")


def box_verb(verb: str) -> None:
    """Start, stop or kill the test box."""
    if (done := _box(verb)).returncode != 0:
        raise NotPrepared(_said(done))


def _box(verb: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.box", verb, "--purpose", PURPOSE],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr).strip() or f"status {done.returncode}, without a word"


def _record() -> Path:
    return box_identity(PURPOSE).state / "prepared.json"


def main() -> int:
    try:
        prepared = prepare()
    except (NotPrepared, AssertionError, subprocess.TimeoutExpired) as error:
        print(f"test box: {error}", file=sys.stderr)
        return 1
    print(
        f"test box: booted in {prepared.boot_s:.0f} s, deployed in {prepared.first.seconds:.0f} s, "
        f"built in {prepared.build_s:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
