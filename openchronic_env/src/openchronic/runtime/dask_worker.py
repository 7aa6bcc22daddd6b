"""What a Dask worker does when it starts: ``oc.dask_cluster()`` names this module to it (its ``preload``)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

# The first that Linux ends when the session's memory is used up, before the notebook's kernel and its server. Anybody may
# offer themselves; only root may take it back.
MOST_EXPENDABLE = "1000"
SCORE = Path("/proc/self/oom_score_adj")


def dask_setup(worker: object) -> None:
    """Dask calls it in each worker."""
    del worker
    # Elsewhere than on Linux there is no such file.
    with suppress(OSError):
        SCORE.write_text(MOST_EXPENDABLE, encoding="ascii")
