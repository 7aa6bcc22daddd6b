"""The last lines of a run: results, time and memory by part, failures, and what was not tested."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.junit import Case
from tests.server.tables import read_table, show_table

SLOWEST = 20
CAUSE = 200
"""Characters of a failure's message that are shown."""
WANTED_S, LATE_S = 30 * 60, 45 * 60
MEMORY_MB = 8000
"""Memory of all processes of a run without the boxes, above which the report warns."""


@dataclass(frozen=True)
class Part:
    """A part of the run; parts run in parallel. ``start`` is in seconds since the run began."""

    title: str
    start: float
    seconds: float


@dataclass
class Run:
    """The state of a run: results so far, failures, parts, and what was left out."""

    partial: str = ""
    cases: list[Case] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Steps that failed without a failing test: lint, a test box, a pytest that could not start."""
    left_out: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    interrupted: str = ""
    """The tests that were running when a user or the time limit stopped this run."""
    pace: float = 1.0
    memory: Mapping[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def take(self, title: str, *, started: float, seconds: float) -> None:
        self.parts.append(Part(title, started - self.began, seconds))

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        print(f"\n── {title}", flush=True)
        started = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - started
            self.take(title, started=started, seconds=seconds)
            print(f"── {title}: {seconds:.0f} s", flush=True)

    def count(self, outcome: str) -> int:
        return sum(case.outcome == outcome for case in self.cases)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def passed(self) -> bool:
        return bool(self.cases) and not self.broken and not self.count("failed")

    def tell(self, tables: tuple[str, ...]) -> None:
        """Print the tables, time and memory, what was left out, the failures, and the last line, which CI reads."""
        for name in tables:
            if rows := read_table(name):
                print(f"\n{name.capitalize()}:\n{show_table(rows)}")
        print("\nSlowest:")
        for case in sorted(self.cases, key=lambda case: -case.seconds)[:SLOWEST]:
            print(f"  {case.seconds:6.1f} s  {case.name}")
        print(
            f"\nTime by part (machine {self.pace:.1f} times slower than the limits were written on):"
        )
        print(
            show_table(
                [
                    {"part": one.title, "from s": round(one.start), "seconds": round(one.seconds)}
                    for one in sorted(self.parts, key=lambda one: one.start)
                ]
            )
        )
        print(
            f"\nMemory at most, MB: {', '.join(f'{part} {size:.0f}' for part, size in self.memory.items())}"
        )
        for advice in self.look_at():
            print(f"Look at: {advice}")
        print()
        for reason in self.left_out:
            print(f"  left out: {reason}")
        if self.partial:
            print(f"  PARTIAL, no proof of the whole: {self.partial}")
        for case in self.cases:
            if case.outcome == "failed":
                cause = " ".join(case.message.split())[:CAUSE]
                print(f"  failed: {case.name}" + (f": {cause}" if cause else ""))
        for title in self.broken:
            print(f"  failed: {title}")
        failed = self.count("failed") + len(self.broken)
        print(f"{self.count('passed')} passed, {failed} failed, {self.count('skipped')} skipped")

    def look_at(self) -> Iterator[str]:
        """Yield warnings about what takes too long or too much memory."""
        minutes = self.seconds / 60
        if self.seconds > LATE_S:
            yield f"LATE: {minutes:.0f} min, more than {LATE_S // 60}; {WANTED_S // 60} are wanted"
        elif not self.partial:
            yield f"{minutes:.0f} min as a whole ({WANTED_S // 60} are wanted)"
        if self.parts:
            last = max(self.parts, key=lambda one: one.start + one.seconds)
            yield f"« {last.title} », which ended last: whatever runs beside it costs no time"
        if (together := self.memory.get("together", 0)) > MEMORY_MB:
            yield f"memory: {together:.0f} MB beside the boxes, {MEMORY_MB} are wanted"
