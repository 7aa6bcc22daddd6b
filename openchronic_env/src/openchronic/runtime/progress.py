"""Shows the progress of a build: a bar on a terminal, a line from time to time elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

# The time between two lines of one step without a terminal: long steps are visible, journals stay
# short.
PACE_S = 30.0


class Tick(Protocol):
    """Reports that ``done`` more units of a step are finished."""

    def __call__(self, done: int = 1) -> None: ...


@dataclass
class Step:
    """The progress of a step: ``done`` of ``total`` ``unit`` after ``seconds``.

    ``unit``: the plural of what is counted, ``bytes`` being shown as MB; empty where the step has no units.
    """

    total: int
    unit: str = ""
    done: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float | None:
        """Returns the units per second; None before the first is done."""
        return self.done / self.seconds if self.done and self.seconds else None

    @property
    def left_s(self) -> float | None:
        """Returns the seconds that the rest takes at this rate, counted from when the last unit was done."""
        return max(self.total - self.done, 0) / self.rate if self.rate else None

    def summary(self) -> str:
        """Returns ``12 of 60 months, 0.40 months/s``; for a finished step ``60 months, 0.40 months/s``."""
        if not self.unit:
            return ""
        parts = [_amount(self.total, self.unit)]
        if self.done < self.total:
            parts[0] = f"{_amount(self.done, self.unit)} of {parts[0]}"
        if self.rate:
            parts.append(f"{_amount(self.rate, self.unit)}/s")
        return ", ".join(parts)


@dataclass
class Steps:
    """Shows steps on ``console`` and records how long each took."""

    console: Console
    quiet: bool = False
    pace_s: float = PACE_S
    taken: dict[str, Step] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str, *, total: int = 1, unit: str = "") -> Iterator[Tick]:
        """Runs one named step of ``total`` units."""
        step = Step(total, unit)
        start = time.monotonic()
        if self.console.is_terminal and not self.quiet:
            with _bar(self.console) as bar:
                task = bar.add_task(title, total=total, step=step)
                yield self._counting(step, start, lambda: bar.update(task, completed=step.done))
                bar.update(task, completed=total)
        else:
            yield self._counting(step, start, self._at_pace(title, step))
        step.seconds = time.monotonic() - start
        self.taken[title] = step
        if not self.quiet and not self.console.is_terminal:
            self.say(", ".join(filter(None, (f"{title}: {step.seconds:.1f} s", step.summary()))))

    def say(self, text: str) -> None:
        """Prints a line that stays."""
        if not self.quiet:
            self.console.print(text, soft_wrap=True, markup=False, highlight=False)

    def warn(self, text: str) -> None:
        """Prints a line that stays, even in quiet mode."""
        self.console.print(f"warning: {text}", soft_wrap=True, markup=False, highlight=False)

    def warned(self, notes: Iterable[str]) -> list[str]:
        """Prints each of ``notes`` as ``warn`` does, and returns them."""
        notes = list(notes)
        for note in notes:
            self.warn(note)
        return notes

    def _counting(self, step: Step, start: float, show: Callable[[], None]) -> Tick:
        def tick(done: int = 1) -> None:
            step.done += done
            step.seconds = time.monotonic() - start
            show()

        return tick

    def _at_pace(self, title: str, step: Step) -> Callable[[], None]:
        """Returns a function that prints the progress of ``step`` when the last line on it is old enough."""
        said = 0.0

        def show() -> None:
            nonlocal said
            if step.left_s and step.seconds - said >= self.pace_s:
                said = step.seconds
                self.say(f"{title}: {step.summary()}, {duration(step.left_s)} left")

        return show


class _Pace(ProgressColumn):
    """A column with the progress of a step, its rate, and the time left."""

    def render(self, task: Task) -> Text:
        step: Step = task.fields["step"]
        left = step.left_s
        if left is None or not step.unit:
            return Text(step.summary())
        # The estimate dates from the last unit done: the time since then is subtracted.
        waited = (task.elapsed or 0.0) - step.seconds
        return Text(f"{step.summary()}, {duration(max(left - waited, 0.0))} left")


def duration(seconds: float) -> str:
    """Returns ``45 s``, ``12 min``, ``3 h 05``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02}"


def _amount(number: float, unit: str) -> str:
    if unit == "bytes":
        return f"{number / 1e6:,.1f} MB"
    if number == 1:
        return f"1 {unit.removesuffix('s')}"
    return (
        f"{number:,.0f} {unit}"
        if number >= 100 or number == int(number)
        else f"{number:.2g} {unit}"
    )


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
        _Pace(),
        console=console,
    )
