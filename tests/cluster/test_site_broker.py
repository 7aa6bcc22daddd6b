"""What the broker is asked by a session in somebody else's hands, on a real cluster, each beside what it answers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cluster.site import DeployedSite, until
from tests.jupyterhub_conf.broker.session import asked
from tests.smoke.kernel import Kernel

pytestmark = pytest.mark.timeout(1200)
NAMESPACE = "/broker/k8s/api/v1/namespaces/bigdata-work"
PODS, WORKERS = f"{NAMESPACE}/pods", "/broker/workers"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
TLS = {"ca": PEM, "certificate": PEM, "key": PEM.replace("CERTIFICATE", "PRIVATE KEY")}
# Runs in the session, with its user's rights. The web server lets a session ask ten times in a second.
ASK = """
import http.client, json, os, socket, time, urllib.parse
there = urllib.parse.urlsplit(os.environ['OPENCHRONIC_BROKER'])
def ask(method, path, body=None, token=None):
    time.sleep(0.1)
    whose = os.environ['JUPYTERHUB_API_TOKEN'] if token is None else token
    connection = http.client.HTTPConnection(there.hostname, there.port, timeout=60)
    try:
        connection.request(method, path, body, {'Authorization': f'Bearer {whose}'} if whose else {})
        answer = connection.getresponse()
        return [answer.status, answer.read().decode(errors='replace')]
    finally:
        connection.close()
def raw(sent):
    time.sleep(0.1)
    with socket.create_connection((there.hostname, there.port), 10) as connection:
        connection.sendall(sent)
        try:
            return connection.recv(64).decode(errors='replace').split('\\r\\n')[0]
        except OSError as error:
            return str(error)
"""


@dataclass(frozen=True)
class Session:
    site: DeployedSite
    login: str
    kernel: Kernel

    @property
    def pod(self) -> dict[str, Any]:
        (found,) = self.site.pods(self.login, component="session")
        return found

    def ask(
        self, method: str, path: str, given: object = None, *, token: str | None = None
    ) -> tuple[int, str]:
        body = given if isinstance(given, bytes) or given is None else json.dumps(given).encode()
        status, said = self.kernel.value(f"ask({method!r}, {path!r}, {body!r}, {token!r})")
        return status, said

    def token(self) -> str:
        return str(self.kernel.value("os.environ['JUPYTERHUB_API_TOKEN']"))

    def executor(self, **variables: str | None) -> dict[str, Any]:
        """Return what this session's Spark would post."""
        driver = f"spark://CoarseGrainedScheduler@{self.pod['status']['podIP']}:7078"
        return asked(**{"SPARK_DRIVER_URL": driver, **variables})

    def give_back(self) -> None:
        for place in (PODS, WORKERS):
            self.ask("DELETE", place)
        until(lambda: not self.made(), "what the broker made is gone")

    def made(self) -> list[dict[str, Any]]:
        return [
            one
            for component in ("executor", "worker")
            for one in self.site.pods(self.login, component=component)
        ]


@pytest.fixture(scope="module")
def demo(site: DeployedSite) -> Iterator[Session]:
    with site.session("demo", project="variations") as (_, kernel):
        kernel.run(ASK)
        yield Session(site, "demo", kernel)


@pytest.fixture(scope="module")
def alix(site: DeployedSite) -> Iterator[Session]:
    with site.session("alix", project="parcours") as (_, kernel):
        kernel.run(ASK)
        yield Session(site, "alix", kernel)


@pytest.fixture(autouse=True)
def answers(demo: Session) -> Iterator[None]:
    """The control of each test, before and after: the broker answers its session, for which nothing is made."""
    assert demo.ask("GET", WORKERS) == (200, '{"workers": []}')
    yield
    assert demo.ask("GET", WORKERS) == (200, '{"workers": []}')


def test_the_broker_knows_its_sessions_alone(demo: Session) -> None:
    for token in ("", "0" * 32, "../" * 10, "x" * 5000, demo.token()[:-1]):
        for method, path in (("GET", PODS), ("POST", PODS), ("GET", WORKERS), ("DELETE", WORKERS)):
            assert demo.ask(method, path, token=token)[0] == 401, (token[:40], method, path)


def test_anothers_token_makes_nothing_for_who_took_it(demo: Session, alix: Session) -> None:
    """It is alix's for as long as her session runs; what it makes obeys her session, and nobody else's."""
    taken = alix.token()
    status, said = demo.ask("POST", PODS, demo.executor(), token=taken)
    assert (status, "the driver of an executor is its session" in said) == (422, True), said
    status, said = demo.ask("POST", PODS, alix.executor())
    assert (status, "the driver of an executor is its session" in said) == (422, True), said
    assert demo.made() == alix.made() == []
    # The control: the same executor, of who it is for.
    try:
        assert alix.ask("POST", PODS, alix.executor())[0] == 201
        (made,) = alix.made()
        assert demo.ask("GET", f"{PODS}/{made['metadata']['name']}")[0] == 404
        assert demo.ask("DELETE", f"{PODS}/{made['metadata']['name']}")[0] == 404
        assert "deletionTimestamp" not in alix.made()[0]["metadata"]
        assert alix.ask("GET", f"{PODS}/{made['metadata']['name']}")[0] == 200
    finally:
        alix.give_back()


