"""What analysts ask of the largest base, in fresh processes, alone and ten at once; the same asked of its files by hand, by Polars
and from R."""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from tests.bench import bases, peers
from tests.bench.build import OPENCHRONIC
from tests.bench.measuring import seen
from tests.bench.process_tree import watch
from tests.bench.result import BenchError, Measure

HERE = Path(__file__).parent
ASK, FIRST, IN_R = HERE / "ask.py", HERE / "first_answer.py", HERE / "first_answer.R"
PYTHON = OPENCHRONIC.with_name("python")
# Of the first answer there is one a process.
PROCESSES = 5
SESSIONS = 10
# What an answer may take of the processor: so many times the same by hand, in a base so large that reading it is the work;
# among ten sessions, so many times the same alone.
TIMES, OF_PATIENTS, AMONG_TEN = 1.3, 1_000_000, 3
# Names in ask.py, as the bench calls them, what each is measured against, and whether it is held to TIMES.
NAMES = {
    "import by DuckDB": ("import duckdb", "", False),
    "import": ("import openchronic", "import by DuckDB", False),
    "first answer by DuckDB": ("first answer, by hand", "", False),
    "first answer": ("connect and first answer (aim: 1 s)", "first answer by DuckDB", True),
    "import by Polars": ("import polars", "import by DuckDB", False),
    "first answer by Polars": ("first answer, Polars", "first answer by DuckDB", False),
    "import by R": ("library(openchronic) in R", "import by DuckDB", False),
    "first answer by R": ("connect and first answer, R", "first answer by DuckDB", False),
    "one history by hand": ("one subject's history, by hand", "", False),
    "one history": ("one subject's history (aim: 50 ms)", "one history by hand", True),
    "own bucket by hand": ("one subject's history, from its own file by hand", "", False),
    "own bucket": ("one subject's history, from its own bucket", "own bucket by hand", True),
    "count by hand": ("count by year, type and département, by hand", "", False),
    "count": ("count by year, type and département", "count by hand", True),
}
Taken = Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Asked:
    """What a process said: the number of events, and seconds and those of the processor by question."""

    rows: int
    taken: Taken


def measures(group: str, patients: int) -> Iterator[Measure]:
    """Seconds, and those of the processor, which others' work lengthens less. BenchError: numbers of events that differ."""
    yield from of_releases(group, patients, bases.built(patients).releases)


def of_releases(group: str, patients: int, releases: Path) -> Iterator[Measure]:
    """The same of a base that is there."""
    environment = os.environ | {"OPENCHRONIC_RELEASES": str(releases)}
    release = str((releases / "snds" / "current").resolve())
    taken: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    rows = set()
    for _ in range(PROCESSES):
        ours = _asked([PYTHON, ASK], environment)
        others = {
            "DuckDB": _asked([PYTHON, FIRST, "duckdb", release], environment),
            "Polars": _asked([PYTHON, FIRST, "polars", release], peers.environment()),
            **({"R": _asked([found, IN_R], environment)} if (found := _r()) else {}),
        }
        for name, pairs in ours.taken.items():
            taken[name] += pairs
        for peer, other in others.items():
            for name, pairs in other.taken.items():
                taken[f"{name} by {peer}"] += pairs
        rows |= {ours.rows, *(one.rows for one in others.values())}
    if len(rows) > 1:
        raise BenchError(f"not the same number of events: {rows}")
    title = f"asking {patients:,} patients"
    yield seen(group, f"{title}: events", rows.pop() / 1e6, unit="million")
    told = {name: taken[name] for name in NAMES if name in taken}
    for name, pairs in told.items():
        named, floor, held = NAMES[name]
        against = f"{title}: {NAMES[floor][0]}" if floor else ""
        seconds, cpu = zip(*pairs, strict=True)
        yield seen(group, f"{title}: {named}", *seconds, unit="s", against=against)
        by_hand = [one for _, one in taken[floor]]
        failed = held and patients >= OF_PATIENTS and median(cpu) > TIMES * median(by_hand)
        floor_cpu = against and f"{against}, CPU"
        yield seen(
            group, f"{title}: {named}, CPU", *cpu, unit="s", against=floor_cpu, failed=failed
        )
    yield from _at_once(group, title, environment, alone=taken)


def _at_once(
    group: str, title: str, environment: Mapping[str, str], *, alone: Taken
) -> Iterator[Measure]:
    """The slowest of ten sessions that ask at once. They share processors, so that their seconds alone are no verdict."""
    with ThreadPoolExecutor(SESSIONS) as pool:
        sessions = list(pool.map(lambda _: _asked([PYTHON, ASK], environment), range(SESSIONS)))
    for name in ("first answer", "own bucket", "count"):
        against = f"{title}: {NAMES[name][0]}"
        each = [
            [median([pair[at] for pair in one.taken[name]]) for one in sessions] for at in (0, 1)
        ]
        slowest = f"{title}, the slowest of {SESSIONS} at once: {name}"
        yield seen(group, slowest, max(each[0]), unit="s", against=against)
        failed = max(each[1]) > AMONG_TEN * median([cpu for _, cpu in alone[name]])
        yield seen(
            group,
            f"{slowest}, CPU",
            max(each[1]),
            unit="s",
            against=f"{against}, CPU",
            failed=failed,
        )


def _asked(command: Sequence[str | Path], environment: Mapping[str, str]) -> Asked:
    # The library itself warns nobody here: the last line is the answer.
    said = json.loads(watch(command, env=environment).said.splitlines()[-1])
    return Asked(said["rows"], said["taken"])


@cache
def _r() -> str | None:
    """R with the package, which only images have; it is said where there is none."""
    found = shutil.which("Rscript")
    if found and subprocess.run([found, "-e", "library(openchronic)"], check=False).returncode == 0:
        return found
    print(
        "questions: no R with the package openchronic: its first answer is not measured",
        file=sys.stderr,
    )
    return None
