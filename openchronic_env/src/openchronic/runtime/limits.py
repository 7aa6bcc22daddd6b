"""Finds how much memory and how many processors this session may use, and how much of the memory it does."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
# cgroup v1 writes "no limit" as a number close to 2^63.
UNLIMITED = 1 << 60


def memory_limit() -> int:
    """Returns the limit in bytes: OPENCHRONIC_MEMORY, else MEM_LIMIT (JupyterHub), the cgroup's, the machine's."""
    for name in ("OPENCHRONIC_MEMORY", "MEM_LIMIT"):
        if (value := os.environ.get(name, "")).isdigit():
            return int(value)
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [
        _number(path)
        for path in (
            *(folder / "memory.max" for folder in _own_cgroups()),
            CGROUP / "memory" / "memory.limit_in_bytes",
        )
    ]
    return min([machine, *(limit for limit in limits if limit and limit < UNLIMITED)])


def thread_limit() -> int:
    """Returns the number of threads: OPENCHRONIC_THREADS, else CPU_LIMIT (JupyterHub), the cgroup's, the
    processors'."""
    if (value := os.environ.get("OPENCHRONIC_THREADS", "")).isdigit():
        return max(1, int(value))
    try:
        return max(1, math.ceil(float(os.environ["CPU_LIMIT"])))
    except (KeyError, ValueError):
        pass
    processors = len(os.sched_getaffinity(0))
    return max(1, min([processors, *(math.ceil(quota) for quota in _quotas())]))


def memory_used() -> int:
    """Returns the bytes that count against the session's limit; those of this process where no cgroup has a limit.

    Cached files that nothing reads any more are left out: the kernel gives them up before a limit is met.
    """
    for folder, limit, usage, unread in (
        *((own, "memory.max", "memory.current", "inactive_file") for own in _own_cgroups()),
        (
            CGROUP / "memory",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file",
        ),
    ):
        if (_number(folder / limit) or UNLIMITED) < UNLIMITED:
            return max(0, (_number(folder / usage) or 0) - _counted(folder / "memory.stat", unread))
    # The second number: resident pages.
    pages = _text(Path("/proc/self/statm")).split()[1:2]
    return int(pages[0]) * os.sysconf("SC_PAGE_SIZE") if pages else 0


def _counted(file: Path, name: str) -> int:
    """Returns a figure of a ``memory.stat``; 0 where it has none of that name."""
    words = (line.split() for line in _text(file).splitlines())
    return next((int(value) for key, value in words if key == name), 0)


def _quotas() -> list[float]:
    quotas = []
    for folder in _own_cgroups():
        words = _text(folder / "cpu.max").split()
        if len(words) == 2 and words[0] != "max":
            quotas.append(int(words[0]) / int(words[1]))
    quota = _number(CGROUP / "cpu" / "cpu.cfs_quota_us")
    period = _number(CGROUP / "cpu" / "cpu.cfs_period_us")
    if quota and period:
        quotas.append(quota / period)
    return quotas


def _own_cgroups() -> list[Path]:
    """Returns the cgroup (v2) of this process and those above it: each may hold a limit."""
    own = next(
        (
            line.split("::", 1)[1]
            for line in _text(Path("/proc/self/cgroup")).splitlines()
            if line.startswith("0::")
        ),
        "/",
    )
    here = CGROUP / own.strip("/")
    return [here, *(folder for folder in here.parents if folder.is_relative_to(CGROUP))]


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
