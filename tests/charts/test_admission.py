"""What the hub and the broker may create in the work namespace: the pods that they make, and nothing else."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from infra.settings.settings_file import ROOT
from tests.charts import session_pod
from tests.charts.admission import BROKER, HUB, Policy, Request, policies, quantity, refusals
from tests.charts.attacks import ATTACKS, Attack
from tests.charts.rendering import Manifest, changed, own_manifests, rendered
from tests.charts.site_values import sites

if (
    not (ROOT / "jupyterhub-conf/pods.py").exists()
    or not (ROOT / "jupyterhub-conf/broker").exists()
):
    pytest.skip("the hub makes no pods yet", allow_module_level=True)

POLICIES = policies(own_manifests())


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return session_pod.session(tmp_path_factory.mktemp("session"))


def create(pod: Manifest, user: str, made: list[Policy] = POLICIES) -> list[str]:
    return refusals(Request(user=user, operation="CREATE", new=pod), made)


def rules(said: list[str]) -> set[str]:
    return {one.partition(":")[0] for one in said}


@pytest.mark.parametrize(
    ("login", "project", "profile"),
    [
        *(("demo", "variations", "petite"), ("demo", "parcours", "moyenne")),
        ("alix", "parcours", "petite"),
    ],
)
def test_the_hubs_own_pods_are_let_in(
    tmp_path: Path, login: str, project: str, profile: str
) -> None:
    pod = session_pod.session(tmp_path, login=login, project=project, profile=profile)
    assert create(pod, HUB) == []
    # As the API server has it when the policies see it.
    pod["spec"]["tolerations"] = [
        {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for what in ("not-ready", "unreachable")
    ]  # fmt: skip
    assert create(pod, HUB) == []


@pytest.mark.parametrize("component", ["executor", "worker"])
def test_the_brokers_own_pods_are_let_in(session: Manifest, component: str) -> None:
    assert create(session_pod.executor(session, component=component), BROKER) == []


def test_neither_makes_what_is_the_others(session: Manifest) -> None:
    assert "name" in rules(create(session, BROKER))
    assert "name" in rules(create(session_pod.executor(session), HUB))


def placed(attack: Attack, pod: Manifest) -> Manifest:
    """Return the pod as the attack asks for it. `@name` in a place is the volume of this name."""
    changes: dict[str, Any] = {}
    for place, value in attack.changes.items():
        first, *more = place.split("|")
        parts = [*first.split("."), *more]
        names = [one["name"] for one in pod["spec"]["volumes"]]
        found = [str(names.index(one[1:])) if one.startswith("@") else one for one in parts]
        changes["\0".join(found)] = value
    return changed(changes, pod)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.what)
def test_an_attack_is_refused_by_the_rule_that_is_meant(session: Manifest, attack: Attack) -> None:
    user, pod = (
        (HUB, session) if attack.of == "session" else (BROKER, session_pod.executor(session))
    )
    assert create(pod, user) == []
    said = create(placed(attack, pod), user)
    assert attack.rule in rules(said), said


def test_attacks_try_each_rule() -> None:
    named = {
        rule["message"].partition(":")[0]
        for policy in POLICIES
        for rule in policy.spec["validations"]
        if policy.parameters
        and policy.spec["matchConstraints"]["resourceRules"][0]["resources"] == ["pods"]
    }
    tried = {one.rule for one in ATTACKS} | {"labels"}
    assert tried == named


def test_a_rule_less_is_noticed(session: Manifest) -> None:
    """Each rule refuses something that no other does."""
    pods = next(one for one in POLICIES if len(one.spec["validations"]) > 10)
    for rule in pods.spec["validations"]:
        name = rule["message"].partition(":")[0]
        # `labels` is of updates; `owner` says more plainly what `project` and `identity` would refuse; what `project` alone
        # refuses is tried below.
        if name in {"labels", "owner", "project"}:
            continue
        less = {
            **pods.spec,
            "validations": [one for one in pods.spec["validations"] if one is not rule],
        }
        weaker = [Policy(less, pods.parameters, pods.compiled)]
        passed = [
            one.what
            for one in ATTACKS
            if one.rule == name
            and not create(
                placed(one, session if one.of == "session" else session_pod.executor(session)),
                HUB if one.of == "session" else BROKER,
                weaker,
            )
        ]
        assert passed, f"{name}: no attack gets in without it"


def test_a_pod_that_changes_its_labels_is_refused(session: Manifest) -> None:
    other = copy.deepcopy(session)
    other["metadata"]["labels"]["more"] = "x"

    def update(new: Manifest) -> set[str]:
        return rules(
            refusals(Request(user=HUB, operation="UPDATE", new=new, old=session), POLICIES)
        )

    assert update(copy.deepcopy(session)) == set()
    assert update(other) == {"labels"}


def test_who_is_not_a_member_gets_nothing_of_a_project(session: Manifest) -> None:
    """The pod is alix's own in all, but for the project, whose member alix is not."""
    text = (
        json.dumps(session)
        .replace("demo.variations", "alix.variations")
        .replace("1000124", "1000123")
    )
    pod = json.loads(text.replace("session-demo", "session-alix"))
    pod["metadata"]["labels"]["bigdata.openchronic/owner"] = "alix"
    assert rules(create(pod, HUB)) == {"project"}


