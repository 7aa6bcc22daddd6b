"""Jupyter server extension that counts a computing kernel as activity, even while it sends no message, and a run of
`openchronic run`, which needs no browser."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tornado.ioloop import PeriodicCallback

EVERY_SECONDS = 15
# The server reports to the hub the latest date among all its settings that end in `_last_activity`.
# Each run touches a file there every ten seconds while it goes on (openchronic/runs/supervise.py).
RUNS = Path("/tmp/openchronic-runs")  # noqa: S108 - a session's /tmp is its own
FRESH_SECONDS = 60
SETTING = "busy_kernels_last_activity"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "busy_kernels"}]


def _load_jupyter_server_extension(server: Any) -> None:
    def note() -> None:
        if any_busy(server.kernel_manager) or any_run():
            server.web_app.settings[SETTING] = datetime.now(UTC)

    callback = PeriodicCallback(note, EVERY_SECONDS * 1000)
    callback.start()


def any_busy(manager: Any) -> bool:
    """Whether a kernel is computing. The server itself only counts messages, and a long query sends none."""
    kernels = (manager.get_kernel(kernel_id) for kernel_id in manager.list_kernel_ids())
    return any(getattr(kernel, "execution_state", None) == "busy" for kernel in kernels)


def any_run(folder: Path = RUNS) -> bool:
    """Whether a run goes on: a killed one has stopped touching its file."""
    now = time.time()
    try:
        return any(now - one.stat().st_mtime < FRESH_SECONDS for one in folder.iterdir())
    except OSError:
        return False
