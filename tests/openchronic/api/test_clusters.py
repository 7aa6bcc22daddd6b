"""Dask's workers: they fit beside the notebook, answer as DuckDB does, and one that takes too much ends alone."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import openchronic as oc
from openchronic.api import clusters, pages, pinning
from openchronic.api.clusters import LEAST_WORKER, fitting
from openchronic.runtime import limits
from tests.pace import patience

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

GIB = 1 << 30
# Of the session in which a cluster is opened here.
SESSION = 3 * GIB // 2
STEP = 100 << 20


@pytest.mark.parametrize(
    ("memory", "used", "threads", "workers"),
    [
        (2 * GIB, 300 << 20, 1, 1),
        (3 * GIB, 400 << 20, 2, 2),
        (64 * GIB, GIB, 16, 16),
        # Less memory than processors: fewer workers, with several threads each.
        (4 * GIB, 2 * GIB, 8, 3),
    ],
)
def test_the_workers_fit_beside_the_notebook(
    memory: int, used: int, threads: int, workers: int
) -> None:
    size = fitting(memory=memory, used=used, threads=threads)
    assert size.workers == workers
    assert size.workers * size.threads <= threads
    assert size.memory >= LEAST_WORKER
    assert used + size.workers * size.memory <= 0.8 * memory


def test_workers_that_do_not_fit_are_refused_with_the_figures() -> None:
    with pytest.raises(oc.OpenChronicError, match="Il reste 309 Mo à Dask") as refused:
        fitting(memory=2 * GIB, used=1329 << 20, threads=2)
    assert "profil plus grand" in str(refused.value)
    with pytest.raises(oc.OpenChronicError, match="il en faut 400 pour chacun"):
        fitting(memory=2 * GIB, used=0, threads=2, workers=4)
    with pytest.raises(oc.OpenChronicError):
        fitting(memory=64 * GIB, used=0, threads=2, workers=0)


def test_what_a_session_uses_is_that_of_its_cgroup_without_idle_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CGROUP", tmp_path)
    alone = limits.memory_used()
    assert 0 < alone < 64 * GIB, "without a limit, what counts is this process"
    folder = tmp_path / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(f"{2 * GIB}\n")
    (folder / "memory.usage_in_bytes").write_text("900\n")
    (folder / "memory.stat").write_text("cache 700\ntotal_inactive_file 600\n")
    assert limits.memory_used() == 300


@pytest.fixture
def opened(plain_base: Path, releases: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A session with a release, and what it opened closed at the end. Gives the folder of its pages."""
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(releases))
    monkeypatch.setenv("OPENCHRONIC_MEMORY", str(SESSION))
    monkeypatch.setenv("OPENCHRONIC_THREADS", "1")
    monkeypatch.setattr(clusters, "memory_used", lambda: 0)
    monkeypatch.setattr(pinning, "_pinned", {})
    monkeypatch.setenv(pages.FOLDER, str(releases / "pages"))
    monkeypatch.setenv(pages.ADDRESS, "/user/claire/")
    yield releases / "pages"
    for cluster in clusters._running:
        cluster.close()


@pytest.mark.timeout(patience(300))
def test_a_worker_that_takes_too_much_is_replaced_and_the_answers_are_duckdbs(opened: Path) -> None:
    from distributed import get_client
    from distributed.scheduler import KilledWorker

    cluster = oc.dask_cluster()
    assert oc.dask_cluster() is cluster
    client = get_client()
    assert client.cluster is cluster
    before = client.submit(_about_me).result()
    # Its share is what DuckDB in it is told, and it is the first to go when the session's memory is used up.
    assert before[1:] == (int(SESSION * 0.6), 1000)
    assert int(Path("/proc/self/oom_score_adj").read_text()) < 1000
    # Nobody else of the machine can talk to it, and its port is not seen from outside.
    assert cluster.scheduler_address.startswith("tls://127.0.0.1:")
    _shown(cluster, opened)

    with pytest.raises(KilledWorker):
        client.submit(_eat, before[1]).result()
    after = _soon(client)
    assert after[0] != before[0]
    assert (
        len(oc.dask("event")) == oc.connect().execute("SELECT count(*) FROM event").fetchall()[0][0]
    )

    cluster.close()
    assert client.status == "closed"


def _shown(cluster: LocalCluster, folder: Path) -> None:
    (named,) = folder.iterdir()
    engine, _, port = named.name.partition("-")
    assert engine == "dask"
    assert cluster.dashboard_link == f"/user/claire/dask/{port}/status"


def _soon(client: Client) -> tuple[int, int, int]:
    answer: tuple[int, int, int] = client.submit(_about_me, pure=False).result(
        timeout=patience(120)
    )
    return answer


def _about_me() -> tuple[int, int, int]:
    from openchronic.runtime.limits import memory_limit

    return os.getpid(), memory_limit(), int(Path("/proc/self/oom_score_adj").read_text())


def _eat(limit: int) -> int:
    """Takes memory in steps that a watch of ten times a second can follow."""
    kept: list[bytes] = []
    while len(kept) * STEP < 2 * limit:
        kept.append(b"x" * STEP)
        time.sleep(0.2)
    return len(kept)
