"""Jupyter server extension that shows the pages of Dask and Spark, which listen on the session's loopback, to its user.

A page is known by a file `<engine>-<port>` in a folder of the session; `openchronic` leaves it there (its `api/pages.py`).
They can be read, and nothing else: no request but GET goes through, and no other port is reached.
"""

import os
import re
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import url_path_join
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, authenticated
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketHandler,
    websocket_connect,
)

ENGINES = {"dask": "Dask", "spark": "Spark"}
# Read by openchronic in the session's kernels, which get this server's environment.
FOLDER, ADDRESS = "ENGINE_PAGES", "ENGINE_PAGES_ADDRESS"
LOOPBACK = "127.0.0.1"
# Of an answer: cookies would be the session's own, and the connection is another one.
PASSED_ON = ("Content-Type", "Cache-Control", "Etag", "Last-Modified")
LONGEST_S = 60
LARGEST = 64 << 20
EMPTY = "Aucune page : ouvrez un calcul par <code>oc.dask_cluster()</code> ou <code>oc.spark(ui=True)</code>."


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "engine_pages"}]


def _load_jupyter_server_extension(server: Any) -> None:
    folder = Path(jupyter_runtime_dir()) / "engine-pages"
    base = server.web_app.settings["base_url"]
    os.environ |= {FOLDER: str(folder), ADDRESS: base}
    place = url_path_join(base, f"({'|'.join(ENGINES)})")
    options = {"folder": folder, "base": base}
    server.web_app.add_handlers(
        ".*$",
        [
            (rf"{place}/?", Pages, options),
            (rf"{place}/(\d+)/(.*/ws)", Messages, options),
            (rf"{place}/(\d+)/(.*)", Page, options),
        ],
    )


class Behind(JupyterHandler):
    """What the handlers share: which pages there are."""

    def initialize(self, folder: Path, base: str) -> None:
        self.folder, self.base = folder, base

    def inside(self, scheme: str, engine: str, port: str, path: str) -> str:
        """Return the address of a page in the session. Raises HTTPError where openchronic opened none at this port."""
        if not (self.folder / f"{engine}-{port}").is_file():
            raise HTTPError(404)
        query = f"?{self.request.query}" if self.request.query else ""
        return f"{scheme}://{LOOPBACK}:{port}/{path}{query}"

    def outside(self, engine: str, port: str) -> str:
        return f"{self.base}{engine}/{port}"


class Pages(Behind):
    """The list of an engine's pages."""

    @authenticated
    def get(self, engine: str) -> None:
        found = sorted(self.folder.glob(f"{engine}-*"))
        ports = [port for path in found if (port := path.name.rpartition("-")[2]).isdigit()]
        links = "".join(
            f'<li><a href="{escape(self.outside(engine, port))}/">{ENGINES[engine]}, {port}</a></li>'
            for port in ports
        )
        self.finish(
            f'<!DOCTYPE html><html lang="fr"><meta charset="utf-8"><title>{ENGINES[engine]}</title>'
            f"<main><h1>{ENGINES[engine]}</h1>{f'<ul>{links}</ul>' if links else f'<p>{EMPTY}</p>'}</main></html>"
        )


class Page(Behind):
    """A page, fetched from the engine."""

    @authenticated
    async def get(self, engine: str, port: str, path: str) -> None:
        request = HTTPRequest(
            self.inside("http", engine, port, path),
            headers={
                # Spark begins its links with it; Dask's are relative.
                "X-Forwarded-Context": self.outside(engine, port),
                "Accept": self.request.headers.get("Accept", "*/*"),
            },
            follow_redirects=False,
            request_timeout=LONGEST_S,
        )
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        except OSError:
            (self.folder / f"{engine}-{port}").unlink(missing_ok=True)
            raise HTTPError(404, "Ce calcul est terminé : sa page n’existe plus.") from None
        if answer.code == 599:
            raise HTTPError(504)
        self.set_status(answer.code)
        for name in PASSED_ON:
            if value := answer.headers.get(name):
                self.set_header(name, value)
        if place := answer.headers.get("Location"):
            self.set_header("Location", self._led(place, engine, port))
        if answer.body:
            self.write(answer.body)
        self.finish()

    def _led(self, place: str, engine: str, port: str) -> str:
        """Return where a redirect leads in the browser: what is an address of the engine's own host is one of the page."""
        path = re.sub(rf"^https?://{re.escape(LOOPBACK)}(:{port})?(?=/|$)", "", place)
        if re.match(r"[a-z]+:|//", path, re.IGNORECASE):
            raise HTTPError(502)
        outside = self.outside(engine, port)
        return (
            f"{outside}{path}"
            if path.startswith("/") and not path.startswith(f"{outside}/")
            else path
        )


class Messages(WebSocketMixin, WebSocketHandler, Behind):
    """The connection by which a page of Dask gets its figures."""

    engine: WebSocketClientConnection | None = None

    @ws_authenticated
    async def get(self, engine: str, port: str, path: str) -> None:
        words = self.request.headers.get("Sec-WebSocket-Protocol", "")
        self.engine = await websocket_connect(
            self.inside("ws", engine, port, path),
            connect_timeout=LONGEST_S,
            subprotocols=[word.strip() for word in words.split(",") if word.strip()] or None,
            max_message_size=LARGEST,
        )
        await super().get(engine, port, path)

    def open(self, *_: str) -> None:
        # Only now: what the engine says before the browser listens would be lost.
        IOLoop.current().add_callback(self._listen)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        del subprotocols
        return self.engine.selected_subprotocol if self.engine else None

    async def _listen(self) -> None:
        assert self.engine is not None
        with suppress(WebSocketClosedError):
            while (message := await self.engine.read_message()) is not None:
                await self.write_message(message, binary=isinstance(message, bytes))
        self.close()

    async def on_message(self, message: str | bytes) -> None:
        assert self.engine is not None
        with suppress(WebSocketClosedError):
            await self.engine.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        if self.engine is not None:
            self.engine.close()
