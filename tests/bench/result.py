"""What a measure is, and the file that keeps those of a run."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Machine = dict[str, str | int | float]


class BenchError(Exception):
    """A measure that could not be taken, and why."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    group: str
    name: str
    unit: str
    values: tuple[float, ...]
    load: float
    """The machine's load average over a minute, when it began."""
    against: str = ""
    """The measure of the same group that is its floor or its peer."""
    failed: bool = False

    @property
    def minimum(self) -> float:
        return min(self.values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def maximum(self) -> float:
        return max(self.values)


@dataclass(frozen=True)
class Result:
    """A run: which commit, when, on which machine, and what it measured so far."""

    commit: str
    date: str
    machine: Machine
    measures: list[Measure]

    def find(self, group: str, name: str) -> Measure | None:
        """The latest of that name."""
        found = [one for one in self.measures if (one.group, one.name) == (group, name)]
        return found[-1] if found else None

    def ratio(self, measure: Measure) -> float | None:
        """How many times its floor; None without one."""
        floor = self.find(measure.group, measure.against) if measure.against else None
        return times(measure, floor)

    def change(self, measure: Measure, earlier: "Result | None") -> float | None:
        """How many times what an earlier run measured under the same name."""
        return times(measure, earlier.find(measure.group, measure.name) if earlier else None)


def times(measure: Measure, other: Measure | None) -> float | None:
    if other is None or other.median == 0 or other.unit != measure.unit:
        return None
    return measure.median / other.median


def save(result: Result, file: Path) -> None:
    """Whole or not at all: a run is saved after each measure, and may be interrupted."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(result), indent=1, ensure_ascii=False) + "\n")
    partial.replace(file)


def load(file: Path) -> Result:
    try:
        found: dict[str, Any] = json.loads(file.read_text())
        measures = [
            Measure(**{**row, "values": tuple(row["values"])}) for row in found.pop("measures")
        ]
        return Result(**found, measures=measures)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BenchError(f"{file} holds no measures: {error}") from None


def latest(folder: Path, *, but: Path) -> Path | None:
    """The newest file of an earlier run: names begin with the date."""
    return max((file for file in folder.glob("*.json") if file != but), default=None)


def worst(result: Result, number: int) -> Sequence[tuple[float, Measure]]:
    """The measures farthest above their floor."""
    rated = [(ratio, one) for one in result.measures if (ratio := result.ratio(one)) is not None]
    return sorted(rated, key=lambda pair: -pair[0])[:number]
