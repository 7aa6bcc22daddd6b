"""What analysts ask of the largest base, in fresh processes; and the same asked of its files by hand."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.bench import bases
from tests.bench.build import OPENCHRONIC
from tests.bench.measuring import seen
from tests.bench.process_tree import watch
from tests.bench.result import Measure

ASK = Path(__file__).with_name("ask.py")
# Of the first answer there is one a process.
PROCESSES = 5
# Names in ask.py, as the bench calls them, and what each is measured against.
NAMES = {
    "import": ("import openchronic", ""),
    "first answer": ("connect and first answer (aim: 1 s)", ""),
    "one history by hand": ("one subject's history, from its own file by hand", ""),
    "one history": ("one subject's history (aim: 50 ms)", "one history by hand"),
    "count by hand": ("count by year, type and département, by hand", ""),
    "count": ("count by year, type and département", "count by hand"),
}


def measures(group: str, patients: int) -> Iterator[Measure]:
    """Seconds, and those of the processor, which others' work lengthens less."""
    environment = os.environ | {"OPENCHRONIC_RELEASES": str(bases.built(patients).releases)}
    taken: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    events = 0
    for _ in range(PROCESSES):
        # The library itself warns nobody here: the last line is the answer.
        asked = watch([OPENCHRONIC.with_name("python"), ASK], env=environment)
        said = json.loads(asked.said.splitlines()[-1])
        events = said["rows"]
        for name, pairs in said["taken"].items():
            taken[name] += [(seconds, cpu) for seconds, cpu in pairs]
    yield seen(group, f"asking {patients:,} patients: events", events / 1e6, unit="million")
    for name, (title, floor) in NAMES.items():
        whole = f"asking {patients:,} patients: {title}"
        against = f"asking {patients:,} patients: {NAMES[floor][0]}" if floor else ""
        seconds, cpu = zip(*taken[name], strict=True)
        yield seen(group, whole, *seconds, unit="s", against=against)
        yield seen(group, f"{whole}, CPU", *cpu, unit="s", against=against and f"{against}, CPU")
