"""Who may reach whom: what the network policies give is what the table says, to the port, and as narrow as the server's."""

import copy
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.components import firewall
from infra.settings import layout
from infra.settings.site_file import load_site
from tests.charts.reach import Port, of, places, reached
from tests.charts.rendering import (
    NAMESPACE,
    WORK,
    ChartRefused,
    Manifest,
    changed,
    find,
    own_manifests,
    rendered,
)

TABLE = Path(__file__).with_name("reach.txt")
API_SERVER, PROVIDER = "192.0.2.1", "198.51.100.7"
PEOPLE = ("alix", "demo")
KNOWN = (8000, 8001, 8080, 8081, 8090, 8443, 8888, 7078, 7079, 8786, 8790)
# Of what people try: SSH, web, the API server, kubelet, etcd, and one that nobody knows.
TRIED = (22, 53, 80, 443, 2379, 6443, 10250, 31337)
PORTS = (
    *(Port(one) for one in (*KNOWN, *TRIED)),
    Port(53, "UDP"),
    Port(8080, "UDP"),
    Port(31337, "UDP"),
)
EVERYBODY = places(api_server=API_SERVER, provider=PROVIDER)


def table() -> set[tuple[str, str, str]]:
    return {row for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#") for row in _rows(line)}  # fmt: skip


def _rows(line: str) -> Iterator[tuple[str, str, str]]:
    who, whom, ports = (part.strip() for part in line.split("|"))
    for login in PEOPLE if "*" in who else ("",):
        one = who.replace("*", login)
        if whom.startswith("own "):
            others = [f"{kind}-{login}" for kind in whom.removeprefix("own ").split(", ")]
        else:
            others = [whom.replace("*", each) for each in (PEOPLE if "*" in whom else ("",))]
        yield from ((one, other, port) for other in others for port in ports.split())


@cache
def site() -> tuple[Manifest, ...]:
    return rendered(changed({"policies.logins": ["198.51.100.0/24"]}))


def open_in(manifests: tuple[Manifest, ...]) -> set[tuple[str, str, str]]:
    return reached(of(manifests), EVERYBODY, PORTS)


OURS = {one.name for one in EVERYBODY if one.namespace in {NAMESPACE, WORK}}


def sided(manifests: tuple[Manifest, ...]) -> list[set[tuple[str, str, str]]]:
    """Return what senders may send, and what receivers may receive: each side must hold if the other does not."""
    policies = list(of(manifests))
    sent = reached(policies, EVERYBODY, PORTS, ways=["Egress"])
    received = reached(policies, EVERYBODY, PORTS, ways=["Ingress"])
    return [
        {row for row in sent if row[0] in OURS},
        {row for row in received if row[1] in OURS},
    ]


@cache
def sided_of_the_site() -> list[set[tuple[str, str, str]]]:
    return sided(site())


def _around(found: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Leave out what is between those around, who have no policies of ours."""
    return {row for row in found if {row[0], row[1]} & OURS}


def test_each_reaches_whom_the_table_says_and_nobody_else() -> None:
    assert _around(open_in(site())) == table()


def test_each_side_alone_says_the_same() -> None:
    sent, received = sided(site())
    assert sent == {row for row in table() if row[0] in OURS}
    # The web server takes whoever comes; whether pods of ours may come to it, they say themselves.
    public = {("web", port) for who, _, port in table() if who == "the Internet"}
    assert {row for row in received if row[0] not in OURS or row[1:] not in public} == {
        row for row in table() if row[1] in OURS
    }


def test_without_a_provider_nothing_leads_out() -> None:
    outside = {"the Internet", "the provider", "a stranger's pod", "a stranger's session"}
    assert not [row for row in _around(open_in(own_manifests())) if row[1] in outside]


def test_a_site_may_say_whence_browsers_come() -> None:
    made = rendered(changed({"web.sources": ["8.8.8.0/24"]}))
    callers = {
        who for who, whom, port in _around(open_in(made)) if whom == "web" and port == "8443"
    }
    assert callers == {"the Internet"}


def test_without_executors_pods_of_one_person_reach_each_other_as_little() -> None:
    made = rendered(changed({"spark.executors": 0}))
    assert not [row for row in open_in(made) if row[1].startswith(("executor", "worker"))]


def test_a_session_reaches_no_more_than_on_a_server() -> None:
    """There: the hub's API at the gateway. Here: the same, its own executors, and names of the cluster."""
    rules = firewall.rules(load_site("test"))
    input_chain = rules.partition("chain input")[2].partition("chain forward")[0]
    accepted = re.findall(
        rf'iifname "{layout.SESSIONS_BRIDGE}" .*?tcp dport (\d+) accept', input_chain
    )
    assert accepted == [str(layout.SESSIONS_API_PORT)]
    assert f'iifname "{layout.SESSIONS_BRIDGE}" drop' in input_chain
    own = {"executor-demo", "worker-demo", "dns"}
    here = {
        (whom, port) for who, whom, port in table() if who == "session-demo" and whom not in own
    }
    assert here == {("web", accepted[0])}


def test_outsiders_reach_no_more_than_on_a_server() -> None:
    rules = firewall.rules(load_site("test"))
    (there,) = re.findall(r"(?m)^ *tcp dport \{ (.+?) \} accept$", rules)
    service = find(own_manifests(), "Service", "web")["spec"]["ports"]
    assert {str(one["port"]) for one in service} == set(there.split(", "))
    targets = {one["targetPort"] for one in service}
    container = find(own_manifests(), "Deployment", "web")["spec"]["template"]["spec"][
        "containers"
    ][0]
    served = {str(one["containerPort"]) for one in container["ports"] if one["name"] in targets}
    assert {port for who, _, port in table() if who == "the Internet"} == served
    # SSH is of a server: a cluster's operators come by its API.


def policy(name: str, namespace: str = "bigdata") -> Callable[[tuple[Manifest, ...]], Any]:
    return lambda made: find(made, "NetworkPolicy", name, namespace)["spec"]


def _removed(name: str, namespace: str) -> Callable[[tuple[Manifest, ...]], tuple[Manifest, ...]]:
    return lambda made: tuple(
        one for one in made if one is not find(made, "NetworkPolicy", name, namespace)
    )


def _edited(name: str, namespace: str, edit: Callable[[Any], None]) -> Callable[[tuple[Manifest, ...]], tuple[Manifest, ...]]:  # fmt: skip
    def change(made: tuple[Manifest, ...]) -> tuple[Manifest, ...]:
        edit(policy(name, namespace)(made))
        return made

    return change


def _opened(spec: Any) -> None:
    spec["egress"] = [{}]


def _all_ports(spec: Any) -> None:
    del spec["ingress"][0]["ports"]


def _all_peers(spec: Any) -> None:
    del spec["ingress"][0]["from"]


def _no_namespace(spec: Any) -> None:
    del spec["egress"][0]["to"][0]["namespaceSelector"]


def _any_namespace(spec: Any) -> None:
    for one in spec["ingress"][0]["from"]:
        one["namespaceSelector"] = {}


def _any_owner(spec: Any) -> None:
    spec["ingress"][0]["from"][0]["podSelector"] = {}
    spec["podSelector"] = {}


def _one_way(spec: Any) -> None:
    spec["policyTypes"] = ["Ingress"]


def _everywhere(spec: Any) -> None:
    for rule in spec["egress"]:
        for one in rule.get("to", ()):
            if "ipBlock" in one:
                one["ipBlock"]["cidr"] = "0.0.0.0/0"


def _another_port(spec: Any) -> None:
    spec["egress"][0]["ports"][0]["port"] = 22


def _all_of_dns(spec: Any) -> None:
    del spec["egress"][0]["to"][0]["podSelector"]


MUTATIONS = {
    "a session's way out is open": _edited("session", "bigdata-work", _opened),
    "a session answers at all ports": _edited("session", "bigdata-work", _all_ports),
    "a session answers everybody": _edited("session", "bigdata-work", _all_peers),
    "a session answers proxies of strangers": _edited("session", "bigdata-work", _any_namespace),
    "a session reaches a web of its own namespace": _edited(
        "session", "bigdata-work", _no_namespace
    ),
    "people reach each other": _edited("owner-demo", "bigdata-work", _any_owner),
    "work's default is gone": _removed("nothing", "bigdata-work"),
    "work's default is one way": _edited("nothing", "bigdata-work", _one_way),
    "the services' default is gone": _removed("nothing", "bigdata"),
    "the hub reaches everywhere": _edited("hub", "bigdata", _everywhere),
    "the broker reaches everywhere": _edited("broker", "bigdata", _everywhere),
    "the hub answers everybody": _edited("hub", "bigdata", _all_peers),
    "the proxy answers at all ports": _edited("proxy", "bigdata", _all_ports),
    "the culler calls another port": _edited("culler", "bigdata", _another_port),
    "the web's way out is open": _edited("web", "bigdata", _opened),
    "names are asked of any pod beside DNS": _edited("names", "bigdata", _all_of_dns),
    "a person's pods are apart": _removed("owner-alix", "bigdata-work"),
    "the proxy's policy is gone": _removed("proxy", "bigdata"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_changed_policy_is_noticed(mutation: str) -> None:
    made = MUTATIONS[mutation](copy.deepcopy(site()))
    assert sided(made) != sided_of_the_site()


@pytest.mark.parametrize("empty", [[], None])
def test_without_an_address_of_the_api_server_nothing_is_rendered(empty: Any) -> None:
    with pytest.raises(ChartRefused, match="apiServer"):
        rendered(changed({"policies.apiServer": empty}))
