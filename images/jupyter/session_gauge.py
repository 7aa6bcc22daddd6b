"""Jupyter server extension that tells JupyterLab's gauge what the session's container uses, of what it may.

It answers at the address of jupyter-resource-usage, in its form, in the place of that package's own answer: that one adds
up processes, and leaves out the files in memory (/tmp, /dev/shm) for which a session is stopped too.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

CGROUP = Path("/sys/fs/cgroup")
WARN_FROM = 0.9
NONE = 2**60  # what cgroup v1 says where there is no limit, at least


class Gauge:
    def __init__(self, root: Path = CGROUP, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._unified = (root / "cgroup.controllers").exists()
        self._clock = clock
        self._seen = (clock(), self._cpu_seconds())

    def read(self) -> dict[str, Any]:
        """Return the bytes in use, with their limit, and the share of the processors used since the last call."""
        used, limit = self._memory()
        memory: dict[str, Any] = {"rss": limit}
        if limit:
            memory["warn"] = used > WARN_FROM * limit
        before, (now, cpu) = self._seen, (self._clock(), self._cpu_seconds())
        self._seen = (now, cpu)
        share = (cpu - before[1]) / max(now - before[0], 0.001) / self.processors()
        return {
            "rss": used,
            "limits": {"memory": memory, "cpu": {"cpu": 1}},
            "cpu_percent": round(100 * min(max(share, 0), 1), 1),
            "cpu_count": self.processors(),
        }

    def processors(self) -> float:
        """Return the processors that the container may use; those of the machine if it has no limit."""
        if self._unified:
            quota, period = self._text("cpu.max").split()
        else:
            quota, period = self._text("cpu/cpu.cfs_quota_us"), self._text("cpu/cpu.cfs_period_us")
        limited = quota not in ("max", "-1")
        return int(quota) / int(period) if limited else float(os.cpu_count() or 1)

    def _memory(self) -> tuple[int, int]:
        """Return the bytes in use, without those of read files that the kernel can drop, and the limit, 0 if none."""
        if self._unified:
            used, limit, stat = "memory.current", "memory.max", "memory.stat"
        else:
            used, limit, stat = (
                f"memory/memory.{name}" for name in ("usage_in_bytes", "limit_in_bytes", "stat")
            )
        dropped = "inactive_file" if self._unified else "total_inactive_file"
        lines = dict(line.split() for line in self._text(stat).splitlines())
        most = self._text(limit)
        limited = most != "max" and int(most) < NONE
        return int(self._text(used)) - int(lines[dropped]), int(most) if limited else 0

    def _cpu_seconds(self) -> float:
        if self._unified:
            lines = dict(line.split() for line in self._text("cpu.stat").splitlines())
            return int(lines["usage_usec"]) / 1e6
        return int(self._text("cpuacct/cpuacct.usage")) / 1e9

    def _text(self, name: str) -> str:
        return (self._root / name).read_text().strip()


class GaugeHandler(APIHandler):
    def initialize(self, gauge: Gauge) -> None:
        super().initialize()
        self._gauge = gauge

    @web.authenticated
    def get(self) -> None:
        self.finish(self._gauge.read())


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "session_gauge"}]


def _load_jupyter_server_extension(server: Any) -> None:
    address = url_path_join(server.web_app.settings["base_url"], "api/metrics/v1")
    server.web_app.add_handlers(".*$", [(address, GaugeHandler, {"gauge": Gauge()})])
