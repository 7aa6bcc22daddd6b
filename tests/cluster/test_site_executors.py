"""What an executor reaches on a real cluster: its own session, and nothing of anybody else's. What is closed to it is open elsewhere."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from infra.box import machine, network
from infra.settings.box_identity import BoxIdentity
from tests.cluster.kubernetes import Namespace
from tests.cluster.site import DeployedSite, until
from tests.smoke.kernel import Kernel

pytestmark = pytest.mark.timeout(1200)
Place = tuple[str, int]
DRIVER, SCHEDULER, WORKER, JUPYTER = 7078, 8786, 8790, 8888
METADATA = "169.254.169.254"
# The same on all sides: a session's kernel and Spark's Python.
REACH = """
def reach(place):
    import socket
    try:
        socket.create_connection(tuple(place), 3).close()
        return 'open'
    except OSError as error:
        return str(error)
"""
SPARK = """
import openchronic as oc
spark = oc.spark(executors=1)
def there(function, given):
    return spark.sparkContext.parallelize([given], 1).map(lambda one: [function(part) for part in one]).collect()[0]
there(reach, [])
"""
DASK = """
import openchronic as oc
cluster = oc.dask_cluster(workers=1)
from distributed import get_client
get_client().wait_for_workers(1, timeout=150)
"""
SEEN = """
def seen(_):
    import os, glob
    try:
        mine = sorted(os.listdir('/home'))
    except OSError as error:
        mine = str(error)
    return {'uid': os.getuid(), 'homes': mine, 'teams': os.listdir('/srv/equipes'), 'bases': os.listdir('/srv/openchronic'),
            'token': 'JUPYTERHUB_API_TOKEN' in os.environ, 'cluster': glob.glob('/var/run/secrets/*'),
            'others': glob.glob('/home/*/*')}
