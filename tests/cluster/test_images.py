"""The project's images run on the node by their digests, as a deploy's values name them, without any registry."""

import time
from typing import Any

import pytest

from infra.box.cluster import images
from infra.cluster.images import built
from infra.settings.box_identity import BoxIdentity
from infra.settings.cluster_file import load_cluster_site
from tests.cluster.kubernetes import Namespace, probe
from tests.cluster.site import SITE

ABSENT = "0" * 64


@pytest.fixture(scope="module")
def references(box: BoxIdentity) -> dict[str, str]:
    archive = built(load_cluster_site(SITE))
    if archive is None:
        pytest.skip(f"no images are of this checkout: make images SITE={SITE}")
    return images.import_images(box, archive)


def python(reference: str, *code: str) -> dict[str, Any]:
    """Return a restricted pod of an image that runs Python once."""
    pod = probe("python")
    container = pod["spec"]["containers"][0]
    for unwanted in ("args", "ports", "readinessProbe"):
        del container[unwanted]
    container |= {
        "image": reference,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-c", "\n".join(code)],
        "resources": {
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"cpu": "2", "memory": "1Gi"},
        },
    }
    return {**pod, "spec": {**pod["spec"], "restartPolicy": "Never"}}


def test_an_image_runs_by_its_digest(namespace: Namespace, references: dict[str, str]) -> None:
    assert {"base", "spark", "jupyter"} <= references.keys()
    reference = references["spark"]
    namespace.apply(python(reference, "import openchronic", "print('here')"))
    done = "--for=jsonpath={.status.phase}=Succeeded"
    namespace.kubectl("wait", done, "pod/python", "--timeout=170s")
    assert namespace.kubectl("logs", "python").strip() == "here"
    status = namespace.ask("pod", "python")["status"]["containerStatuses"][0]
    assert status["imageID"] == reference


def test_another_digest_of_the_same_name_is_not_there(
    namespace: Namespace, references: dict[str, str]
) -> None:
    reference = f"{references['spark'].partition('@')[0]}@sha256:{ABSENT}"
    pod = python(reference, "print('here')")
    pod["spec"]["containers"][0]["imagePullPolicy"] = "Never"
    namespace.apply(pod)
    deadline = time.monotonic() + 60
    while why_waiting(namespace) != "ErrImageNeverPull":
        assert time.monotonic() < deadline
        time.sleep(0.5)


def why_waiting(namespace: Namespace) -> str:
    (status,) = namespace.ask("pod", "python")["status"].get("containerStatuses") or [{}]
    return str(status.get("state", {}).get("waiting", {}).get("reason", ""))
