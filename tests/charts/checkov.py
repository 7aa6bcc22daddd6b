"""Runs checkov on what the chart renders, in an environment of its own in .venv, made once for its lock."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from infra.settings.pip_settings import uv_environment
from infra.settings.settings_file import ROOT

LOCK = Path(__file__).with_name("checkov.txt")


@dataclass(frozen=True)
class Judgement:
    passed: int
    failed: Counter[tuple[str, str]]
    """How often each check failed for each object, by the check's name and the object's (`Deployment.bigdata.hub`)."""
    seconds: float
    """Processor time."""

    @property
    def share(self) -> float:
        return self.passed / (self.passed + self.failed.total())


def judge(manifests: Path) -> Judgement:
    before = os.times()
    done = subprocess.run(
        [
            *(_program(), "--file", str(manifests), "--framework", "kubernetes"),
            # Nothing is fetched, nothing is sent.
            *("--output", "json", "--compact", "--quiet", "--skip-download", "--soft-fail"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    after = os.times()
    told = json.loads(done.stdout)
    failed = Counter((one["check_id"], one["resource"]) for one in told["results"]["failed_checks"])
    seconds = (after.children_user + after.children_system) - (before.children_user + before.children_system)  # fmt: skip
    return Judgement(int(told["summary"]["passed"]), failed, seconds)


def _program() -> Path:
    """Return the path of checkov, installed from the lock if it is not yet."""
    key = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / ".venv" / f"checkov-{key}"
    with (ROOT / ".venv" / "checkov.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            uv = ROOT / ".venv" / "bin" / "uv"
            known = {**os.environ, **uv_environment()}
            for command in (
                ["venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
                ["pip", "sync", "--quiet", "--require-hashes", "--python", str(folder), str(LOCK)],
            ):
                subprocess.run([uv, *command], env=known, check=True)
            (folder / "complete").touch()
    return folder / "bin" / "checkov"
