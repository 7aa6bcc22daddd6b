"""Deliveries by size, and the base built of each: once in a run, for all groups that ask."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.bench.build import FOLDER, OPENCHRONIC, SEED, code_of_synth
from tests.bench.process_tree import Watched, watch

SIZES = (10_000, 100_000, 1_000_000)
# Of the care of each size: its files come of a year and of the months in which that year is still paid.
YEARS = 1
MEMORY_MB = 2000
# What a process has beside the engine's buffers: Python, its libraries, the engine's own bookkeeping.
BESIDE_MB = 512
LIMITS = ("--memory", f"{MEMORY_MB}MB", "--buckets", "16")
BUILT = FOLDER / "built"


@dataclass(frozen=True)
class Base:
    """A finished build. ``releases``: where what it published lies, until the end of the run."""

    watched: Watched
    releases: Path

    @property
    def release(self) -> Path:
        return self.releases / "snds" / "current"

    @property
    def manifest(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads((self.release / "manifest.json").read_text())
        return found

    @property
    def lines(self) -> int:
        """Of all delivered tables."""
        return sum(one["rows"] for one in self.manifest["rows_read"].values())


@cache
def built(patients: int) -> Base:
    """The whole build of a Parquet delivery of that size, on DuckDB."""
    return build(delivery(patients, "parquet"), BUILT / str(patients))


def build(
    source: Path, releases: Path, *, on_top: bool = False, options: Sequence[str] = LIMITS
) -> Base:
    """A build into new ``releases``, or ``on_top`` of what they hold."""
    if not on_top:
        shutil.rmtree(releases, ignore_errors=True)
    return Base(watch([OPENCHRONIC, "build", source, releases, *options]), releases)


def clear() -> None:
    """Remove what the run has built."""
    shutil.rmtree(BUILT, ignore_errors=True)
    built.cache_clear()


def delivery(patients: int, form: str, *, years: int = YEARS) -> Path:
    """Made once, and kept for the next run."""
    kind = f"ingest-{patients}-{form}-{years}y"
    source = FOLDER / f"{kind}-{code_of_synth()}"
    if source.exists():
        return source
    for old in FOLDER.glob(f"{kind}-*"):
        shutil.rmtree(old)
    FOLDER.mkdir(parents=True, exist_ok=True)
    partial = FOLDER / "ingest.partial"
    size = ["--patients", str(patients), "--seed", str(SEED), "--years", str(years)]
    watch([OPENCHRONIC, "synth", partial, *size, "--format", form, "--force"])
    partial.rename(source)
    return source


def bytes_of(source: Path) -> int:
    return sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
