"""Says in French under its cell that a kernel ended for lack of memory, with the limit and what to do.

JupyterLab's own words are that the kernel restarts, without a reason.
"""

import json
import os
import struct
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from jupyter_server.services.kernels.connection.base import (
    deserialize_binary_message,
    deserialize_msg_from_ws_v1,
)
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.ioloop import IOLoop

# Control groups of version 2, then of version 1. The session's own are mounted there.
COUNTERS = (
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
)
GIB = 2**30
V1 = "v1.kernel.websocket.jupyter.org"
# By the manager of each kernel.
_waiting: WeakKeyDictionary[Any, dict[str, dict[str, Any]]] = WeakKeyDictionary()


def kills(places: tuple[Path, ...] = COUNTERS) -> int:
    """Return how many processes of the session the kernel of the system has killed for its memory."""
    for place in places:
        try:
            lines = place.read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    return 0


def message(limit: int) -> str:
    """Return what stands under the cell. `limit`: the session's memory in bytes; 0 if it is not known."""
    size = f"{limit / GIB:.1f}".replace(".", ",").removesuffix(",0")
    of = f" ({size}\u00a0Gio)" if limit else ""
    return (
        f"\nLe noyau a été arrêté\u00a0: la mémoire de la session{of} était épuisée. Ses variables sont perdues, vos fichiers "
        "enregistrés sont intacts.\n"
        "Pour que le calcul tienne\u00a0: filtrez et regroupez en SQL avant de ramener des lignes, lisez moins de colonnes, "
        "effacez ce qui ne sert plus (del), fermez les autres noyaux, ou ouvrez une session d’un profil plus grand.\n"
    )


class Connection(ZMQChannelsWebsocketConnection):  # type: ignore[misc]
    """A notebook's connection to its kernel, which knows the cells that run or wait. All connections of a kernel share
    them: a browser that comes back did not send them itself."""

    _kills = 0

    def connect(self) -> Any:
        self._kills = kills()
        return super().connect()

    @property
    def _cells(self) -> dict[str, dict[str, Any]]:
        """The headers of the requests to run cells that have no reply yet, the running one first."""
        return _waiting.setdefault(self.kernel_manager, {})

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        header = self._header(incoming_msg)
        if header.get("msg_type") == "execute_request":
            self._cells[header["msg_id"]] = header
        super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        channel = stream if isinstance(stream, str) else getattr(stream, "channel", None)
        if channel == "shell":
            _, parts = self.session.feed_identities(outgoing_msg)
            parent = self.session.unpack(parts[2])
            self._cells.pop(parent.get("msg_id"), None)
        super().handle_outgoing_message(stream, outgoing_msg)

    def on_kernel_restarted(self) -> None:
        self._say()
        super().on_kernel_restarted()

    def on_restart_failed(self) -> None:
        self._say()
        super().on_restart_failed()

    def _say(self) -> None:
        """Write under the cell that ran, if the system has killed a process for its memory meanwhile."""
        now, before = kills(), self._kills
        self._kills = now
        cells = self._cells
        if cells and now > before:
            limit = int(os.environ.get("MEM_LIMIT") or 0)
            self.write_stderr(message(limit), next(iter(cells.values())))
        # After the other connections of the kernel have said so too.
        IOLoop.current().call_later(1, cells.clear)

    def _header(self, incoming: Any) -> dict[str, Any]:
        """Return the header of a message from the browser; empty if it cannot be read."""
        try:
            if self.subprotocol == V1:
                _, parts = deserialize_msg_from_ws_v1(incoming)
                header = self.session.unpack(parts[0])
            elif isinstance(incoming, bytes):
                header = deserialize_binary_message(incoming)["header"]
            else:
                header = json.loads(incoming)["header"]
        except (ValueError, KeyError, IndexError, TypeError, struct.error):
            return {}
        return header if isinstance(header, dict) and "msg_id" in header else {}