"""


@dataclass(frozen=True)
class Two:
    """Two people at work: demo on an executor of Spark, alix on a worker of Dask."""

    demo: Kernel
    alix: Kernel
    address: dict[str, str]
    """Of `demo`, `alix`, `executor` and `worker`."""

    def of_executor(self, places: list[Place]) -> dict[Place, str]:
        return self._asked(self.demo, "there(reach, {})", places)

    def of_session(self, kernel: Kernel, places: list[Place]) -> dict[Place, str]:
        return self._asked(kernel, "[reach(one) for one in {}]", places)

    def _asked(self, kernel: Kernel, question: str, places: list[Place]) -> dict[Place, str]:
        told = kernel.value(question.format(places), timeout_s=30 + 4 * len(places))
        return dict(zip(places, told, strict=True))


@pytest.fixture(scope="module")
def two(site: DeployedSite) -> Iterator[Two]:
    with (
        site.session("demo", project="variations") as (_, demo),
        site.session("alix", project="parcours") as (_, alix),
    ):
        demo.run(REACH + SPARK, timeout_s=300)
        alix.run(REACH + DASK, timeout_s=200)
        pods = {
            "demo": site.pods("demo", component="session"),
            "alix": site.pods("alix", component="session"),
            "executor": site.pods("demo", component="executor"),
            "worker": site.pods("alix", component="worker"),
        }
        yield Two(demo, alix, {name: str(one["status"]["podIP"]) for name, (one,) in pods.items()})
        demo.run("spark.stop()")
        alix.run("cluster.close()")
        until(lambda: not site.pods("demo", component="executor"), "the executor is gone")


def test_an_executor_reaches_its_own_session(two: Two) -> None:
    own = (two.address["demo"], DRIVER)
    assert two.of_executor([own]) == {own: "open"}


def test_an_executor_reaches_nothing_of_another_user(two: Two) -> None:
    session, worker = two.address["alix"], two.address["worker"]
    theirs = [(session, JUPYTER), (session, SCHEDULER), (worker, WORKER)]
    # The control: all of it listens, and is open to its owner.
    assert set(two.of_session(two.alix, theirs).values()) == {"open"}
    assert open_ones(two.of_executor(theirs)) == []
    # Nor does a session reach another's executor, which listens for its own.
    assert open_ones(two.of_session(two.demo, theirs)) == []
    assert open_ones(two.of_session(two.alix, [(two.address["executor"], 7079)])) == []


def test_an_executor_reaches_no_service(site: DeployedSite, two: Two) -> None:
    """Nor the port of the web server that its session reaches, behind which is the broker."""
    address = {name: _address(site, name) for name in ("web", "hub", "proxy", "broker")}
    by_web = [(address["proxy"], 8000), (address["hub"], 8080), (address["broker"], 8090)]
    by_hub = [(address["proxy"], 8001)]
    by_session = [(address["web"], 8081)]
    # The controls: each is open to whom it is for.
    assert all(_from_service(site, "web", place) for place in by_web)
    assert all(_from_service(site, "hub", place) for place in by_hub)
    assert set(two.of_session(two.demo, by_session).values()) == {"open"}
    pages = [(address["web"], port) for port in (8443, 8080)]
    assert open_ones(two.of_executor([*by_web, *by_hub, *by_session, *pages])) == []


def test_an_executor_reaches_neither_the_cluster_nor_its_node(
    site: DeployedSite, two: Two, shared: Namespace
) -> None:
    node = site.pods("demo", component="session")[0]["status"]["hostIP"]
    api = site.cluster.ask("service", "kubernetes", "--namespace=default")["spec"]["clusterIP"]
    names = site.cluster.ask("service", "kube-dns", "--namespace=kube-system")["spec"]["clusterIP"]
    places = [(api, 443), (node, 6443), (node, 10250), (names, 53)]
    _assert_open_to_a_free_pod(shared, places)
    assert open_ones(two.of_executor(places)) == []


def test_an_executor_reaches_no_address_outside_and_no_metadata_of_a_cloud(
    box: BoxIdentity, two: Two, shared: Namespace
) -> None:
    with way_out(box), listener(box.outer_address) as port, metadata_server(box):
        places = [(box.outer_address, port), (METADATA, 80)]
        _assert_open_to_a_free_pod(shared, places)
        assert open_ones(two.of_executor(places)) == []
        assert open_ones(two.of_session(two.demo, places)) == []


def test_an_executor_is_its_owner_without_home_or_token(two: Two) -> None:
    two.demo.run(SEEN)
    there, own = (two.demo.value(text) for text in ("there(seen, [0])[0]", "seen(0)"))
    for same in ("uid", "teams", "bases"):
        assert there[same] == own[same], same
    # The control: the session sees its home and has the hub's token.
    assert own["homes"] == ["demo"]
    assert own["token"]
    assert there["token"] is False
    assert there["others"] == there["cluster"] == own["cluster"] == []
    assert "alix" not in there["homes"]


def open_ones(found: dict[Place, str]) -> list[Place]:
    return [place for place, what in found.items() if what == "open"]


def _assert_open_to_a_free_pod(namespace: Namespace, places: list[Place]) -> None:
    """The control: in a namespace without policies, the same calls are answered."""
    if "free" not in namespace.kubectl("get", "pods", "--output=name"):
        namespace.run_probe("free")
    found = {place: namespace.reach("free", f"{place[0]}:{place[1]}") for place in places}
    assert set(found.values()) == {"open"}, found


def _address(site: DeployedSite, component: str) -> str:
    selector = f"--selector=app.kubernetes.io/component={component}"
    pods = site.cluster.ask("pods", "--namespace=bigdata", selector)["items"]
    return str(next(one["status"]["podIP"] for one in pods if one["status"]["phase"] == "Running"))


def _from_service(site: DeployedSite, name: str, place: Place) -> bool:
    """Whether a service reaches a place, by its own shell."""
    host, port = place
    words = ("exec", "--namespace=bigdata", f"deployment/{name}", "--", "bash", "-c")
    opens = f"timeout 3 bash -c '</dev/tcp/{host}/{port}' && echo open || echo closed"
    return site.cluster.kubectl(*words, opens).strip() == "open"


@contextmanager
def listener(address: str) -> Iterator[int]:
    """Listen on the operator's machine, which is outside of the cluster; give the port."""
    with socket.create_server((address, 0), backlog=64) as server:
        yield int(server.getsockname()[1])


@contextmanager
def way_out(box: BoxIdentity) -> Iterator[None]:
    """Let the node pass on what pods send to the operator's machine under its own address, so that answers find the way back."""
    rule = f'oifname "{network.INNER_LINK}" masquerade'
    chain = f"chain out {{ type nat hook postrouting priority srcnat; {rule}; }}"
    machine.enter(box, "nft", f"table ip outside {{\n{chain}\n}}")
    try:
        yield
    finally:
        machine.enter(box, "nft", "delete table ip outside", check=False)


@contextmanager
def metadata_server(box: BoxIdentity) -> Iterator[None]:
    """Let the node answer at the address where clouds tell a machine its secrets."""
    at = f"{METADATA}/32"
    machine.enter(box, "ip", "address", "replace", at, "dev", "lo")
    served: tuple[Any, ...] = ("python3", "-m", "http.server", "80", "--bind", METADATA)
    machine.enter(box, "systemd-run", "--quiet", "--unit=metadata", *served)
    try:
        yield
    finally:
        machine.enter(box, "systemctl", "stop", "metadata", check=False)
        machine.enter(box, "ip", "address", "delete", at, "dev", "lo", check=False)
