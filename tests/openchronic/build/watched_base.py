"""A base whose builds note which files they cast and which they scanned."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.openchronic.front_door import Answer, build
from tests.openchronic.small_delivery import plain

CLAIMS, PACKS = "DCIR_2021/ER_PRS_F_2021.CSV", "DCIR_2021/ER_PHA_F_2021.CSV"
ALL = set(plain())

# Python for the build's own process: writes a line per file that is cast, and per file that is
# scanned.
WATCH = """
from pathlib import Path
import openchronic.build.taking as i
def note(kind, name):
    with Path({log!r}).open("a") as log:
        log.write(f"{{kind}} {{name}}\\n")
cast, walk = i.read_file, i.scan_file
def read_file(connection, table, file, *rest):
    note("cast", file.name)
    return cast(connection, table, file, *rest)
def scan_file(path, name):
    note("walk", name)
    return walk(path, name)
i.read_file, i.scan_file = read_file, scan_file
"""
DIE = "\nimport os, signal\ndef die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"


class Base:
    """A base that records the files which each build has read."""

    def __init__(self, folder: Path) -> None:
        self.releases, self.log = folder / "releases", folder / "log"
        self.store = self.releases / "snds" / ".store"

    def read(self, source: Path, *options: object, before: str = "", status: int = 0) -> set[str]:
        """Builds; returns the names of the files that were cast, which are those that were scanned."""
        answer = self.build(source, *options, before=before)
        assert answer.status == status, answer.text
        seen = self.log.read_text().splitlines() if self.log.exists() else []
        cast = [line.removeprefix("cast ") for line in seen if line.startswith("cast ")]
        if status == 0:
            walked = [line.removeprefix("walk ") for line in seen if line.startswith("walk ")]
            assert sorted(walked) == sorted(cast)
            assert f"reading files: {len(cast)} read" in answer.err or not cast
        return set(cast)

    def take(self, releases: Path) -> None:
        """Starts from the files that a build elsewhere has left."""
        shutil.copytree(releases, self.releases, symlinks=True)

    def build(self, source: Path, *options: object, before: str = "") -> Answer:
        self.log.unlink(missing_ok=True)
        watch = WATCH.format(log=str(self.log))
        return build(source, self.releases, *options, before=watch + before)

    @property
    def release(self) -> Path:
        return (self.releases / "snds" / "current").resolve()

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.release / "manifest.json").read_text()))

    def kept(self) -> set[str]:
        return {path.name for path in self.store.iterdir()}

    def typed(self, table: str) -> Path:
        """Returns the only entry of ``table``."""
        (found,) = [
            self.store / one["typed"] for one in self.manifest["inputs"] if one["table"] == table
        ]
        return Path(found)
