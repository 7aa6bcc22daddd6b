"""Spark and Dask ask the broker for executors and workers, which are processes here: prints what they answered as JSON.

STAND-INS: the hub, which knows one token, and the cluster, which starts what a pod would run as a process of this container,
at an address of its own. Spark, Dask, the broker, and what the pods run are the real ones. BROKER: the folder of jupyterhub-conf.
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, os.environ["BROKER"])

from broker.application import application
from broker.asking import Broker
from broker.errors import Refused
from tornado.web import Application, RequestHandler

HUB, BROKER, LOGIN, TOKEN = 18080, 18090, "alix", "0123456789abcdef0123456789abcdef"
# What an image has at these places; elsewhere than in an image, START names their folder.
START = os.environ.get("START", "/usr/local/bin")
ADDRESSES = (f"127.0.1.{number}" for number in itertools.count(1))
LIMITS = {"cpu": "1", "memory": "1Gi"}
SESSION: dict[str, Any] = {
    "metadata": {
        "name": f"session-{LOGIN}",
        "namespace": "work",
        "uid": "7c3a",
        "labels": {
            "bigdata.openchronic/owner": LOGIN,
            "bigdata.openchronic/project": "variations",
            "app.kubernetes.io/component": "session",
        },
    },
    "spec": {
        "containers": [
            {
                "image": "session",
                "securityContext": {"runAsNonRoot": True},
                "env": [
                    {"name": "OMP_NUM_THREADS", "value": "1"},
                    {"name": "JUPYTERHUB_API_TOKEN", "value": TOKEN},
                ],
                "resources": {"limits": LIMITS, "requests": LIMITS},
            }
        ]
    },
    "status": {"phase": "Running", "podIP": "127.0.0.1"},
}


class Processes:
    """The cluster's stand-in: a pod is a process."""

    namespace = "work"

    def __init__(self) -> None:
        self.pods: dict[str, dict[str, Any]] = {}
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        self.most_at_once = 0

    async def session(self, login: str) -> dict[str, Any] | None:
        return SESSION if login == LOGIN else None

    async def of(
        self, login: str, *, chosen: Callable[[Mapping[str, str]], bool] = lambda _: True
    ) -> list[dict[str, Any]]:
        assert login == LOGIN
        for name, program in self.programs.items():
            if program.poll() is not None:
                self.pods[name]["status"]["phase"] = "Failed" if program.returncode else "Succeeded"
        return [one for one in self.pods.values() if chosen(one["metadata"]["labels"])]

    async def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        name = manifest["metadata"]["name"]
        if name in self.pods:
            raise Refused(f"pods {name} exists")
        address = next(ADDRESSES)
        (container,) = manifest["spec"]["containers"]
        fields = {"status.podIP": address, "metadata.name": name}
        environment = {
            one["name"]: one.get("value") or fields[one["valueFrom"]["fieldRef"]["fieldPath"]]
            for one in container["env"]
        }
        folder = tempfile.mkdtemp()
        environment = {
            key: value.replace("/var/data", folder) for key, value in environment.items()
        }
        *_, program = container["command"]
        self.programs[name] = subprocess.Popen(
            [f"{START}/{Path(program).name}"],
            env={
                "PATH": os.environ["PATH"],
                "SPARK_CONF_DIR": os.environ.get("SPARK_CONF_DIR", "/etc/spark"),
                **environment,
            },
            cwd=folder,
            stdout=sys.stderr,
        )
        started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.pods[name] = manifest | {
            "metadata": {**manifest["metadata"], "uid": name, "creationTimestamp": started},
            "status": {
                "phase": "Running",
                "podIP": address,
                "startTime": started,
                "containerStatuses": [
                    {"name": container["name"], "state": {"running": {"startedAt": started}}}
                ],
            },
        }
        self.most_at_once = max(self.most_at_once, len(self.pods))
        return self.pods[name]

    async def delete(self, name: str) -> None:
        self.pods.pop(name, None)
        if program := self.programs.pop(name, None):
            program.terminate()
            await asyncio.to_thread(program.wait)


class User(RequestHandler):  # type: ignore[misc]  # tornado has no types
    def get(self) -> None:
        if self.request.headers.get("Authorization") != f"token {TOKEN}":
            self.set_status(403)
            return
        self.write({"kind": "user", "name": LOGIN, "scopes": [f"users:activity!user={LOGIN}"]})