@pytest.mark.parametrize(
    "path",
    [
        *(f"{PODS}/session-demo", f"{PODS}/session-alix", f"{PODS}/..", f"{PODS}/../../../nodes"),
        *(f"{PODS}/..%2f..%2fsecrets", f"{PODS}/executor-demo/exec", f"{PODS}/executor-demo/log"),
        *(f"{NAMESPACE}/secrets", f"{NAMESPACE}/../kube-system/pods", "/broker/k8s/api/v1/nodes"),
        "/broker/k8s/api/v1/namespaces/kube-system/pods",
        *("/broker/k8s/apis/apps/v1/deployments", "/broker/../hub/api/users", "/broker//workers"),
        *("/broker/%2e%2e/health", "/health", "/broker/health", f"{PODS}/{'a' * 3000}"),
    ],
)
def test_no_path_leads_elsewhere(demo: Session, path: str) -> None:
    for method in ("GET", "DELETE"):
        status, said = demo.ask(method, path)
        assert status in {400, 404, 405}, (method, said)
    assert "deletionTimestamp" not in demo.pod["metadata"]


COUNTS = ("1000000000", "3", "0", "-1", "true", "1.5", '"1"', "null", "[1]", "1" + "0" * 5000)


@pytest.mark.parametrize("count", COUNTS, ids=lambda text: text[:12])
def test_no_number_of_workers_passes_the_sites(demo: Session, count: str) -> None:
    body = f'{{"workers": {count}, "tls": {json.dumps(TLS)}}}'
    assert demo.ask("POST", WORKERS, body.encode())[0] in {400, 422}
    assert demo.made() == []


def test_as_many_as_the_site_gives_are_made_and_no_more(demo: Session) -> None:
    try:
        status, said = demo.ask("POST", WORKERS, {"workers": 2, "tls": TLS})
        assert status == 201, said
        assert len(demo.made()) == 2
        status, said = demo.ask("POST", PODS, demo.executor())
        assert (status, "at most 2" in said) == (403, True), said
    finally:
        demo.give_back()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", bytes(range(256)), b"[" * 60_000, b"null", b'{"spec": {"containers": [{"env": [[]]}]}}'),
        *(b'{"metadata": []}', b'{"workers": {"workers": 1}, "tls": []}'),
    ],
)  # fmt: skip
def test_what_is_no_question_is_refused(demo: Session, body: bytes) -> None:
    for path in (PODS, WORKERS):
        assert demo.ask("POST", path, body)[0] in {400, 422}
    assert demo.ask("POST", PODS, b"x" * 70_000)[0] == 413


def test_bytes_that_are_no_http_are_refused(demo: Session) -> None:
    for sent in (bytes(range(1, 256)) + b"\r\n\r\n", b"GET /broker/workers\r\n\r\n", b"\x16\x03\x01\x02\r\n\r\n",
                 b"POST /broker/workers HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):  # fmt: skip
        told = demo.kernel.value(f"raw({sent!r})")
        assert " 200 " not in told, sent
        assert " 201 " not in told, sent


def test_who_asks_for_another_pod_gets_the_sessions_own(demo: Session) -> None:
    """Image, number, volumes, node, account and labels of what is posted are not read."""
    pod = demo.executor()
    pod["metadata"] |= {
        "name": "session-alix",
        "namespace": "kube-system",
        "labels": {
            "bigdata.openchronic/owner": "alix",
            "app.kubernetes.io/component": "hub",
            "spark-role": "executor",
        },
        "ownerReferences": [],
    }
    pod["spec"] |= {
        "hostNetwork": True,
        "hostPID": True,
        "serviceAccountName": "hub",
        "automountServiceAccountToken": True,
        "securityContext": {"runAsUser": 0, "fsGroup": 0},
        "volumes": [
            {"name": "node", "hostPath": {"path": "/"}},
            {"name": "home", "persistentVolumeClaim": {"claimName": "home-alix"}},
        ],
        "initContainers": [{"name": "first", "image": "evil.example/x"}],
    }
    (container,) = pod["spec"]["containers"]
    container |= {
        "image": f"evil.example/x@sha256:{'b' * 64}",
        "command": ["sleep", "1000"],
        "args": ["1"],
        "securityContext": {"privileged": True},
        "volumeMounts": [{"name": "node", "mountPath": "/node"}],
        "resources": {"limits": {"memory": "100Gi"}},
    }
    own = demo.pod
    try:
        status, said = demo.ask("POST", PODS, pod)
        assert status == 201, said
        (made,) = demo.made()
    finally:
        demo.give_back()
    (there,), (mine,) = (one["spec"]["containers"] for one in (made, own))
    assert made["metadata"]["name"].startswith("executor-demo-")
    assert made["metadata"]["labels"]["bigdata.openchronic/owner"] == "demo"
    assert [one["uid"] for one in made["metadata"]["ownerReferences"]] == [own["metadata"]["uid"]]
    assert there["image"] == mine["image"]
    assert there["securityContext"] == mine["securityContext"]
    for limit in ("cpu", "memory"):
        assert there["resources"]["limits"][limit] == mine["resources"]["limits"][limit]
    assert there["command"] != container["command"]
    assert made["spec"]["securityContext"] == own["spec"]["securityContext"]
    assert made["spec"].get("serviceAccountName") == own["spec"].get("serviceAccountName")
    assert not made["spec"]["automountServiceAccountToken"]
    assert not {"hostNetwork", "hostPID", "initContainers"} & made["spec"].keys()
    claims = [one.get("persistentVolumeClaim", {}).get("claimName", "") for one in made["spec"]["volumes"]]  # fmt: skip
    assert not [one for one in claims if one.startswith("home-")]
    assert not [one for one in made["spec"]["volumes"] if "hostPath" in one]
