"""What a build is doing: a bar when somebody looks, one line per step otherwise."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Tick(Protocol):
    """Tells that ``done`` more units of a step are finished."""

    def __call__(self, done: int = 1) -> None: ...


@dataclass
class Steps:
    """Shows steps on ``console`` and remembers their seconds."""

    console: Console
    quiet: bool = False
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str, *, total: int = 1) -> Iterator[Tick]:
        """One named step of ``total`` units."""
        start = time.monotonic()
        if self.quiet:
            yield _silent
        elif self.console.is_terminal:
            with _bar(self.console) as bar:
                task = bar.add_task(title, total=total)
                yield lambda done=1: bar.advance(task, done)
                bar.update(task, completed=total)
        else:
            yield _silent
        self.seconds[title] = self.seconds.get(title, 0) + time.monotonic() - start
        if not self.quiet and not self.console.is_terminal:
            self.say(f"{title}: {time.monotonic() - start:.1f} s")

    def say(self, text: str) -> None:
        """A line that stays."""
        if not self.quiet:
            self.console.print(text, soft_wrap=True, markup=False, highlight=False)

    def warn(self, text: str) -> None:
        """A line that stays, said even when quiet."""
        self.console.print(f"warning: {text}", soft_wrap=True, markup=False, highlight=False)


def _silent(done: int = 1) -> None:
    del done


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
