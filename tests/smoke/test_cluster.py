"""What a cluster is asked in its own way: its walls from inside a session, each beside something alike that is open, its state."""

import copy
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.cluster import identities
from infra.cluster.reaching import Cluster, ClusterError
from infra.cluster.status import look, needs
from infra.settings import layout
from infra.settings.cluster_site import ClusterSite
from infra.settings.site_people import site_projects
from tests.smoke.given import Given
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel
from tests.smoke.out_of_reach import FAR_AWAY
from tests.smoke.session import Session

Record = Callable[[str, object], None]
TOKEN = "/var/run/secrets/kubernetes.io"
KUBELET = 10250
# What listens in a session or an executor: JupyterLab, Spark, Dask, their pages.
SESSION_PORTS = [layout.SESSION_PORT, 4040, 7078, 7079, 8786, 8787, 8790]
HOME_OF_ANOTHER = "home-somebody.else"


def pod_of(cluster: Cluster, login: str) -> dict[str, Any]:
    return cluster.read("pod", f"session-{login}", "--namespace", cluster.work)


def test_a_session_is_nobody_but_its_user(session: Session, given: Given) -> None:
    """a session runs with its user's number, without root, sudo or any capability

    `kubectl --namespace <work> get pod session-<login> --output=yaml`
    """
    assert session.value("os.getuid()") == identities.uid(given.login)
    status = session.value(
        "dict(line.split(':\\t') for line in open('/proc/self/status').read().splitlines()"
        " if line.startswith(('CapEff', 'CapBnd', 'CapPrm', 'NoNewPrivs', 'Seccomp:')))"
    )
    none = "0" * 16
    wanted = {"CapEff": none, "CapPrm": none, "CapBnd": none, "NoNewPrivs": "1", "Seccomp": "2"}
    assert status == wanted, f"the session may do more than a user: {status}"
    assert session.value("shutil.which('python3')"), "the probe looks where programs are"
    assert session.value("shutil.which('sudo')") is None, "sudo is in the image"
    became = session.value(
        "subprocess.run(['python3', '-c', 'import os; os.setuid(0)'], capture_output=True, text=True).stderr"
    )
    assert "PermissionError" in became, f"setuid(0) is not refused: {became}"


def test_a_session_holds_no_token_of_the_cluster(
    session: Session, cluster: Cluster, given: Given
) -> None:
    """a session holds no token of the cluster, no socket of containers and no device of the node

    `kubectl --namespace <work> get pod session-<login> --output=yaml`: automountServiceAccountToken
    """
    (hub,) = cluster.read("pods", "--namespace", cluster.namespace, "--selector=app.kubernetes.io/component=hub")["items"]  # fmt: skip
    mounted = [one["mountPath"] for one in hub["spec"]["containers"][0]["volumeMounts"]]
    assert any(place.startswith(TOKEN) for place in mounted), (
        "the hub holds none: nothing is proven"
    )
    own = pod_of(cluster, given.login)["spec"]
    assert own["automountServiceAccountToken"] is False
    for place in (TOKEN, "/run/containerd/containerd.sock", layout.DOCKER_SOCKET):
        assert not session.value(f"os.path.exists({place!r})"), f"{place} is in the session"
    devices = session.value(
        "[name for name in os.listdir('/dev') if name.startswith(('sd', 'nvme', 'loop', 'mem', 'kmsg'))]"
    )
    assert devices == [], f"the session sees {devices}"


def test_others_data_are_not_there(session: Session, given: Given) -> None:
    """a session sees neither raw data, nor typed tables that are not opened to it, nor another home

    `kubectl --namespace <work> get pod session-<login> --output=yaml`: volumeMounts
    """
    for place in ("/source", layout.SECRETS, layout.HUB_CONFIGURATION, "/etc/site"):
        assert not session.value(f"os.path.exists({place!r})"), f"{place} is in the session"
    assert session.value("os.listdir('/home')") == [given.login]
    assert session.write(f"/home/{given.login}/.smoke-test") == "written"


