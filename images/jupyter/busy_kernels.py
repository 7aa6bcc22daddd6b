"""Server extension: a kernel that computes counts as activity, also while it prints nothing."""

from datetime import UTC, datetime
from typing import Any

from tornado.ioloop import PeriodicCallback

EVERY_SECONDS = 15
# The server takes the latest of all its settings that end so, and reports it to the hub.
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
    """By itself the server counts a kernel's messages, and a long silent query sends none."""
    kernels = (manager.get_kernel(kernel_id) for kernel_id in manager.list_kernel_ids())
    return any(getattr(kernel, "execution_state", None) == "busy" for kernel in kernels)
