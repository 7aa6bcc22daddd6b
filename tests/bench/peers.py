"""Libraries that only a bench needs, in a folder of their own: the operators' tools stay what they are."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from infra.settings.pip_settings import uv_environment
from infra.settings.settings_file import ROOT
from tests.bench.result import BenchError

LOCK = Path(__file__).with_name("requirements.txt")
FOLDER = ROOT / "build" / "bench" / "peers"


def environment() -> dict[str, str]:
    """For a Python that sees the peers; they are installed first, if need be. BenchError when that fails."""
    mark = FOLDER / "lock.sha256"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text() != wanted:
        command: list[str | Path] = [
            Path(sys.executable).with_name("uv"),
            "pip",
            "install",
            "--quiet",
        ]
        command += ["--python", sys.executable, "--require-hashes", "-r", LOCK, "--target", FOLDER]
        done = subprocess.run(
            command, env=os.environ | uv_environment(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BenchError(f"the peers cannot be installed: {done.stderr[-1000:]}")
        mark.write_text(wanted)
    return os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(FOLDER)))}
