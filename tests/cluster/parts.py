"""What `make test-cluster` took: time by part, and the memory of the node's processes at most."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench.process_tree import pss_mb, tree

EVERY_S = 5.0


class Parts:
    """A plugin of pytest: parts that fixtures name, and each file of tests without these."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.node_mb = 0.0
        """Megabytes of the node's processes together (sum of PSS), at most."""
        self._named = 0.0
        self._began = time.monotonic()
        self._seen = 0.0

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self._take(name, time.monotonic() - began)
            self._named += time.monotonic() - began

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # What a fixture named is within the time of the test that asked for it first.
        within, self._seen = self._named - self._seen, self._named
        self._take(Path(report.nodeid.partition("::")[0]).name, max(report.duration - within, 0))

    @contextmanager
    def watching(self, pid: Callable[[], int | None]) -> Iterator[None]:
        """Watch the memory of a process with its descendants; another one may take its place."""
        end = threading.Event()

        def look() -> None:
            while not end.wait(EVERY_S):
                if (now := pid()) is not None:
                    self.node_mb = max(self.node_mb, sum(map(pss_mb, tree(now))))

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join()

    def tell(self) -> str:
        lines = [f"  {seconds:6.0f} s  {name}" for name, seconds in self.seconds.items()]
        whole = f"  {time.monotonic() - self._began:6.0f} s  in all"
        memory = f"Memory of the node's processes at most: {self.node_mb / 1000:.1f} GB"
        told = [memory] if self.node_mb else []
        return "\n".join(["Time by part:", *lines, whole, *told])

    def _take(self, name: str, seconds: float) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


parts = Parts()
