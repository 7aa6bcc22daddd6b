"""The build's own path to drug events: `openchronic build …` until its events are written, and drugs only.

Usage: drugs_by_openchronic.py TARGET ARGUMENTS OF BUILD. No cost and no trait of a person is read, and no claim is an
event by itself. What remains: the claims joined with their facility and person, the drugs joined with the claims, judged,
counted filter by filter, dealt into buckets, summed, named, ordered, sorted and written. TARGET gets the events, and the
names of the typed files that they come from. Nothing is published: the accounts of such a build do not add up.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from openchronic.build import making
from openchronic.build.context import Context
from openchronic.build.run import Run
from openchronic.cli import main
from openchronic.models import claims, query
from openchronic.models.model import Stage
from openchronic.runtime.progress import Steps, Tick

LEFT_OUT = ("cost_line", "trait", "trait_line")
# From typed tables to events; what lies between them is of other events.
COUNTED = ("people", "claims", "events")

target = Path(sys.argv[1])
whole_text: Callable[[str], str] = vars(query)["sql"]
whole_step = Steps.step
whole_stage: Callable[..., object] = vars(making)["make_stage"]
cpu_s: dict[str, float] = {}
seconds: dict[str, float] = {}


def replace(owner: object, name: str, other: object) -> None:
    """Refused where the build has no such name any more: the whole of it would be timed unseen."""
    getattr(owner, name)
    setattr(owner, name, other)


class Written(Exception):
    """All that is timed is done."""


def text(name: str) -> str:
    whole = whole_text(name)
    return f"SELECT * FROM ({whole}) AS one WHERE FALSE" if name in LEFT_OUT else whole  # noqa: S608


@contextmanager
def step(steps: Steps, title: str, **how: Any) -> Iterator[Tick]:
    began, began_cpu = time.perf_counter(), time.process_time()
    with whole_step(steps, title, **how) as tick:
        yield tick
    seconds[title] = time.perf_counter() - began
    cpu_s[title] = time.process_time() - began_cpu


def stage(run: Run, one: Stage) -> None:
    whole_stage(run, one)
    if one.name == "events":
        keep_events(run.context)


def keep_events(context: Context) -> NoReturn:
    files: dict[str, list[str]] = {}
    for name, reading in context.readings.items():
        # Those who have left the referential are people like the others.
        found = files.setdefault("IR_BEN_R" if name == "IR_BEN_R_ARC" else name, [])
        for file in reading.files:
            found += sorted(str(path) for path in file.folder.rglob("*.parquet"))
    target.mkdir(parents=True)
    (target / "typed.json").write_text(json.dumps(files))
    (context.place.release / "event").rename(target / "event")
    raise Written


replace(claims, "KINDS", claims.KINDS[:1])
replace(query, "sql", text)
replace(Steps, "step", step)
replace(making, "make_stage", stage)
status = main(["build", *sys.argv[2:]])
if not (target / "event").exists():
    sys.exit(status or 1)
counted = {"s": seconds, "cpu_s": cpu_s}
print(json.dumps({unit: sum(each[one] for one in COUNTED) for unit, each in counted.items()}))