def serve(processes: Processes, ready: threading.Event) -> None:
    async def main() -> None:
        Application([("/hub/api/user", User)]).listen(HUB, "127.0.0.1")
        broker = Broker(
            pods=processes,  # type: ignore[arg-type]  # the stand-in
            hub=f"http://127.0.0.1:{HUB}",
            most=3,
            scratch_gb=1,
        )
        application(broker).listen(BROKER, "127.0.0.1")
        ready.set()
        await asyncio.Event().wait()

    asyncio.run(main())


def gone(processes: Processes, seconds: float = 60) -> bool:
    """Return whether nothing runs within this time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if all(one.poll() is not None for one in list(processes.programs.values())):
            return True
        time.sleep(0.2)
    return False


def spark(processes: Processes, told: dict[str, Any]) -> None:
    from pyspark.sql import SparkSession

    from openchronic.engines.spark_executors import executor_settings
    from openchronic.engines.spark_settings import prepare_environment

    prepare_environment()
    builder = SparkSession.builder.config("spark.ui.enabled", "false")
    settings = executor_settings(
        executors=2,
        memory=1 << 30,
        threads=1,
        namespace="work",
        token=TOKEN,
        broker=f"http://127.0.0.1:{BROKER}/broker",
        address="127.0.0.1",
    )
    settings["spark.dynamicAllocation.executorIdleTimeout"] = "5s"
    settings["spark.dynamicAllocation.shuffleTracking.timeout"] = "5s"
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    context = session.sparkContext

    def where(_: int) -> tuple[str, bool]:
        time.sleep(1)
        return os.environ["SPARK_EXECUTOR_POD_NAME"], "JUPYTERHUB_API_TOKEN" in os.environ

    seen = context.parallelize(range(8), 8).map(where).collect()
    told["executors"] = sorted({name for name, _ in seen})
    told["executors_hold_a_token"] = any(token for _, token in seen)
    groups = session.range(1_000_000).selectExpr("id % 7 AS k", "id").groupBy("k").sum("id")
    told["groups"] = groups.count()
    told["idle_executors_leave"] = gone(processes)
    # They come back for the next calculation.
    told["again"] = len(set(context.parallelize(range(4), 4).map(where).collect())) >= 1
    session.stop()
    told["none_after_stop"] = gone(processes) and not processes.pods


def dask(processes: Processes, told: dict[str, Any]) -> None:
    os.environ.update(
        OPENCHRONIC_BROKER=f"http://127.0.0.1:{BROKER}/broker",
        OPENCHRONIC_NAMESPACE="work",
        OPENCHRONIC_POD_IP="127.0.0.1",
        OPENCHRONIC_EXECUTORS="3",
        JUPYTERHUB_API_TOKEN=TOKEN,
    )
    from distributed import get_client

    import openchronic as oc

    try:
        oc.dask_cluster(workers=4)
    except oc.OpenChronicError as error:
        told["too_many"] = str(error)
    cluster = oc.dask_cluster(workers=2)
    client = get_client()
    client.wait_for_workers(2, timeout=120)
    names = client.run(lambda: os.environ["SPARK_EXECUTOR_POD_NAME"])
    told["workers"] = sorted(names.values())
    told["worker_addresses"] = sorted(names)
    told["dask_sum"] = client.submit(sum, range(1000)).result()
    client.close()
    cluster.close()
    told["none_after_close"] = gone(processes, 90)


def strangers() -> list[int]:
    """Return the status of each request that is not a session's own."""
    path = f"http://127.0.0.1:{BROKER}/broker/k8s/api/v1/namespaces/work/pods"
    found = []
    for token in ("", "x" * 32, "Bearer"):
        try:
            urllib.request.urlopen(
                urllib.request.Request(path, headers={"Authorization": f"Bearer {token}"})
            )
            found.append(200)
        except urllib.error.HTTPError as error:
            found.append(error.code)
    return found


if __name__ == "__main__":
    processes, ready = Processes(), threading.Event()
    told: dict[str, Any] = {}
    threading.Thread(target=serve, args=(processes, ready), daemon=True).start()
    assert ready.wait(30)
    told["strangers"] = strangers()
    spark(processes, told)
    if "dask" in sys.argv:
        dask(processes, told)
    told["most_at_once"] = processes.most_at_once
    print(json.dumps(told))
