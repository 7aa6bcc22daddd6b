"""A node whose power was cut comes back by itself, with its pods, their volumes and their policies."""

from collections.abc import Callable

import pytest

from infra.box import machine
from infra.box.cluster import up
from infra.settings.box_identity import BoxIdentity
from tests.cluster.kubernetes import KubectlError, Namespace
from tests.cluster.site import until
from tests.cluster.test_policies import DENY
from tests.cluster.test_volumes import claim


@pytest.mark.parametrize("cut", [machine.stop, machine.kill], ids=["powered off", "power cut"])
def test_the_node_comes_back_with_all_that_it_had(
    namespace: Namespace, box: BoxIdentity, cut: Callable[[BoxIdentity], None]
) -> None:
    namespace.apply(claim("home"))
    namespace.run_probe("keeps", claim="home")
    namespace.probe("keeps", "fill", "/claimed/kept", "1")
    namespace.run_probe("asks")
    cut(box)
    up.up(box)
    # After a cut the API server tells for a while what was: a pod is back when it answers.
    until(
        lambda: _said(namespace, "keeps", "read", "/claimed/kept") == str(2**20),
        "the file is there",
        limit_s=300,
    )
    until(
        lambda: _said(namespace, "asks", "reach", _address(namespace)) == "open",
        "pods reach each other",
        limit_s=120,
    )
    namespace.apply(DENY)
    until(
        lambda: _said(namespace, "asks", "reach", _address(namespace)) == "no answer",
        "the policy holds",
        limit_s=30,
    )


def _said(namespace: Namespace, pod: str, *arguments: str) -> str:
    try:
        return namespace.probe(pod, *arguments)
    except KubectlError as error:
        return str(error)


def _address(namespace: Namespace) -> str:
    return f"{namespace.ask('pod', 'keeps')['status'].get('podIP')}:8080"
