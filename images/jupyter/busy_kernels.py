"""Jupyter server extension that counts a computing kernel as activity, even while it sends no message."""

from datetime import UTC, datetime
from typing import Any

from tornado.ioloop import PeriodicCallback

EVERY_SECONDS = 15
# The server reports to the hub the latest date among all its settings that end in `_last_activity`.
SETTING = "busy_kernels_last_activity"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "busy_kernels"}]


def _load_jupyter_server_extension(server: Any) -> None:
    def note() -> None:
        if any_busy(server.kernel_manager):
            server.web_app.settings[SETTING] = datetime.now(UTC)

    callback = PeriodicCallback(note, EVERY_SECONDS * 1000)
    callback.start()


def any_busy(manager: Any) -> bool:
    """Whether a kernel is computing. The server itself only counts messages, and a long query sends none."""
    kernels = (manager.get_kernel(kernel_id) for kernel_id in manager.list_kernel_ids())
    return any(getattr(kernel, "execution_state", None) == "busy" for kernel in kernels)
