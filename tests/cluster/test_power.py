"""A node whose power was cut comes back by itself, with its pods, their volumes and their policies."""

from collections.abc import Callable

import pytest

from infra.box import machine
from infra.box.cluster import up
from infra.settings.box_identity import BoxIdentity
from tests.cluster.kubernetes import Namespace
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
    for name in ("keeps", "asks"):
        namespace.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=120s")
    assert namespace.probe("keeps", "read", "/claimed/kept") == str(2**20)
    address = f"{namespace.ask('pod', 'keeps')['status']['podIP']}:8080"
    assert namespace.reach("asks", address) == "open"
    namespace.apply(DENY)
    assert namespace.reach("asks", address) == "no answer"
