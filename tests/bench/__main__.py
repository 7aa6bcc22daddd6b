"""`python -m tests.bench`: takes the measures, shows each as soon as it is known, and keeps them in a file."""

import argparse
import datetime
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from infra.box.errors import BoxError
from infra.operations.checkout import look
from infra.settings.settings_file import ROOT, shown
from tests.bench import (
    bases,
    box,
    build,
    defined,
    deploys,
    events,
    images,
    ingest,
    logins,
    memory,
    month,
    pages,
    pathways,
    show,
    spark,
    torches,
)
from tests.bench.result import BenchError, Machine, Measure, Result, latest, load, save
from tests.bench.server import Server, bench_box

FOLDER = ROOT / "build" / "bench"
REFERENCE = Path(__file__).with_name("reference.json")
PATIENTS = 100_000
ON_A_SERVER: dict[str, Callable[[Server], Iterator[Measure]]] = {
    "memory": memory.measures,
    "images": images.measures,
    "pages": pages.measures,
    "logins": logins.measures,
    "deploys": deploys.measures,
}
GROUPS = (*ON_A_SERVER, "build", "ingest", "events", "month", "pathways", "spark", "torch", "box")
# PyTorch is too large to be installed for the others' sake.
BY_DEFAULT = [name for name in GROUPS if name != "torch" or os.environ.get(torches.PYTHON)]
EXPECTED = "on two processors: deploys 15 min, box 15 min, build 12 min, ingest 45 min, events an hour, month 10 min, pathways half an hour, the others 2 min each"


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    now = datetime.datetime.now(datetime.UTC)
    measured = look().name
    file = FOLDER / f"{now:%Y%m%dT%H%M%SZ}-{measured}.json"
    result = Result(measured, f"{now:%Y-%m-%d %H:%M} UTC", machine(), [])
    status = 0
    try:
        earlier = _earlier(arguments.against, file)
        print(f"groups: {', '.join(arguments.only)} ({EXPECTED})")
        print(show.heading(result, earlier), flush=True)
        with ExitStack() as stack:
            for name, group in _groups(arguments.only, arguments.patients, arguments.sizes, stack):
                if problem := _take(group, result, earlier, file):
                    print(f"bench: {name}: {problem}", file=sys.stderr)
                    status = 1
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        status = 130
    if result.measures:
        print(f"\n{show.ending(result)}\nKept in {shown(file)}")
    return status or int(any(measure.failed for measure in result.measures))


def _groups(
    names: Sequence[str], patients: int, sizes: Sequence[int], stack: ExitStack
) -> Iterator[tuple[str, Iterator[Measure]]]:
    """The server first: what it measures is the shortest. It is gone before another box boots."""
    with stack:
        server: Server | None = None
        for name, take in ON_A_SERVER.items():
            if name in names:
                server = server or stack.enter_context(bench_box())
                yield name, take(server)
    if "build" in names:
        yield "build", build.measures(patients)
    if "ingest" in names:
        yield "ingest", ingest.measures(sizes)
    if "events" in names:
        yield "events", events.measures(sizes)
    if "month" in names:
        yield "month", month.measures(sizes[0])
    if "pathways" in names:
        yield "pathways", pathways.measures(sizes)
        yield "pathways, in a build", defined.measures(sizes)
    if "spark" in names:
        yield "spark", spark.measures()
    if "torch" in names:
        yield "torch", torches.measures(patients)
    bases.clear()
    if "box" in names:
        yield "box", box.measures()


def _take(
    group: Iterator[Measure], result: Result, earlier: Result | None, file: Path
) -> str | None:
    """Show and keep each measure as soon as it is known; why the group stopped, if it did."""
    try:
        for measure in group:
            result.measures.append(measure)
            save(result, file)
            print(show.line(measure, result, earlier), flush=True)
    except (BenchError, BoxError, AssertionError, OSError, subprocess.SubprocessError) as error:
        return str(error)
    return None


def machine() -> Machine:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_gb": round(pages / 1e9, 1),
        "kernel": platform.release(),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _earlier(asked: str, file: Path) -> Result | None:
    """What to compare with: the file asked for, else the latest of this machine, else the repository's."""
    found = Path(asked) if asked else latest(FOLDER, but=file)
    if found is None and REFERENCE.exists():
        found = REFERENCE
    return load(found) if found else None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of: {' '.join(GROUPS)}")
    parser.add_argument("--against", default="", help="the file of an earlier run")
    parser.add_argument("--patients", type=int, default=PATIENTS, help="how many to build")
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(one) for one in text.split(",")],
        default=list(bases.SIZES),
        help="how many patients to ingest and to build, from the smallest: 10000,100000",
    )
    arguments = parser.parse_args()
    arguments.only = arguments.only.replace(",", " ").split() or BY_DEFAULT
    if unknown := sorted(set(arguments.only) - set(GROUPS)):
        parser.error(f"no such group: {', '.join(unknown)} (there are: {', '.join(GROUPS)})")
    return arguments


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