def test_a_session_shares_the_folder_of_its_project_alone(
    session: Session, colleague: Hub, site: ClusterSite
) -> None:
    """a session writes in the shared folder of its project, is in its group, and in no other project's

    the claims `team-<project>` in the namespace of sessions
    """
    groups = {identities.gid(project.slug) for project in site_projects(site)}
    kernel = Kernel(colleague)
    try:
        for one in (session, Session(kernel)):
            project = one.value("os.environ['OPENCHRONIC_PROJECT']")
            own = f"{layout.TEAMS}/{project}"
            one.run(f"open('{own}/smoke-test', 'w').write('x'); os.unlink('{own}/smoke-test')")
            seen = one.value(f"os.listdir({layout.TEAMS!r})")
            assert [name for name in seen if not name.startswith(".")] == [project]
            held = set(one.value("os.getgroups()"))
            assert identities.gid(project) in held, "it is not in its group: nothing is proven"
            assert held & groups <= {identities.gid(project)}
    finally:
        kernel.close()


def test_the_clusters_ports_are_closed(
    session: Session, cluster: Cluster, given: Given, record_property: Record
) -> None:
    """a session reaches the hub's API through the web server, and neither the API server, nor the node, nor the services

    `kubectl --namespace <work> get networkpolicies`; whether the cluster's network enforces them
    """
    _assert_the_probe_works(session)
    pod, services = pod_of(cluster, given.login), cluster.namespace
    node = pod["status"]["hostIP"]
    places = [
        ("kubernetes.default.svc", 443),
        *((node, port) for port in (22, 2379, 6443, KUBELET, layout.HUB_PORT)),
        (f"hub.{services}", layout.HUB_PORT),
        *((f"proxy.{services}", port) for port in (layout.PROXY_PORT, layout.PROXY_API_PORT)),
        (f"broker.{services}", 8090),
        *((f"web.{services}", port) for port in (443, 8443)),
    ]
    found = [f"{host}:{port}" for host, port in places if session.reach(host, port) == "open"]
    assert not found, f"open to a session: {', '.join(found)}"
    record_property("measured", f"{len(places)} places")


def test_another_sessions_ports_are_closed(
    session: Session, colleague: Hub, cluster: Cluster
) -> None:
    """a session reaches no port of another session

    `kubectl --namespace <work> get networkpolicies`
    """
    theirs = pod_of(cluster, colleague.login)["status"]["podIP"]
    kernel = Kernel(colleague)
    try:
        own = Session(kernel).reach(theirs, layout.SESSION_PORT)
    finally:
        kernel.close()
    assert own == "open", "nothing listens in the other session: it proves nothing"
    _assert_the_probe_works(session)
    assert session.open_ports(theirs, SESSION_PORTS) == []


def test_nothing_outside_is_reached(session: Session) -> None:
    """a session reaches no address outside, and no name outside is answered

    the network policies, and what the cluster's DNS passes on (charts/README.md, « Walls »)
    """
    _assert_the_probe_works(session)
    for host, port in FAR_AWAY:
        assert session.reach(host, port) != "open", f"{host}:{port} answers"
    hub, _ = _hub(session)
    assert session.look_up(hub) != "no address", "the probe resolves nothing"
    for name in ("example.org", "deb.debian.org"):
        assert session.look_up(name) == "no address", f"{name} is resolved"
    assert session.ask_udp("9.9.9.9") != "open", "a resolver outside answers"


def test_the_hub_cannot_make_what_a_session_is_not(
    cluster: Cluster, given: Given, session: Session
) -> None:
    """a hub in somebody else's hands makes no pod but its people's sessions

    `kubectl get validatingadmissionpolicies` and their bindings; charts/README.md, « Walls »
    """
    pod = posted(pod_of(cluster, given.login))
    control = made_by_the_hub(pod, cluster)
    assert control == "" or "already exists" in control, f"its own pod is refused: {control}"
    foreign = copy.deepcopy(pod)
    foreign["spec"]["containers"][0]["image"] = f"evil.example/x@sha256:{'b' * 64}"
    node = copy.deepcopy(pod)
    node["spec"]["volumes"].append({"name": "more", "hostPath": {"path": "/"}})
    home = copy.deepcopy(pod)
    claim = {"claimName": HOME_OF_ANOTHER}
    home["spec"]["volumes"].append({"name": "more", "persistentVolumeClaim": claim})
    root = copy.deepcopy(pod)
    root["spec"]["securityContext"]["runAsUser"] = identities.uid("somebody")
    attacks = {"image": foreign, "node": node, "home": home, "number": root}
    for what, attack in attacks.items():
        said = made_by_the_hub(attack, cluster)
        assert "denied" in said or "forbidden" in said, f"{what}: not refused: {said}"


