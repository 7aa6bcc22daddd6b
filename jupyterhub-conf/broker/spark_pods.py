"""What Spark's Kubernetes client asks: its executors are listed, made and removed as pods."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from broker import executors
from broker.asking import Asking, refusal, success
from broker.errors import AskedWrongly
from broker.selectors import SelectorRefused, parse
from broker.templates import COMPONENT


class SparkPods(Asking):
    async def get(self) -> None:
        found = await self.broker.pods.of(self.login, chosen=self._selected())
        self.write(
            {
                "kind": "PodList",
                "apiVersion": "v1",
                "metadata": {"resourceVersion": "0"},
                "items": [shown(one) for one in found],
            }
        )

    async def post(self) -> None:
        try:
            part = executors.executor(self.body(), session=self.session)
        except AskedWrongly as error:
            raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
        (made,) = await self.make([part])
        self.set_status(HTTPStatus.CREATED)
        self.write(shown(made))

    async def delete(self) -> None:
        for one in await self.broker.pods.of(self.login, chosen=self._selected()):
            if one["metadata"]["labels"][COMPONENT] == executors.COMPONENT:
                await self.broker.pods.delete(one["metadata"]["name"])
        self.write(success())

    def _selected(self) -> Callable[[Mapping[str, str]], bool]:
        try:
            return parse(self.get_query_argument("labelSelector", ""))
        except SelectorRefused as error:
            raise refusal(HTTPStatus.BAD_REQUEST, str(error)) from error


class SparkPod(Asking):
    async def get(self, name: str) -> None:
        self.write(shown(await self._mine(name)))

    async def delete(self, name: str) -> None:
        await self.broker.pods.delete((await self._mine(name))["metadata"]["name"])
        self.write(success())

    async def _mine(self, name: str) -> dict[str, Any]:
        for one in await self.broker.pods.of(self.login):
            if one["metadata"]["name"] == name:
                return one
        raise refusal(HTTPStatus.NOT_FOUND, f"No executor {name}")


class SparkOthers(Asking):
    """Services and claims, which Spark removes at its end: there are none."""

    def delete(self) -> None:
        self.write(success())


def shown(pod: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Spark reads of a pod: its name and labels, and how it is; nothing of what it mounts."""
    metadata = pod["metadata"]
    told = ("name", "namespace", "uid", "labels", "creationTimestamp", "deletionTimestamp")
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {name: metadata[name] for name in told if name in metadata},
        "spec": {"containers": [{"name": one["name"]} for one in pod["spec"]["containers"]]},
        "status": pod.get("status", {}),
    }
