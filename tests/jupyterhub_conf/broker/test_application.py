"""The broker over HTTP: who asks, what is theirs, and how many. STAND-INS: the hub (tokens), and the cluster (its pods)."""

import asyncio
import copy
import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from broker.application import application
from broker.asking import Broker
from broker.errors import Refused
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from tests.jupyterhub_conf.broker.session import asked, session
from tests.jupyterhub_conf.broker.test_templates import TLS

PODS = "/broker/k8s/api/v1/namespaces/bigdata-work/pods"
SESSION_OF = "users:activity!user={}"
USERS = {
    "a" * 32: {"kind": "user", "name": "alix", "scopes": [SESSION_OF.format("alix")]},
    "b" * 32: {"kind": "user", "name": "blanche", "scopes": [SESSION_OF.format("blanche")]},
    "c" * 32: {"kind": "user", "name": "camille", "scopes": [SESSION_OF.format("camille")]},
    # A page that may know who its user is; a service.
    "d" * 32: {"kind": "user", "name": "alix", "scopes": ["access:servers!user=alix"]},
    "e" * 32: {"kind": "service", "name": "culler", "scopes": ["list:users"]},
}
ALIX, BLANCHE, CAMILLE, PAGE, SERVICE = USERS


class Cluster:
    """Pods in memory. `fails_after`: the cluster refuses pods from this number on."""

    namespace = "bigdata-work"

    def __init__(self) -> None:
        self.pods: dict[str, dict[str, Any]] = {}
        self.fails_after = 1000

    async def session(self, login: str) -> dict[str, Any] | None:
        if login == "camille":
            return None
        found = session(login)
        if login == "blanche":
            (container,) = found["spec"]["containers"]
            container["resources"]["limits"]["memory"] = "3Gi"
        return found

    async def of(
        self, login: str, *, chosen: Callable[[Mapping[str, str]], bool] = lambda _: True
    ) -> list[dict[str, Any]]:
        # Whoever counts and then makes, without holding on, is overtaken here.
        await asyncio.sleep(0.01)
        labels = "bigdata.openchronic/owner"
        return [
            copy.deepcopy(one)
            for one in self.pods.values()
            if one["metadata"]["labels"][labels] == login and chosen(one["metadata"]["labels"])
        ]

    async def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0.01)
        name = manifest["metadata"]["name"]
        if name in self.pods or len(self.pods) >= self.fails_after:
            raise Refused("exceeded quota:\n memory")
        self.pods[name] = {**manifest, "status": {"phase": "Pending"}}
        return self.pods[name]

    async def delete(self, name: str) -> None:
        self.pods.pop(name, None)


class User(RequestHandler):  # type: ignore[misc]  # tornado has no types
    def get(self) -> None:
        token = self.request.headers["Authorization"].removeprefix("token ")
        if token in USERS:
            self.write(USERS[token])
        else:
            self.set_status(403)


