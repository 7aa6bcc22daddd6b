"""Opens a Dask cluster inside the session: workers sized to what the session has left, on its own loopback."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openchronic import extras
from openchronic.api.pages import announce
from openchronic.api.worker_pods import open_cluster
from openchronic.errors import OpenChronicError
from openchronic.releases import current_project
from openchronic.runtime.broker import broker_for, find_broker
from openchronic.runtime.limits import memory_limit, memory_used, thread_limit

if TYPE_CHECKING:
    from distributed import LocalCluster

# Of the session's memory, what stays for the notebook: results come back to its kernel, and the scheduler is in it.
KERNEL_SHARE_OF_SESSION = 0.2
# Of the session's memory, the most that workers get together.
DASK_SHARE_OF_SESSION = 0.6
# A worker that has read a bucket of events with pandas, and little else.
LEAST_WORKER = 400 << 20
# The page and its links; nothing that acts, and no way on to other ports (distributed.http.proxy).
ROUTES = [f"distributed.http.{name}" for name in ("scheduler.info", "health", "statics")]
SETTINGS: dict[str, Any] = {
    "distributed.scheduler.http.routes": ROUTES,
    # What ends two workers is not tried on a third one.
    "distributed.scheduler.allowed-failures": 1,
    # A worker that is not back by then is given up for ever, and on a busy machine one takes longer than Dask's 15 s.
    "distributed.deploy.lost-worker-timeout": "10 minutes",
    # Only this machine's own page asks for it: see images/jupyter/engine_pages.py.
    "distributed.scheduler.dashboard.bokeh-application.allow_websocket_origin": ["127.0.0.1"],
    "distributed.diagnostics.nvml": False,
}


@dataclass(frozen=True)
class Size:
    """Workers of a cluster: how many, with how many threads and bytes each."""

    workers: int
    threads: int
    memory: int


# At most one: the session's memory is dealt once.
_running: list[LocalCluster] = []


def dask_cluster(*, workers: int | None = None) -> LocalCluster:
    """Ouvre un cluster Dask dans la session : ``oc.dask("event")`` et les autres calculs de Dask y passent ensuite.

    Autant de processus que la session a de processeurs, moins si sa mémoire n'y suffit pas ; ``workers`` : ce
    nombre-là. Ensemble ils ont la mémoire qui reste à côté du carnet. Un processus qui dépasse sa part est
    arrêté et remplacé, la session continue. ``dask_cluster().dashboard_link`` est sa page, ouverte à vous seul ;
    ``dask_cluster().close()`` le ferme. Un deuxième appel rend le même. Dans un programme (``.py``), appelez-le sous
    ``if __name__ == "__main__":``. Sur une plateforme qui a des exécuteurs (un cluster), ``workers`` en est le nombre :
    chacun est de la taille de la session, hors d'elle. Lève ``OpenChronicError`` si Dask manque, ou la mémoire.
    """
    try:
        import dask
        from distributed import Client, Status
    except ImportError:
        raise OpenChronicError(
            f"Dask is not in this environment; {extras.command('dask')}",
            f"Dask n'est pas installé dans cet environnement : {extras.command('dask')}.",
        ) from None
    _running[:] = [one for one in _running if one.status == Status.running]
    if _running:
        return _running[0]
    dask.config.set(SETTINGS)
    if workers is not None and find_broker() is not None:
        cluster = open_cluster(broker_for(workers, "processus"), workers=workers)
    else:
        cluster = _in_the_session(workers)
    if link := announce("dask", _port(cluster)):
        dask.config.set({"distributed.dashboard.link": f"{link}status"})
    # It becomes the one that Dask's calculations use, and ends with the cluster.
    Client(cluster)
    _running.append(cluster)
    return cluster


def _in_the_session(workers: int | None) -> LocalCluster:
    from distributed import LocalCluster

    size = fitting(
        memory=memory_limit(), used=memory_used(), threads=thread_limit(), workers=workers
    )
    return LocalCluster(
        n_workers=size.workers,
        threads_per_worker=size.threads,
        memory_limit=size.memory,
        host="127.0.0.1",
        # Who reaches a worker runs code in it. A session of the server has its loopback for itself; elsewhere it is also
        # that of the machine's other users.
        security=None if current_project() else True,
        dashboard_address="127.0.0.1:0",
        local_directory=tempfile.gettempdir(),
        # DuckDB in a worker takes its limits from there.
        env={
            "OPENCHRONIC_MEMORY": str(size.memory),
            "OPENCHRONIC_THREADS": str(size.threads),
        },
        preload=["openchronic.runtime.dask_worker"],
    )


def fitting(*, memory: int, used: int, threads: int, workers: int | None = None) -> Size:
    """Returns the workers that fit beside what a session uses. ``memory`` and ``used`` in bytes. Raises
    OpenChronicError."""
    left = min(
        memory - used - int(memory * KERNEL_SHARE_OF_SESSION), int(memory * DASK_SHARE_OF_SESSION)
    )
    wanted = workers if workers is not None else max(1, min(threads, left // LEAST_WORKER))
    if wanted < 1 or left // wanted < LEAST_WORKER:
        raise OpenChronicError(
            f"the session has {max(0, left) >> 20} MB left for Dask: {wanted} workers need "
            f"{wanted * LEAST_WORKER >> 20}",
            f"Il reste {max(0, left) >> 20} Mo à Dask dans cette session ; il en faut {LEAST_WORKER >> 20} pour chacun "
            "de ses processus. Arrêtez les noyaux qui ne servent plus (ils gardent leur mémoire), demandez-en "
            "moins (workers=1), ou ouvrez une session d'un profil plus grand.",
        )
    return Size(wanted, max(1, threads // wanted), left // wanted)


def _port(cluster: LocalCluster) -> int:
    """Returns the port of the cluster's page; 0 where there is none, without bokeh."""
    return int(cluster.scheduler_info.get("services", {}).get("dashboard", 0))
