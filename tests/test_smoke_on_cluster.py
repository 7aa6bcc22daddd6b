"""The smoke test of a cluster: what it is not asked has a reason, its doorway leads to a port of a node."""

import ast
import copy
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.cluster.reaching import Cluster
from infra.settings.cluster_file import load_cluster_site
from tests.charts import session_pod
from tests.charts.admission import HUB, Request, policies, refusals
from tests.charts.rendering import Manifest, own_manifests
from tests.smoke import __main__ as smoke
from tests.smoke.doorway import Doorway, way_to
from tests.smoke.given import Given
from tests.smoke.not_asked import NOT_ASKED, OF_A_SERVER
from tests.smoke.on_cluster import _refuse_what_cannot_work
from tests.smoke.running import CannotRun
from tests.smoke.test_cluster import posted

HERE = Path(smoke.__file__).parent
GIVEN = Given(
    site="kube",
    login="smoke-test",
    password="x",
    secret="",
    colleague="smoke-colleague",
    colleagues_password="x",
    colleagues_secret="",
    browser=True,
    only="",
    folder="/x",
    kept="/x",
    junit="/x",
    on_cluster=True,
    doorway="bigdata.test 198.18.0.2 30443",
)


def checks() -> Iterator[tuple[str, set[str]]]:
    """Yield each check with the fixtures that it takes, those of the cluster's own files left out."""
    for file in sorted(HERE.glob("test_*.py")):
        if file.stem.startswith("test_cluster"):
            continue
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name, {one.arg for one in node.args.args}


def test_what_only_a_server_has_is_not_asked_of_a_cluster_and_the_rest_is() -> None:
    found = dict(checks())
    of_a_server = {name for name, taken in found.items() if taken & set(OF_A_SERVER)}
    assert of_a_server - NOT_ASKED.keys() == set()
    assert NOT_ASKED.keys() - found.keys() == set(), "a reason for a check that there is not"
    # What is answered elsewhere, and takes nothing of a server.
    assert NOT_ASKED.keys() - of_a_server == {"test_only_https_is_served"}


def test_a_doorway_leads_the_sites_name_and_no_other_to_a_port_of_a_node() -> None:
    asked: list[tuple[object, ...]] = []

    def known(*where: object) -> str:
        asked.append(where)
        return "found"

    look_up = Doorway.read(GIVEN.doorway).look_up(known)
    assert look_up("bigdata.test", 443, 0) == "found"
    look_up("bigdata.test", 80)
    look_up("elsewhere.test", 443)
    assert asked == [("198.18.0.2", 30443, 0), ("bigdata.test", 80), ("elsewhere.test", 443)]
    assert way_to(GIVEN) == ("--host-resolver-rules=MAP bigdata.test:443 198.18.0.2:30443",)
    assert str(Doorway.read(GIVEN.doorway)) == GIVEN.doorway


def test_a_site_behind_an_ingress_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    site = load_cluster_site("kube")
    cluster = Cluster(site)
    monkeypatch.setattr(Cluster, "kubectl", lambda self, *words, **more: "https://192.0.2.1:6443")
    assert Doorway.of(cluster) == Doorway("bigdata.test", "192.0.2.1", 30443)
    web = site.cluster.web.model_copy(update={"exposure": "ingress"})
    behind = site.model_copy(update={"cluster": site.cluster.model_copy(update={"web": web})})
    assert Doorway.of(Cluster(behind)) is None


def test_where_people_log_in_at_a_provider_nothing_is_claimed_to_be_proven() -> None:
    site = load_cluster_site("kube")
    oidc = site.logins.model_copy(update={"kind": "oidc"})
    with pytest.raises(CannotRun, match="log in at their provider"):
        _refuse_what_cannot_work(site.model_copy(update={"logins": oidc}), browser=False)


def test_a_running_pod_is_asked_for_again_as_its_maker_did(tmp_path: Path) -> None:
    """What the cluster added is taken off; the rest is let in by the chart's own policies, and what an attack changes is not."""
    made = session_pod.session(tmp_path)
    running = copy.deepcopy(made)
    running["status"] = {"phase": "Running"}
    running["metadata"] |= {"uid": "x", "resourceVersion": "1"}
    running["spec"] |= {"nodeName": "n1", "serviceAccount": "session", "priority": 0}
    again = posted(running)
    assert again["spec"] == made["spec"]
    assert not {"uid", "resourceVersion"} & again["metadata"].keys()
    made_policies = policies(own_manifests())

    def refused(pod: Manifest) -> list[str]:
        return refusals(Request(user=HUB, operation="CREATE", new=pod), made_policies)

    assert refused(again) == []
    again["spec"]["volumes"].append({"name": "more", "hostPath": {"path": "/"}})
    assert refused(again)


def test_the_password_is_in_no_text_of_what_is_given() -> None:
    assert "password" not in repr(GIVEN).replace("colleagues_password", "")
    assert json.loads(GIVEN.to_json())["on_cluster"] is True
