"""The demonstration on a real cluster: a session reads its release, computes on pods of its owner, and reaches nothing else."""

import ast
from collections.abc import Iterator

import pytest

from tests.cluster.site import DeployedSite, until
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel

pytestmark = pytest.mark.timeout(1200)
WHERE = """
def where(_):
    import os, time
    time.sleep(1)
    return os.environ['SPARK_EXECUTOR_POD_NAME'], 'JUPYTERHUB_API_TOKEN' in os.environ
"""
REACH = """
import socket
def reach(host, port):
    try:
        socket.create_connection((host, port), 3).close()
        return 'open'
    except OSError as error:
        return 'closed'
print({{place: reach(*place) for place in {places}}})
"""


@pytest.fixture(scope="module")
def demo(site: DeployedSite) -> Iterator[tuple[Hub, Kernel]]:
    with site.session("demo", project="variations") as opened:
        yield opened


def answer(kernel: Kernel, code: str, *, timeout_s: float = 120) -> object:
    return ast.literal_eval(kernel.run(code, timeout_s=timeout_s).strip().splitlines()[-1])


def test_a_session_reads_the_bases_of_its_project_as_its_owner(demo: tuple[Hub, Kernel]) -> None:
    _, kernel = demo
    told = answer(
        kernel,
        "import os, getpass; print((getpass.getuser(), os.getuid() >= 1000, os.listdir('/srv/openchronic'), "
        "os.listdir('/srv/equipes'), os.path.exists('/var/run/secrets/kubernetes.io')))",
    )
    assert told == ("demo", True, ["demo"], ["variations"], False)
    rows = answer(
        kernel,
        "import openchronic as oc; print(oc.connect().sql('FROM event SELECT count(*)').fetchall())",
    )
    assert isinstance(rows, list)
    assert rows[0][0] > 10_000


def test_a_session_reaches_the_web_servers_port_for_sessions_and_nothing_else(
    site: DeployedSite, demo: tuple[Hub, Kernel]
) -> None:
    _, kernel = demo
    node = site.pods("demo", component="session")[0]["status"]["hostIP"]
    closed = [
        ("kubernetes.default.svc", 443),
        (node, 6443),
        (node, 10250),
        ("hub.bigdata", 8080),
        ("proxy.bigdata", 8000),
        ("proxy.bigdata", 8001),
        ("broker.bigdata", 8090),
        ("web.bigdata", 443),
    ]
    # The positive control: names are answered, and one port is open.
    places = [("web-sessions.bigdata", 8081), *closed]
    told = answer(kernel, REACH.format(places=places))
    assert told == {places[0]: "open", **dict.fromkeys(closed, "closed")}


def test_sessions_do_not_reach_each_other(site: DeployedSite, demo: tuple[Hub, Kernel]) -> None:
    _, kernel = demo
    with site.session("alix", project="parcours") as (_, other):
        mine, theirs = (
            site.pods(login, component="session")[0]["status"]["podIP"]
            for login in ("demo", "alix")
        )
        for where, address in ((kernel, theirs), (other, mine)):
            places = [(address, port) for port in (8888, 7078, 7079, 8786, 8790)]
            told = answer(where, REACH.format(places=places))
            assert told == dict.fromkeys(places, "closed")
        # The control: a server listens there.
        own = [(theirs, 8888)]
        assert answer(other, REACH.format(places=own)) == {own[0]: "open"}


def test_spark_computes_on_executors_that_end_with_it(
    site: DeployedSite, demo: tuple[Hub, Kernel]
) -> None:
    _, kernel = demo
    kernel.run(f"import openchronic as oc\nspark = oc.spark(executors=2)\n{WHERE}", timeout_s=300)
    told = answer(
        kernel,
        "print(sorted(set(spark.sparkContext.parallelize(range(8), 8).map(where).collect())))",
        timeout_s=300,
    )
    assert isinstance(told, list)
    names = [name for name, _ in told]
    assert len(names) == 2
    assert not any(token for _, token in told)
    assert {one["metadata"]["name"] for one in site.pods("demo", component="executor")} == set(
        names
    )
    same = answer(
        kernel,
        "print((spark.table('event').count(), oc.connect().sql('FROM event SELECT count(*)').fetchall()[0][0]))",
        timeout_s=120,
    )
    assert isinstance(same, tuple)
    assert same[0] == same[1]
    kernel.run("spark.stop()", timeout_s=60)
    until(lambda: not site.pods("demo", component="executor"), "the executors are gone")


def test_dask_workers_end_within_a_minute_of_a_session_that_is_killed(site: DeployedSite) -> None:
    hub = site.user("alix", project="parcours")
    kernel = Kernel(hub)
    opened = (
        "import openchronic as oc\ncluster = oc.dask_cluster(workers=2)\nfrom distributed import get_client\n"
        "client = get_client(); client.wait_for_workers(2, timeout=150)\nprint(client.submit(sum, [1, 2]).result())"
    )
    assert answer(kernel, opened, timeout_s=200) == 3
    assert len(site.pods("alix", component="worker")) == 2
    site.cluster.kubectl(
        "delete",
        "pod",
        "session-alix",
        "--namespace=bigdata-work",
        "--wait=false",
        "--grace-period=0",
    )
    until(lambda: not site.pods("alix", component="worker"), "the workers are gone")
    until(lambda: not hub.is_running(), "the hub knows that the session has ended")


def test_a_killed_hub_keeps_its_sessions(site: DeployedSite, demo: tuple[Hub, Kernel]) -> None:
    hub, kernel = demo
    kernel.run("kept = 41")
    before = site.pods("demo", component="session")[0]["metadata"]["uid"]
    site.cluster.kubectl(
        *("delete", "pod", "--namespace=bigdata", "--selector=app.kubernetes.io/component=hub"),
        "--grace-period=0",
    )
    until(lambda: hub.get("/hub/health").status_code == 200, "the hub is back", limit_s=120)
    assert answer(kernel, "print(kept + 1)") == 42
    until(hub.is_running, "the hub knows the session", limit_s=120)
    assert site.pods("demo", component="session")[0]["metadata"]["uid"] == before
