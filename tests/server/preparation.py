"""`python -m tests.server.preparation`: boots the test box, deploys to it and builds its base, once per run."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from infra.settings import layout
from infra.settings.box_identity import box_identity
from infra.settings.settings_file import ROOT
from infra.settings.site_file import load_site
from tests.pace import patience
from tests.server.deployment import PURPOSE, SITE, Deployment, deploy, environment
from tests.server.machine import Machine

# `python -m tests` sets it: it prepares the box while the unit tests run, and destroys it at the end.
PREPARED = "TEST_BOX_PREPARED"
LIMIT_S = 1800


class NotPrepared(Exception):
    """The test box could not be made; the message has the output of the failed step."""


@dataclass(frozen=True)
class Preparation:
    boot_s: float
    first: Deployment
    build_s: float


def obstacle() -> str | None:
    """Return why this machine cannot boot a box; None when it can."""
    done = _box("check")
    return None if done.returncode == 0 else _said(done)


def prepare() -> Preparation:
    """Make the test box, unless the run of this process has made it, and return how it was prepared."""
    os.environ["BOX"] = PURPOSE  # for every command that follows
    if os.environ.get(PREPARED) == "1":
        return read_record(PURPOSE)
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
    _record(PURPOSE).write_text(json.dumps(asdict(prepared)))
    return prepared


def read_record(purpose: str) -> Preparation:
    """Return how a box of this run was prepared."""
    found = json.loads(_record(purpose).read_text())
    return Preparation(**{**found, "first": Deployment(**found["first"])})


def build_bases() -> None:
    """Run the bases' build services, as their timers would, all at once."""
    site = load_site(SITE)
    units = " ".join(f"{layout.build_unit(slug)}.service" for slug in site.bases)
    Machine(site).succeed(f"systemctl start {units}", timeout_s=LIMIT_S)


def destroy(purpose: str = PURPOSE) -> None:
    done = _box("destroy", purpose)
    if done.returncode != 0:
        raise NotPrepared(f"the test box could not be destroyed: {_said(done)}")


def begin_to_destroy(purpose: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start to destroy a box in the background."""
    return subprocess.Popen(
        _command("destroy", purpose),
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def keep() -> bool:
    """Whether the box is kept after the tests (KEEP_BOX=1)."""
    return os.environ.get("KEEP_BOX", "0") not in ("", "0")


def box_verb(verb: str) -> None:
    """Start, stop or kill the test box."""
    if (done := _box(verb)).returncode != 0:
        raise NotPrepared(_said(done))


def _box(verb: str, purpose: str = PURPOSE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(verb, purpose),
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience(LIMIT_S),
        check=False,
    )


def _command(verb: str, purpose: str) -> list[str]:
    return [sys.executable, "-m", "infra.box", verb, "--purpose", purpose]


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr).strip() or f"status {done.returncode}, without a word"


def _record(purpose: str) -> Path:
    return box_identity(purpose).state / "prepared.json"


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
