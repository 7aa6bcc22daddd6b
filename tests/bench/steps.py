"""What a build said of its steps, and how long each took."""

import re
from collections.abc import Sequence

from tests.bench.process_tree import Watched

STEP = re.compile(r"^(?P<name>[a-z -]+): (?P<seconds>\d+\.\d) s(?:, .*)?$", re.MULTILINE)


def steps_of(built: Watched) -> dict[str, float]:
    """The seconds of each step of a build, as it said."""
    return {found["name"]: float(found["seconds"]) for found in STEP.finditer(built.said)}


def seconds(built: Watched, steps: Sequence[str]) -> float:
    """Of some steps together."""
    said = steps_of(built)
    return sum(said[name] for name in steps)
