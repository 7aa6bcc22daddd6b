"""Spark's settings where its executors are pods of the session's owner, which the site's broker makes."""

from __future__ import annotations

# Fixed, since the cluster lets a session's pods reach each other at these ports alone.
DRIVER_PORT = 7078
BLOCK_MANAGER_PORT = 7079
# Of an executor's memory, for its heap: Python's workers and Java's own need the rest.
HEAP_SHARE_OF_EXECUTOR = 0.55


def executor_settings(
    *,
    executors: int,
    memory: int,
    threads: int,
    broker: str,
    namespace: str,
    token: str,
    address: str,
) -> dict[str, str]:
    """Returns the settings for at most ``executors`` executors, each as large as the session: ``memory`` in bytes. They come
    when a calculation needs them, and go when they have been idle. ``address``: the session's own, where its driver listens.
    """
    return {
        "spark.master": f"k8s://{broker}/k8s",
        "spark.kubernetes.namespace": namespace,
        "spark.kubernetes.authenticate.oauthToken": token,
        # The broker takes the session's own.
        "spark.kubernetes.container.image": "session",
        "spark.kubernetes.executor.disableConfigMap": "true",
        # The broker answers questions, and holds no connection open.
        "spark.kubernetes.executor.enableApiWatcher": "false",
        "spark.kubernetes.executor.apiPollingInterval": "2s",
        "spark.driver.host": address,
        "spark.driver.bindAddress": address,
        "spark.driver.port": str(DRIVER_PORT),
        "spark.driver.blockManager.port": str(BLOCK_MANAGER_PORT),
        "spark.blockManager.port": str(BLOCK_MANAGER_PORT),
        "spark.executor.cores": str(threads),
        "spark.executor.memory": f"{int(memory * HEAP_SHARE_OF_EXECUTOR) >> 20}m",
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        "spark.dynamicAllocation.minExecutors": "0",
        "spark.dynamicAllocation.initialExecutors": str(executors),
        "spark.dynamicAllocation.maxExecutors": str(executors),
        # What pods tell each other crosses the network between nodes.
        "spark.authenticate": "true",
        "spark.network.crypto.enabled": "true",
    }