def test_typed_tables_are_those_of_a_project_that_may_read_them(
    tmp_path: Path, session: Manifest
) -> None:
    pod = session_pod.session(tmp_path, login="demo", project="parcours")
    claim = {"name": "more", "persistentVolumeClaim": {"claimName": "restricted", "readOnly": True}}
    pod["spec"]["volumes"].append(claim)
    assert "claims" in rules(create(pod, HUB))
    readers = session_pod.session(tmp_path, login="demo", project="parcours")
    readers["spec"]["securityContext"]["supplementalGroups"].append(1000790)
    assert "identity" in rules(create(readers, HUB))


def claim(new: Manifest, user: str = HUB) -> set[str]:
    asked = Request(user=user, operation="CREATE", new=new, resource="persistentvolumeclaims")
    return rules(refusals(asked, POLICIES))


def test_the_hub_makes_homes_of_members_and_no_other_claim(tmp_path: Path) -> None:
    home = session_pod.home(tmp_path)
    assert claim(home) == set()
    assert claim(home, BROKER) == {"home"}
    for name in (
        "home-alix.variations",
        "home-demo.nothing",
        "releases",
        "home-demo",
        "home-demo.variations.x",
    ):
        assert claim(changed({"metadata.name": name}, home)) == {"home"}, name
    copied = {"kind": "PersistentVolumeClaim", "name": "home-alix.parcours"}
    assert claim(changed({"spec.dataSource": copied}, home)) == {"content"}
    assert claim(changed({"spec.dataSourceRef": copied}, home)) == {"content"}
    assert claim(changed({"spec.volumeName": "pv-of-another"}, home)) == {"content"}
    assert claim(changed({"spec.selector": {"matchLabels": {}}}, home)) == {"content"}
    assert claim(changed({"spec.resources.requests.storage": "1Ti"}, home)) == {"size"}


def test_each_ends_its_own_alone(session: Manifest) -> None:
    def end(user: str, old: Manifest) -> set[str]:
        return rules(refusals(Request(user=user, operation="DELETE", new=None, old=old), POLICIES))

    executor = session_pod.executor(session)
    build = changed({"metadata.labels": {"app.kubernetes.io/component": "build"}}, session)
    assert end(HUB, session) == end(BROKER, executor) == set()
    for user, pod in ((HUB, executor), (BROKER, session), (HUB, build), (BROKER, build)):
        assert end(user, pod) == {"ends"}


@pytest.mark.parametrize(
    ("resource", "operation", "group"),
    [
        *((f"pods/{what}", "CONNECT", "") for what in ("exec", "attach", "portforward", "proxy")),
        *(("pods/ephemeralcontainers", "UPDATE", ""), ("pods/binding", "CREATE", "")),
        *(("serviceaccounts/token", "CREATE", ""), ("bindings", "CREATE", "")),
        *(
            ("deployments", "CREATE", "apps"),
            ("jobs", "CREATE", "batch"),
            ("cronjobs", "UPDATE", "batch"),
        ),
    ],
)
def test_neither_enters_a_pod_nor_makes_what_makes_pods(
    resource: str, operation: str, group: str
) -> None:
    for user in (HUB, BROKER):
        asked = Request(user=user, operation=operation, new={}, resource=resource, group=group)
        assert rules(refusals(asked, POLICIES)) == {"inside"}


def test_an_operator_is_not_held_back(session: Manifest) -> None:
    pod = changed({"spec.hostNetwork": True}, session)
    for user in ("kubernetes-admin", "system:serviceaccount:kube-system:cronjob-controller"):
        assert create(pod, user) == []


def test_without_its_parameters_a_policy_refuses_all(session: Manifest) -> None:
    bare = [Policy(one.spec, {"data": {}}) for one in POLICIES if one.parameters]
    assert create(session, HUB, bare) != []


def test_cards_are_those_of_the_largest_profile(session: Manifest) -> None:
    made = policies(rendered(sites()["cards and nodes"]))
    resource = "nvidia.com/mig-1g.10gb"
    pod = copy.deepcopy(session)
    pod["spec"]["tolerations"] = [{"key": resource, "operator": "Exists", "effect": "NoSchedule"}]
    for count, refused in (("2", set()), ("3", {"limits"})):
        pod["spec"]["containers"][0]["resources"]["limits"][resource] = count
        assert rules(create(pod, HUB, made)) == refused


def test_quantities_are_compared_as_numbers() -> None:
    assert quantity("3Gi") == quantity("3072Mi") == quantity(str(3 * 2**30))
    assert quantity("2000m") == quantity("2.000") == "2.000"
    with pytest.raises(ValueError, match="no quantity"):
        quantity("much")
