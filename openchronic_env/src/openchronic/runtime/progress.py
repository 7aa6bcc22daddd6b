"""What a build is doing: a bar when somebody looks, now and then a line otherwise."""

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

# Between two lines of one step where nobody looks: a long step is seen to live, a journal stays short.
PACE_S = 30.0


class Tick(Protocol):
    """Tells that ``done`` more units of a step are finished."""

    def __call__(self, done: int = 1) -> None: ...


@dataclass
class Step:
    """How far a step is: ``done`` of ``total`` ``unit`` after ``seconds``.

    ``unit``: the plural of what is counted, ``bytes`` being told as MB; empty: it is done or not.
    """

    total: int
    unit: str = ""
    done: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float | None:
        """Units per second; None before the first is done."""
        return self.done / self.seconds if self.done and self.seconds else None

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest takes at this rate, from when the last unit was done."""
        return max(self.total - self.done, 0) / self.rate if self.rate else None

    def told(self) -> str:
        """``12 of 60 months, 0.40 months/s``; of a finished step ``60 months, 0.40 months/s``."""
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
    """Shows steps on ``console`` and remembers what each took."""

    console: Console
    quiet: bool = False
    pace_s: float = PACE_S
    taken: dict[str, Step] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str, *, total: int = 1, unit: str = "") -> Iterator[Tick]:
        """One named step of ``total`` units."""
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
            self.say(", ".join(filter(None, (f"{title}: {step.seconds:.1f} s", step.told()))))

    def say(self, text: str) -> None:
        """A line that stays."""
        if not self.quiet:
            self.console.print(text, soft_wrap=True, markup=False, highlight=False)

    def warn(self, text: str) -> None:
        """A line that stays, said even when quiet."""
        self.console.print(f"warning: {text}", soft_wrap=True, markup=False, highlight=False)

    def warned(self, notes: Iterable[str]) -> list[str]:
        """As ``warn`` of each of them, which are handed back."""
        told = list(notes)
        for note in told:
            self.warn(note)
        return told

    def _counting(self, step: Step, start: float, show: Callable[[], None]) -> Tick:
        def tick(done: int = 1) -> None:
            step.done += done
            step.seconds = time.monotonic() - start
            show()

        return tick

    def _at_pace(self, title: str, step: Step) -> Callable[[], None]:
        """Says how far ``step`` is, when the last word on it is old enough."""
        said = 0.0

        def show() -> None:
            nonlocal said
            if step.left_s and step.seconds - said >= self.pace_s:
                said = step.seconds
                self.say(f"{title}: {step.told()}, {duration(step.left_s)} left")

        return show


class _Told(ProgressColumn):
    """How far, how fast, and how long it still takes."""

    def render(self, task: Task) -> Text:
        step: Step = task.fields["step"]
        left = step.left_s
        if left is None or not step.unit:
            return Text(step.told())
        # The estimate is of the last unit done: what has passed since then has been waited for.
        waited = (task.elapsed or 0.0) - step.seconds
        return Text(f"{step.told()}, {duration(max(left - waited, 0.0))} left")


def duration(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3 h 05``."""
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
        _Told(),
        console=console,
    )
