"""Measures the peak memory of a run and of its parts, every few seconds while it runs."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from tests.bench.process_tree import pss_mb, tree

EVERY_S = 5.0


class MemoryWatch:
    """Records the peak memory (sum of PSS) of each watched process with its descendants."""

    def __init__(self) -> None:
        self.peaks: dict[str, float] = {}
        """Peak megabytes by part; that of `all of them` at once is less than the sum of the peaks."""
        self._watched: dict[str, int] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def watch(self, part: str, pid: int) -> None:
        self._watched = {**self._watched, part: pid}

    def stop(self) -> Mapping[str, float]:
        self._end.set()
        self._thread.join()
        return self.peaks

    def _run(self) -> None:
        while not self._end.wait(EVERY_S):
            now = {part: sum(map(pss_mb, tree(pid))) for part, pid in self._watched.items()}
            for part, size in {**now, "together": sum(now.values())}.items():
                self.peaks[part] = max(self.peaks.get(part, 0.0), size)
