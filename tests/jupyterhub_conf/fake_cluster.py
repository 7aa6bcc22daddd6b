"""Stands in for a cluster's API server and its kubelet, for one namespace: pods and claims, as far as the hub asks for them.

It allows what the chart's Role allows the hub, and answers 403 to all else. A pod "runs" when a web server answers at the address
that it is given. The real one is tested by tests/cluster.
"""

import asyncio
import datetime
import itertools
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiohttp import web

PODS, CLAIMS = "pods", "persistentvolumeclaims"
RIGHTS = {PODS: {"get", "list", "watch", "create", "delete"}, CLAIMS: {"get", "list", "create"}}
SESSION_PORT = 8888
NOW = "2026-03-02T12:00:00Z"
STATUS = {"name": "notebook", "image": "x", "imageID": "x", "restartCount": 0}
# From the making of a pod to its run.
TAKES_S = 0.3


class Session(BaseHTTPRequestHandler):
    """Answers any request of a session's server."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.end_headers()
        self.wfile.write(b"the session")

    def log_message(self, *_: object) -> None:
        return


class FakeCluster:
    """The objects by kind and name, the requests (verb and kind), and what it shall do with pods."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {PODS: {}, CLAIMS: {}}
        self.asked: list[tuple[str, str]] = []
        self.refused: list[tuple[str, str]] = []
        self.posted: list[dict[str, Any]] = []
        self.away = False
        self.starts = True
        """Whether pods that are made come to run."""
        self.waiting: dict[str, Any] | None = None
        """The status of pods that do not."""
        self.forbids = ""
        """Why an admission policy refuses pods."""
        self._events: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)
        self._addresses = itertools.count(1)
        self._servers: dict[str, ThreadingHTTPServer] = {}

    def add(self, kind: str, made: dict[str, Any]) -> dict[str, Any]:
        number = str(next(self._numbers))
        made = json.loads(json.dumps(made))
        made["metadata"] |= {
            "uid": f"uid-{number}",
            "creationTimestamp": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        made["status"] = {"phase": "Pending"}
        self.objects[kind][made["metadata"]["name"]] = made
        self._tell(kind, made, "ADDED")
        return made

    def schedule(self, pod: dict[str, Any]) -> None:
        """Do as a scheduler and a kubelet, unless the pod is gone already."""
        if pod is not self.objects[PODS].get(pod["metadata"]["name"]):
            return
        if self.starts:
            self.run(pod)
        elif self.waiting:
            self.change(pod["metadata"]["name"], **self.waiting)

    def run(self, pod: dict[str, Any]) -> None:
        """Do as a kubelet: give the pod an address at which its server answers, and say so."""
        # Of this process alone: another run may have its own pods at the same port.
        own = os.getpid() & 0xFFFF
        address = f"127.{64 + own % 64}.{own // 64 % 256}.{next(self._addresses)}"
        server = ThreadingHTTPServer((address, SESSION_PORT), Session)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        name = pod["metadata"]["name"]
        self._servers[name] = server
        status = {**STATUS, "ready": True, "state": {"running": {"startedAt": NOW}}}
        self.change(name, phase="Running", podIP=address, containerStatuses=[status])

    def end(self, name: str, **terminated: Any) -> None:
        """Let the session's container end by itself."""
        self._close(name)
        status = {**STATUS, "ready": False, "state": {"terminated": terminated}}
        self.change(name, phase="Failed", containerStatuses=[status])

    def change(self, name: str, **status: Any) -> None:
        self.objects[PODS][name]["status"] |= status
        self._tell(PODS, self.objects[PODS][name], "MODIFIED")

    def remove(self, kind: str, name: str) -> None:
        self._close(name)
        self._tell(kind, self.objects[kind].pop(name), "DELETED")

    def close(self) -> None:
        for name in list(self._servers):
            self._close(name)

    def _close(self, name: str) -> None:
        if server := self._servers.pop(name, None):
            server.shutdown()
            server.server_close()

    def _tell(self, kind: str, it: dict[str, Any], what: str) -> None:
        it["metadata"]["resourceVersion"] = str(next(self._numbers))
        self._events.append({"kind": kind, "type": what, "object": json.loads(json.dumps(it))})

    async def answer(self, request: web.Request) -> web.StreamResponse:
        kind, name = request.match_info["kind"], request.match_info.get("name")
        verb = {"POST": "create", "DELETE": "delete"}.get(request.method, "get" if name else "list")
        watches = request.query.get("watch") in {"true", "True"}
        verb = "watch" if watches else verb
        self.asked.append((verb, kind))
        if self.away:
            return _status(503, "the server is away")
        if verb not in RIGHTS.get(kind, ()):
            self.refused.append((verb, kind))
            return _status(403, f"{kind} is forbidden: cannot {verb}")
        selector = request.query.get("labelSelector", "")
        wanted = [part.partition("=") for part in selector.split(",") if part]

        def selected(it: dict[str, Any]) -> bool:
            has = it["metadata"].get("labels") or {}
            return all(
                name in has and (not sign or has[name] == value) for name, sign, value in wanted
            )

        if watches:
            return await self._watch(request, kind, selected)
        if verb == "create":
            return await self._create(request, kind)
        if verb == "list":
            items = [it for it in self.objects[kind].values() if selected(it)]
            version = str(next(self._numbers))
            return web.json_response({"items": items, "metadata": {"resourceVersion": version}})
        if name not in self.objects[kind]:
            return _status(404, f"{kind} {name} not found")
        if verb == "delete":
            self.remove(kind, name)
            return web.json_response({"kind": "Status", "status": "Success"})
        return web.json_response(self.objects[kind][name])

    async def _create(self, request: web.Request, kind: str) -> web.Response:
        made = await request.json()
        if self.forbids and kind == PODS:
            return _status(403, self.forbids)
        if made["metadata"]["name"] in self.objects[kind]:
            return _status(409, "AlreadyExists")
        self.posted.append(made)
        pod = self.add(kind, made)
        if kind == PODS:
            asyncio.get_running_loop().call_later(TAKES_S, self.schedule, pod)
        return web.json_response(pod, status=201)

    async def _watch(self, request: web.Request, kind: str, selected: Any) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        since, at = int(request.query.get("resourceVersion") or 0), 0
        until = asyncio.get_running_loop().time() + float(request.query.get("timeoutSeconds") or 5)
        while asyncio.get_running_loop().time() < until and not self.away:
            for event in self._events[at:]:
                it = event["object"]
                new = int(it["metadata"]["resourceVersion"]) > since
                if new and event["kind"] == kind and selected(it):
                    told = {"type": event["type"], "object": it}
                    await answer.write(json.dumps(told).encode() + b"\n")
            at = len(self._events)
            await asyncio.sleep(0.05)
        return answer


def _status(code: int, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "code": code, "message": message}, status=code)


@contextmanager
def fake_cluster(folder: Path, *, port: int) -> Iterator[FakeCluster]:
    """Serve a fake cluster, and write a kubeconfig that names it."""
    cluster = FakeCluster()
    loop = asyncio.new_event_loop()
    app = web.Application()
    for path in ("", "/{name}"):
        app.router.add_route("*", "/api/v1/namespaces/{namespace}/{kind}" + path, cluster.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def serve() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()

    loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    named = {"cluster": "fake", "user": "hub"}
    (folder / "kubeconfig").write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "fake",
                "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                "contexts": [{"name": "fake", "context": named}],
                "users": [{"name": "hub", "user": {"token": "t"}}],
            }
        )
    )
    try:
        yield cluster
    finally:
        cluster.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
