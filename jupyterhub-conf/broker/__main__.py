"""Starts the broker: `python -m broker`, with the hub's site.json and the pod's own account of the cluster."""

import asyncio
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kubernetes_asyncio import client, config
from settings import Settings, SettingsError, load_settings

from broker.application import application
from broker.asking import Broker
from broker.pods import Pods

PORT = 8090
# A request of Spark's for an executor is 5 KB.
LONGEST_BODY = 1 << 16


async def main(settings: Settings) -> None:
    cluster = settings.cluster
    if cluster is None:
        raise SettingsError(
            "site.json has no cluster: on one server, Spark and Dask stay in the session"
        )
    config.load_incluster_config()
    async with client.ApiClient() as api:
        user_gb = settings.sessions.user_gb
        broker = Broker(
            pods=Pods(client.CoreV1Api(api), namespace=cluster.namespace),
            hub=settings.addresses.hub,
            most=cluster.executors,
            scratch_gb=cluster.scratch_gb,
            user_bytes=None if user_gb is None else int(user_gb * 2**30),
        )
        application(broker).listen(PORT, max_body_size=LONGEST_BODY)
        await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        asyncio.run(main(load_settings()))
    except SettingsError as error:
        raise SystemExit(f"broker: {error}") from None
