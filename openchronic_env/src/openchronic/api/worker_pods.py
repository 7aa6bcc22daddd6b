"""Opens a Dask cluster whose workers are pods of the user's own, on a site that has a broker."""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING

from openchronic.errors import OpenChronicError
from openchronic.runtime.broker import Broker, ask

if TYPE_CHECKING:
    from distributed import LocalCluster

# Fixed, since the cluster lets a session's pods reach each other at these ports alone.
SCHEDULER_PORT = 8786


def open_cluster(broker: Broker, *, workers: int) -> LocalCluster:
    """Returns a cluster whose scheduler is in the session, once the broker has promised its workers: they join as they start.
    Each is as large as the session. Raises OpenChronicError."""
    from distributed import LocalCluster
    from distributed.security import Security

    # Who reaches a scheduler runs code in it: its workers prove themselves by what the session signed.
    security = Security.temporary()
    cluster = LocalCluster(
        n_workers=0,
        host=broker.address,
        scheduler_port=SCHEDULER_PORT,
        protocol="tls://",
        security=security,
        dashboard_address="127.0.0.1:0",
    )
    try:
        ask(
            broker,
            "workers",
            {
                "workers": workers,
                "tls": {
                    "ca": security.tls_ca_file,
                    "certificate": security.tls_worker_cert,
                    "key": security.tls_worker_key,
                },
            },
            method="POST",
        )
    except OpenChronicError:
        cluster.close()
        raise
    # A worker ends by itself when its scheduler is gone; its place is free at once all the same.
    weakref.finalize(cluster, _give_back, broker)
    return cluster


def _give_back(broker: Broker) -> None:
    with contextlib.suppress(OpenChronicError):
        ask(broker, "workers", method="DELETE")
