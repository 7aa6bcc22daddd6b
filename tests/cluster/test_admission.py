"""The API server itself refuses what a hub or a broker in somebody else's hands could ask of it, each beside what they make."""

import concurrent.futures
import json
from typing import Any

import pytest

from tests.charts.attacks import ATTACKS, Attack
from tests.charts.test_admission import placed
from tests.cluster.kubernetes import KubectlError
from tests.cluster.site import DeployedSite
from tests.smoke.test_cluster import posted

pytestmark = pytest.mark.timeout(1200)
WORK = "--namespace=bigdata-work"
AT_ONCE = 4
EXECUTOR = "executor"


def said_to(site: DeployedSite, pod: dict[str, Any], *, account: str) -> str:
    """Return why the API server refuses the pod to a service; empty where it lets it in. Nothing is made."""
    words = ("create", "--dry-run=server", "--filename=-", WORK)
    who = f"--as=system:serviceaccount:bigdata:{account}"
    try:
        site.cluster.kubectl(*words, who, given=json.dumps(pod))
    except KubectlError as error:
        return str(error)
    return ""


def test_each_attack_on_the_hubs_rights_is_refused_and_its_own_pod_is_not(
    site: DeployedSite, record_property: Any
) -> None:
    with site.session("demo", project="variations"):
        pod = posted(site.pods("demo", component="session")[0])
    # The session has ended: its name is free.
    assert said_to(site, pod, account="hub") == ""
    attacks = [one for one in ATTACKS if one.of != EXECUTOR]
    said = _all(site, attacks, pod, account="hub")
    assert [what for what, why in said.items() if not _is_refusal(why)] == []
    # Some are refused before by Pod Security or by the form of a pod; the rest must be by our rules.
    by_us = [one.what for one in attacks if f"{one.rule}:" in said[one.what] or "ValidatingAdmissionPolicy" in said[one.what]]  # fmt: skip
    print(f"{len(attacks)} attacks, {len(by_us)} refused by the chart's own rules")
    record_property("measured", f"{len(attacks)} attacks, {len(by_us)} by the chart's own rules")
    assert len(by_us) > len(attacks) // 2


def _all(
    site: DeployedSite, attacks: list[Attack], pod: dict[str, Any], *, account: str
) -> dict[str, str]:
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        said = pool.map(lambda one: said_to(site, placed(one, pod), account=account), attacks)
        return {one.what: why for one, why in zip(attacks, said, strict=True)}


def _is_refusal(said: str) -> bool:
    """Whether it is the API server that refuses, and not a broken question."""
    return any(word in said for word in ("denied", "forbidden", "is invalid"))
