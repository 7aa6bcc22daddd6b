"""An executor is its session's pod with another command: it sees no more, holds no token, and ends with it."""

from typing import Any

import pytest
from broker.errors import AskedWrongly
from broker.executors import executor
from broker.templates import pod_of
from broker.workers import wanted, worker

from tests.jupyterhub_conf.broker.session import ADDRESS, DIGEST, TOKEN, asked, session

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
TLS = {"ca": PEM, "certificate": PEM, "key": PEM.replace("CERTIFICATE", "PRIVATE KEY")}


@pytest.fixture(params=["executor", "worker"])
def pod(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "executor":
        part = executor(asked(), session=session())
    else:
        _, certificates = wanted({"workers": 1, "tls": TLS}, most=4)
        part = worker(certificates, session=session())
    return pod_of(session(), part, scratch_gb=20)


def variables(pod: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod["spec"]["containers"]
    return {one["name"]: one.get("value") for one in container["env"]}


def test_it_runs_as_its_owner_from_the_same_image(pod: dict[str, Any]) -> None:
    own = session()["spec"]
    (container,) = pod["spec"]["containers"]
    assert pod["spec"]["securityContext"] == own["securityContext"]
    assert container["securityContext"] == own["containers"][0]["securityContext"]
    assert (container["image"], container["imagePullPolicy"]) == (DIGEST, "Never")
    assert pod["spec"]["serviceAccountName"] == "session"
    assert pod["spec"]["nodeSelector"] == {"bigdata": "sessions"}
    # Any node may take it.
    assert "nodeName" not in pod["spec"]


def test_it_holds_no_token(pod: dict[str, Any]) -> None:
    assert TOKEN not in str(pod)
    assert pod["spec"]["automountServiceAccountToken"] is False


def test_it_sees_what_its_session_sees_but_the_home(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    assert [one["name"] for one in pod["spec"]["volumes"]] == ["releases", "tmp", "scratch"]
    assert container["volumeMounts"] == [
        *session()["spec"]["containers"][0]["volumeMounts"][1:],
        {"name": "scratch", "mountPath": "/var/data"},
    ]
    assert variables(pod)["HOME"] == "/var/data"


def test_it_has_the_limits_of_its_session_and_no_card(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    disk = {"ephemeral-storage": "21504Mi"}
    assert container["resources"] == {
        "limits": {"cpu": "2000m", "memory": "2147483648", **disk},
        "requests": {"cpu": "200m", "memory": "1073741824", **disk},
    }


def test_it_ends_with_its_session(pod: dict[str, Any]) -> None:
    assert pod["metadata"]["ownerReferences"] == [
        {"apiVersion": "v1", "kind": "Pod", "name": "session-alix", "uid": "uid-of-alix"}
    ]


def test_its_labels_are_its_owners_whatever_spark_says() -> None:
    wrong = asked()
    wrong["metadata"]["labels"] |= {
        "bigdata.openchronic/owner": "blanche",
        "app.kubernetes.io/component": "session",
        "spark-exec-id": "not a label value",
    }
    labels = pod_of(session(), executor(wrong, session=session()), scratch_gb=1)["metadata"][
        "labels"
    ]
    assert labels["bigdata.openchronic/owner"] == "alix"
    assert labels["bigdata.openchronic/project"] == "variations"
    assert labels["app.kubernetes.io/component"] == "executor"
    assert labels["spark-role"] == "executor"
    assert not {"spark-exec-id", "hub.jupyter.org/username"} & set(labels)


def test_nothing_else_of_what_spark_posts_is_used() -> None:
    hostile = asked()
    spec = hostile["spec"]
    spec |= {
        "hostNetwork": True,
        "serviceAccountName": "hub",
        "nodeName": "control",
        "initContainers": [{"name": "x", "image": "evil"}],
        "volumes": [{"name": "root", "hostPath": {"path": "/"}}],
    }
    spec["containers"][0] |= {
        "image": "evil",
        "command": ["/bin/sh"],
        "args": ["-c", "id"],
        "securityContext": {"privileged": True},
        "volumeMounts": [{"name": "root", "mountPath": "/host"}],
        "resources": {"limits": {"memory": "1Ti"}},
        "envFrom": [{"secretRef": {"name": "bigdata-hub"}}],
    }
    spec["containers"].append({"name": "second", "image": "evil"})
    # Of two requests, the pods are the same.
    assert pod_of(session(), executor(hostile, session=session()), scratch_gb=1) == pod_of(
        session(), executor(asked(), session=session()), scratch_gb=1
    )


def test_an_executor_runs_sparks_own_program_with_the_variables_that_it_needs() -> None:
    pod = pod_of(session(), executor(asked(), session=session()), scratch_gb=1)
    (container,) = pod["spec"]["containers"]
    given = variables(pod)
    assert container["command"] == [*("/usr/bin/tini", "-g", "--", "/usr/local/bin/start-executor")]
    assert "args" not in container
    assert given["SPARK_DRIVER_URL"] == f"spark://CoarseGrainedScheduler@{ADDRESS}:7078"
    assert given["SPARK_LOCAL_DIRS"] == "/var/data"
    assert given["SPARK_JAVA_OPT_25"] == "-Dspark.authenticate=true"
    assert given["OMP_NUM_THREADS"] == "2"
    assert pod["metadata"]["name"] == "executor-alix-3009186a3686-1"
    assert pod["metadata"]["annotations"] == {
        "bigdata.openchronic/passwd": session()["metadata"]["annotations"][
            "bigdata.openchronic/passwd"
        ]
    }


@pytest.mark.parametrize(
    "given",
    [
        {"SPARK_APPLICATION_ID": None},
        {"SPARK_EXECUTOR_ID": None},
        {"SPARK_EXECUTOR_ID": "../1"},
        {"SPARK_EXECUTOR_MEMORY": "600m -Dx"},
        {"SPARK_EXECUTOR_CORES": "0"},
        {"_SPARK_AUTH_SECRET": "short"},
        {"SPARK_DRIVER_URL": None},
        {"SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@10.1.0.8:7078"},
        {"SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@10.1.0.7:8888"},
        {"LD_PRELOAD": "/tmp/x.so"},
        {"SPARK_JAVA_OPT_1": "x" * 2001},
        {"PATH": "/tmp"},
        {f"SPARK_JAVA_OPT_{number}": "-Dx" for number in range(201)},
    ],
    ids=lambda given: ",".join(given)[:60],
)
def test_an_executor_of_another_form_is_refused(given: dict[str, str | None]) -> None:
    with pytest.raises(AskedWrongly):
        executor(asked(**given), session=session())


@pytest.mark.parametrize(
    "pod",
    [None, [], {}, {"spec": {"containers": []}}, {"spec": {"containers": [{"env": [1]}]}}, "pod"],
    ids=str,
)
def test_what_is_no_pod_is_refused(pod: object) -> None:
    with pytest.raises(AskedWrongly):
        executor(pod, session=session())


@pytest.mark.parametrize(
    "request_",
    [
        {"workers": 0, "tls": TLS},
        {"workers": 5, "tls": TLS},
        {"workers": True, "tls": TLS},
        {"workers": "2", "tls": TLS},
        {"workers": 2},
        {"workers": 2, "tls": TLS, "image": "evil"},
        {"workers": 2, "tls": {**TLS, "ca": "/etc/passwd"}},
        {"workers": 2, "tls": {**TLS, "key": TLS["key"] + TLS["key"]}},
        {"workers": 2, "tls": {**TLS, "other": "x"}},
        None,
    ],
    ids=str,
)
def test_workers_of_another_form_are_refused(request_: object) -> None:
    with pytest.raises(AskedWrongly):
        wanted(request_, most=4)
