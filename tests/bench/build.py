"""`openchronic build` of synthetic patients on this machine, against reading the needed columns once."""

import hashlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.bench.measuring import load_average, seen
from tests.bench.process_tree import Watched, watch
from tests.bench.result import Measure

GROUP = "build"
OPENCHRONIC = Path(sys.executable).parent / "openchronic"
FOLDER = ROOT / "build" / "bench"
SYNTH = ROOT / "openchronic_env" / "src" / "openchronic" / "synth"
YEARS, SEED = 3, 1
FLOOR = Path(__file__).with_name("read_once.py")
BUILDS = 2


def measures(patients: int) -> Iterator[Measure]:
    yield from _synth(patients)
    source = delivery(patients)
    size = sum(file.stat().st_size for file in source.rglob("*") if file.is_file())
    yield seen(GROUP, f"{patients:,} patients, files", size / 1e6, unit="MB")
    floor, title = f"reading the columns once, {patients:,}", f"build, {patients:,}"
    load = load_average()
    # The first reads the disk; both then find the files in memory.
    read = [watch([sys.executable, FLOOR, source]) for _ in range(BUILDS + 1)][1:]
    yield _measure(floor, [one.seconds for one in read], "s", load)
    yield _measure(f"{floor}, peak", [one.peak_mb for one in read], "MB", load)
    load = load_average()
    built = [_build(source) for _ in range(BUILDS)]
    yield _measure(title, [one.seconds for one in built], "s", load, against=floor)
    yield _measure(
        f"{title}, peak", [one.peak_mb for one in built], "MB", load, against=f"{floor}, peak"
    )


def _build(source: Path) -> Watched:
    releases = FOLDER / "releases"
    try:
        return watch([OPENCHRONIC, "build", source, releases, "--quiet"])
    finally:
        shutil.rmtree(releases, ignore_errors=True)


def delivery(patients: int) -> Path:
    """Of this synth and no other: its code is part of the name."""
    return FOLDER / f"snds-{patients}-{code_of_synth()}"


def code_of_synth() -> str:
    digest = hashlib.sha256()
    for file in sorted(SYNTH.rglob("*")):
        if file.suffix in (".py", ".sql", ".csv"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def _synth(patients: int) -> Iterator[Measure]:
    """Made once, and kept for the next run."""
    source = delivery(patients)
    if source.exists():
        return
    for old in FOLDER.glob(f"snds-{patients}-*"):
        shutil.rmtree(old)
    FOLDER.mkdir(parents=True, exist_ok=True)
    load = load_average()
    partial = FOLDER / "snds.partial"
    command = ["synth", partial, "--patients", patients, "--seed", SEED, "--years", YEARS]
    made = watch([OPENCHRONIC, *map(str, command), "--force"])
    partial.rename(source)
    yield _measure(f"synth, {patients:,}", [made.seconds], "s", load)
    yield _measure(f"synth, {patients:,}, peak", [made.peak_mb], "MB", load)


def _measure(
    name: str, values: list[float], unit: str, load: float, *, against: str = ""
) -> Measure:
    return Measure(
        group=GROUP, name=name, unit=unit, values=tuple(values), load=load, against=against
    )
