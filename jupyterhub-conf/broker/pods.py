"""Asks the cluster's API for the pods of a session's owner: the only thing that the broker may do there."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from kubernetes_asyncio import client
from kubernetes_asyncio.client.exceptions import ApiException

from broker.errors import Refused
from broker.templates import COMPONENT, OWNER

PARTS = "executor,worker"


class Pods:
    """The pods of one namespace. `api`: the client of the cluster's API, which the program opens once."""

    def __init__(self, api: client.CoreV1Api, *, namespace: str) -> None:
        self.api = api
        self.namespace = namespace

    async def session(self, login: str) -> dict[str, Any] | None:
        """Return the running pod of the login's session."""
        try:
            pod = await self._told(
                self.api.read_namespaced_pod(
                    f"session-{login}", self.namespace, _preload_content=False
                )
            )
        except ApiException as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        labels = pod["metadata"].get("labels", {})
        mine = labels.get(OWNER) == login and labels.get(COMPONENT) == "session"
        running = (
            pod["status"].get("phase") == "Running" and "deletionTimestamp" not in pod["metadata"]
        )
        return pod if mine and running and pod["status"].get("podIP") else None

    async def of(
        self, login: str, *, chosen: Callable[[Mapping[str, str]], bool] = lambda _: True
    ) -> list[dict[str, Any]]:
        """Return the owner's executors and workers whose labels are `chosen`."""
        told = await self._told(
            self.api.list_namespaced_pod(
                self.namespace,
                label_selector=f"{OWNER}={login},{COMPONENT} in ({PARTS})",
                _preload_content=False,
            )
        )
        return [one for one in told["items"] if chosen(one["metadata"].get("labels", {}))]

    async def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Refused: a quota, the policy of admission, or a pod of this name."""
        try:
            return await self._told(
                self.api.create_namespaced_pod(
                    self.namespace,
                    manifest,  # a mapping is sent as it is
                    _preload_content=False,
                )
            )
        except ApiException as error:
            if error.status in {
                HTTPStatus.FORBIDDEN,
                HTTPStatus.CONFLICT,
                HTTPStatus.UNPROCESSABLE_ENTITY,
            }:
                raise Refused(_message(error)) from error
            raise

    async def delete(self, name: str) -> None:
        try:
            await self.api.delete_namespaced_pod(name, self.namespace)
        except ApiException as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    async def _told(self, asked: Any) -> dict[str, Any]:
        answer = await asked
        told: dict[str, Any] = await answer.json()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise ApiException(status=answer.status, reason=str(told.get("message", answer.reason)))
        return told


def _message(error: ApiException) -> str:
    try:
        return str(json.loads(error.body or b"")["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason)
