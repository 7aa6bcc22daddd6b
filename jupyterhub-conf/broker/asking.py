"""A request of a session: whose it is, its limits, and errors in Kubernetes' form, which Spark tells its user."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, RequestHandler

from broker.errors import Refused
from broker.owners import HubAway, owner_of
from broker.templates import Part, pod_of

if TYPE_CHECKING:
    from broker.pods import Pods

log = logging.getLogger("broker")
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


@dataclass(frozen=True, kw_only=True)
class Broker:
    """`most`: executors and workers of one session together. `user_bytes`: memory of one user's pods together."""

    pods: Pods
    hub: str
    most: int
    scratch_gb: float
    user_bytes: int | None = None
    one_at_a_time: dict[str, asyncio.Lock] = field(default_factory=dict)


class Asking(RequestHandler):  # type: ignore[misc]  # tornado has no types
    broker: Broker
    login: str
    session: dict[str, Any]

    def initialize(self, broker: Broker) -> None:
        self.broker = broker

    async def prepare(self) -> None:
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        try:
            login = (
                await owner_of(token.strip(), hub=self.broker.hub)
                if scheme.lower() in {"bearer", "token"}
                else None
            )
        except HubAway as error:
            log.warning("The hub does not answer: %s", error)
            raise refusal(HTTPStatus.SERVICE_UNAVAILABLE, "The hub does not answer") from error
        if login is None:
            raise refusal(HTTPStatus.UNAUTHORIZED, "Not the token of a session")
        session = await self.broker.pods.session(login)
        if session is None:
            raise refusal(HTTPStatus.FORBIDDEN, "No session of this user runs")
        self.login, self.session = login, session

    def body(self) -> object:
        try:
            return json.loads(self.request.body)
        # Brackets without end are told as too deep.
        except (ValueError, RecursionError):
            raise refusal(HTTPStatus.BAD_REQUEST, "Not JSON") from None

    async def make(self, parts: list[Part]) -> list[dict[str, Any]]:
        """Create the pods of these parts, all within the limits or none. Raises HTTPError."""
        pods = self.broker.pods
        # Two requests of one owner must not both find the last place free.
        async with self.broker.one_at_a_time.setdefault(self.login, asyncio.Lock()):
            there = await pods.of(self.login)
            ended = [one for one in there if has_ended(one)]
            for one in ended:
                await pods.delete(one["metadata"]["name"])
            self._refuse_too_many(len(there) - len(ended) + len(parts))
            made: list[dict[str, Any]] = []
            try:
                for part in parts:
                    manifest = pod_of(self.session, part, scratch_gb=self.broker.scratch_gb)
                    made.append(await pods.create(manifest))
                    log.info("%s of %s is made", part.name, self.login)
            except Refused as error:
                for one in made:
                    await pods.delete(one["metadata"]["name"])
                raise refusal(HTTPStatus.FORBIDDEN, str(error)) from error
        return made

    def _refuse_too_many(self, count: int) -> None:
        broker = self.broker
        if count > broker.most:
            raise refusal(
                HTTPStatus.FORBIDDEN, f"A session has at most {broker.most} executors and workers"
            )
        each = quantity(self.session["spec"]["containers"][0]["resources"]["limits"]["memory"])
        # The session itself is one more.
        if broker.user_bytes is not None and each * (count + 1) > broker.user_bytes:
            raise refusal(
                HTTPStatus.FORBIDDEN,
                f"The pods of one user have at most {broker.user_bytes >> 20} MiB together",
            )

    def write_error(self, status_code: int, **_: Any) -> None:
        self.finish(
            {
                "kind": "Status",
                "apiVersion": "v1",
                "status": "Failure",
                "code": status_code,
                "message": self._reason,
            }
        )


def refusal(status: HTTPStatus, message: str) -> HTTPError:
    """Return the error whose message is one line of HTTP's, whatever the cluster or a session wrote into it."""
    return HTTPError(status, reason=re.sub(r"[^\x21-\x7e]+", " ", message)[:500])


def success() -> dict[str, str]:
    return {"kind": "Status", "apiVersion": "v1", "status": "Success"}


def has_ended(pod: Mapping[str, Any]) -> bool:
    return pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}


def quantity(text: str) -> int:
    """Return the bytes of a quantity of Kubernetes: `2Gi`, `512Mi`, `1500000`."""
    read = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", text)
    assert read, text
    return int(float(read[1]) * UNITS[read[2]])
