"""The workers of Dask: a session asks for a number of them, lists them, and removes them all."""

from http import HTTPStatus
from typing import Any

from broker import workers
from broker.asking import Asking, refusal, success
from broker.errors import AskedWrongly
from broker.templates import COMPONENT


class DaskWorkers(Asking):
    async def get(self) -> None:
        self.write({"workers": [one["metadata"]["name"] for one in await self._workers()]})

    async def post(self) -> None:
        try:
            count, certificates = workers.wanted(self.body(), most=self.broker.most)
        except AskedWrongly as error:
            raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error
        parts = [workers.worker(certificates, session=self.session) for _ in range(count)]
        made = await self.make(parts)
        self.set_status(HTTPStatus.CREATED)
        self.write({"workers": [one["metadata"]["name"] for one in made]})

    async def delete(self) -> None:
        for one in await self._workers():
            await self.broker.pods.delete(one["metadata"]["name"])
        self.write(success())

    async def _workers(self) -> list[dict[str, Any]]:
        found = await self.broker.pods.of(self.login)
        return [one for one in found if one["metadata"]["labels"][COMPONENT] == workers.COMPONENT]