class Served:
    def __init__(self, cluster: Cluster, port: int) -> None:
        self.cluster, self.port = cluster, port

    def __call__(
        self, method: str, path: str, given: object = None, *, token: str = ALIX
    ) -> tuple[int, Any]:
        body = given if isinstance(given, bytes) else json.dumps(given).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if given is None else body,
            headers={"Authorization": f"Bearer {token}"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def names(self) -> set[str]:
        return set(self.cluster.pods)


@pytest.fixture
def ask() -> Iterator[Served]:
    yield from served(hub_there=True)


@pytest.fixture
def ask_without_hub() -> Iterator[Served]:
    yield from served(hub_there=False)


def served(*, hub_there: bool) -> Iterator[Served]:
    cluster, ready, loops = Cluster(), threading.Event(), []
    ports: list[int] = []

    async def main() -> None:
        servers = [HTTPServer(Application([("/hub/api/user", User)]))] if hub_there else []
        hub = bind_sockets(0, "127.0.0.1", family=socket.AF_INET)
        if hub_there:
            servers[0].add_sockets(hub)
        else:
            for one in hub:
                one.close()
        broker = Broker(
            pods=cluster,  # type: ignore[arg-type]  # the stand-in
            hub=f"http://127.0.0.1:{hub[0].getsockname()[1] if hub_there else 9}",
            most=3,
            scratch_gb=1,
            user_bytes=8 << 30,
        )
        sockets = bind_sockets(0, "127.0.0.1", family=socket.AF_INET)
        servers.append(HTTPServer(application(broker)))
        servers[-1].add_sockets(sockets)
        ports.append(sockets[0].getsockname()[1])
        end = asyncio.Event()
        loops.append((asyncio.get_running_loop(), end))
        ready.set()
        await end.wait()
        for one in servers:
            one.stop()
            await one.close_all_connections()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    assert ready.wait(30)
    yield Served(cluster, ports[0])
    loop, end = loops[0]
    loop.call_soon_threadsafe(end.set)
    thread.join(30)


def of_number(number: int) -> dict[str, Any]:
    return asked(SPARK_EXECUTOR_ID=str(number))


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("", 401),
        ("f" * 32, 401),
        ("a" * 31 + "'", 401),
        ("a" * 5000, 401),
        (PAGE, 401),
        (SERVICE, 401),
        (CAMILLE, 403),
        (ALIX, 200),
    ],
)
def test_only_a_running_session_is_answered(ask: Served, token: str, status: int) -> None:
    for method, path in (("GET", PODS), ("GET", "/broker/workers")):
        assert ask(method, path, token=token)[0] == status
    if status != 200:
        assert ask("POST", PODS, asked(), token=token)[0] == status
        assert ask.names() == set()


def test_without_the_hub_nobody_is_answered(ask_without_hub: Served) -> None:
    status, said = ask_without_hub("POST", PODS, asked())
    assert (status, said["message"]) == (503, "The hub does not answer")
    assert ask_without_hub.names() == set()


def test_a_session_sees_and_removes_its_own_executors_only(ask: Served) -> None:
    ask("POST", PODS, asked())
    ask("POST", PODS, asked(), token=BLANCHE)
    assert ask.names() == {"executor-alix-3009186a3686-1", "executor-blanche-3009186a3686-1"}
    (mine,) = ask("GET", PODS)[1]["items"]
    assert mine["metadata"]["name"] == "executor-alix-3009186a3686-1"
    assert ask("GET", f"{PODS}/executor-blanche-3009186a3686-1")[0] == 404
    assert ask("DELETE", f"{PODS}/executor-blanche-3009186a3686-1")[0] == 404
    assert ask("DELETE", f"{PODS}/session-blanche")[0] == 404
    assert ask("DELETE", f"{PODS}?labelSelector=spark-role%3Dexecutor")[0] == 200
    assert ask.names() == {"executor-blanche-3009186a3686-1"}


def test_what_spark_is_told_of_a_pod_holds_nothing_that_it_mounts(ask: Served) -> None:
    status, made = ask("POST", PODS, asked())
    assert status == 201
    assert set(made["spec"]) == {"containers"}
    assert "annotations" not in made["metadata"]
    assert "_SPARK_AUTH_SECRET" not in json.dumps([made, ask("GET", PODS)[1]])


def test_a_session_has_so_many_executors_and_no_more(ask: Served) -> None:
    assert [ask("POST", PODS, of_number(one))[0] for one in range(1, 5)] == [201, 201, 201, 403]
    status, said = ask("POST", "/broker/workers", {"workers": 1, "tls": TLS})
    assert (status, said["message"]) == (403, "A session has at most 3 executors and workers")
    # One that has ended leaves its place.
    ask.cluster.pods["executor-alix-3009186a3686-2"]["status"]["phase"] = "Failed"
    assert ask("POST", PODS, of_number(5))[0] == 201
    assert "executor-alix-3009186a3686-2" not in ask.names()


