"""Claims are given volumes of their size, which outlive pods and go with their claim."""

import time
from typing import Any

import pytest

from infra.box import machine
from infra.settings.box_identity import BoxIdentity
from tests.cluster.kubernetes import KubectlError, Namespace

MIB = 40


def claim(name: str, *, kind: str = "box", mode: str = "ReadWriteOnce") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "accessModes": [mode],
            "storageClassName": kind,
            "resources": {"requests": {"storage": f"{MIB}Mi"}},
        },
    }


def test_a_volume_outlives_its_pod(namespace: Namespace) -> None:
    namespace.apply(claim("home"))
    namespace.run_probe("writes", claim="home")
    assert namespace.probe("writes", "fill", "/claimed/kept", "1") == "1"
    namespace.kubectl("delete", "pod", "writes")
    namespace.run_probe("reads", claim="home")
    assert namespace.probe("reads", "read", "/claimed/kept") == str(2**20)


def test_a_shared_volume_is_read_by_two_pods_at_once(namespace: Namespace) -> None:
    namespace.apply(claim("team", kind="box-shared", mode="ReadWriteMany"))
    for name in ("one", "other"):
        namespace.run_probe(name, claim="team")
    namespace.probe("one", "fill", "/claimed/said", "1")
    assert namespace.probe("other", "read", "/claimed/said") == str(2**20)


def test_a_volume_holds_its_size_and_no_more(namespace: Namespace) -> None:
    namespace.apply(claim("small"))
    namespace.run_probe("fills", claim="small")
    assert namespace.probe("fills", "fill", "/claimed/fits", str(MIB // 2)) == str(MIB // 2)
    with pytest.raises(KubectlError, match="disk quota exceeded"):
        namespace.probe("fills", "fill", "/claimed/does-not", str(MIB))


def test_a_volume_goes_with_its_claim(namespace: Namespace, box: BoxIdentity) -> None:
    namespace.apply(claim("gone"))
    namespace.kubectl("wait", "--for=jsonpath={.status.phase}=Bound", "pvc/gone", "--timeout=60s")
    volume = namespace.ask("pvc", "gone")["spec"]["volumeName"]
    assert volume in machine.enter(box, "ls", "/srv/volumes")
    namespace.kubectl("delete", "pvc", "gone")
    deadline = time.monotonic() + 60
    while volume in machine.enter(box, "ls", "/srv/volumes"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