def test_nothing_needs_a_hand(cluster: Cluster, site: ClusterSite, record_property: Record) -> None:
    """every service runs, every claim is bound, the last build of each base went well, the certificate lasts

    `make status`
    """
    told = look(cluster)
    found = [one.what for one in needs(told, site)]
    assert not found, "; ".join(found)
    built = [one["base"] for one in told["builds"] if one["succeeded"]]
    assert set(built) <= set(site.bases)
    record_property(
        "measured", f"{len(told['services'])} pods, built: {', '.join(built) or 'none'}"
    )


def test_every_base_will_be_built(cluster: Cluster, site: ClusterSite) -> None:
    """every base has its schedule, which nobody has suspended

    `kubectl --namespace <work> get cronjobs`
    """
    jobs = cluster.read("cronjobs", "--namespace", cluster.work)["items"]
    due = {one["metadata"]["name"] for one in jobs if not one["spec"].get("suspend")}
    assert due == {f"build-{base}" for base in site.bases}


@pytest.mark.parametrize("place", ["services", "work"])
def test_an_unconfined_pod_is_refused(cluster: Cluster, place: str) -> None:
    """an unconfined pod is refused in both namespaces, whoever asks

    the label pod-security.kubernetes.io/enforce of the namespaces
    """
    namespace = cluster.work if place == "work" else cluster.namespace
    labels = cluster.read("namespace", namespace)["metadata"]["labels"]
    assert labels.get("pod-security.kubernetes.io/enforce") == "restricted"
    container = {"name": "x", "image": "x", "securityContext": {"privileged": True}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "smoke-test"}, "spec": {"containers": [container]}}  # fmt: skip
    said = _created(pod, cluster, namespace)
    assert "PodSecurity" in said, f"not refused for what it is: {said}"


def posted(pod: dict[str, Any]) -> dict[str, Any]:
    """Return a running pod as its maker posted it, as far as can be told."""
    made: dict[str, Any] = copy.deepcopy(pod)
    del made["status"]
    kept = ("name", "namespace", "labels", "annotations", "ownerReferences")
    made["metadata"] = {name: made["metadata"][name] for name in kept if name in made["metadata"]}
    for given in ("nodeName", "tolerations", "priority", "preemptionPolicy", "serviceAccount"):
        made["spec"].pop(given, None)
    return made


def made_by_the_hub(pod: dict[str, Any], cluster: Cluster) -> str:
    """Return why the API server refuses the pod to the hub; empty where it lets it in. Nothing is made."""
    account = f"--as=system:serviceaccount:{cluster.namespace}:hub"
    return _created(pod, cluster, cluster.work, account)


def _created(pod: dict[str, Any], cluster: Cluster, namespace: str, *more: str) -> str:
    words = ("create", "--dry-run=server", "--filename=-", "--namespace", namespace, *more)
    try:
        cluster.kubectl(*words, given=json.dumps(pod))
    except ClusterError as error:
        return str(error)
    return ""


def _hub(session: Session) -> tuple[str, int]:
    """Return the host and port of the hub's API, from the session's environment."""
    api = urlsplit(str(session.value("os.environ['JUPYTERHUB_API_URL']")))
    assert api.hostname, f"the session knows no hub: {api}"
    return api.hostname, api.port or 80


def _assert_the_probe_works(session: Session) -> None:
    host, port = _hub(session)
    assert session.reach(host, port) == "open", (
        "the hub's API does not answer: a probe proves nothing"
    )