def test_the_memory_of_a_user_counts_the_session_too(ask: Served) -> None:
    # 8 GiB are two and a half times the session's 3: itself, and one executor.
    assert ask("POST", PODS, of_number(1), token=BLANCHE)[0] == 201
    status, said = ask("POST", PODS, of_number(2), token=BLANCHE)
    assert (status, said["message"]) == (403, "The pods of one user have at most 8192 MiB together")


def test_requests_at_once_do_not_pass_the_limit(ask: Served) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda one: ask("POST", PODS, of_number(one))[0], range(1, 9)))
    assert sorted(got) == [201] * 3 + [403] * 5
    assert len(ask.names()) == 3


def test_workers_come_all_or_none(ask: Served) -> None:
    ask.cluster.fails_after = 2
    status, said = ask("POST", "/broker/workers", {"workers": 3, "tls": TLS})
    assert (status, said["message"]) == (403, "exceeded quota: memory")
    assert ask.names() == set()
    ask.cluster.fails_after = 9
    assert ask("POST", "/broker/workers", {"workers": 3, "tls": TLS})[0] == 201
    assert len(ask("GET", "/broker/workers")[1]["workers"]) == 3
    # Spark's removals touch no worker of Dask.
    ask("DELETE", PODS)
    assert len(ask.names()) == 3
    ask("DELETE", "/broker/workers")
    assert ask.names() == set()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/broker/k8s/api/v1/namespaces/bigdata/pods"),
        ("GET", "/broker/k8s/api/v1/namespaces/bigdata-work/secrets"),
        ("GET", "/broker/k8s/api/v1/pods"),
        ("POST", "/broker/k8s/api/v1/namespaces/bigdata-work/pods/x/exec"),
        ("GET", f"{PODS}/executor-alix-1/log"),
        ("GET", f"{PODS}?watch=true&labelSelector=app.kubernetes.io/component%3Dsession"),
        ("PUT", f"{PODS}/executor-alix-1"),
        ("PATCH", f"{PODS}/executor-alix-1"),
        ("GET", "/broker/k8s/apis/apps/v1/namespaces/bigdata-work/deployments"),
        ("GET", "/hub/api/user"),
        ("GET", "/"),
    ],
)
def test_nothing_else_of_a_cluster_is_answered(ask: Served, method: str, path: str) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{ask.port}{path}",
        headers={"Authorization": f"Bearer {ALIX}"},
        method=method,
    )
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=30)  # noqa: S310
    assert error.value.code in {400, 404, 405}


def test_it_says_that_it_is_well(ask: Served) -> None:
    assert ask("GET", "/health", token="") == (200, {"status": "ok"})


SPARKS = asked()
DRIVERS = "spark://CoarseGrainedScheduler@10.1.0.7:"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff\xfe\x00", b"{", b"[" * 60_000, b'{"a":' * 12_000, b"9" * 60_000),
        *(b"null", b"3", b'"pod"', b"[]", b'{"spec": null}', b'{"metadata": []}'),
        json.dumps({**SPARKS, "metadata": ["labels"]}).encode(),
        json.dumps({**SPARKS, "metadata": {"labels": ["spark-role"]}}).encode(),
        json.dumps(asked(SPARK_DRIVER_URL=DRIVERS + "7" * 5000)).encode(),
        json.dumps(asked(SPARK_EXECUTOR_ID="1/../../session-alix")).encode(),
        json.dumps(asked(SPARK_APPLICATION_ID="..")).encode(),
    ],
)
def test_whatever_is_posted_is_answered_in_order(ask: Served, body: bytes) -> None:
    for path in (PODS, "/broker/workers"):
        status, told = ask("POST", path, body)
        # A pod whose labels are of no use is made without them.
        assert status in {201, 400, 422}, (path, told)
    assert ask("GET", PODS)[0] == 200
