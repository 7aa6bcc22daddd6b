"""Acts as an account that is not the builder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def somebody_else(store: Path) -> Iterator[None]:
    """Runs the block as a user who is not the builder."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        store.chmod(0)
        try:
            yield
        finally:
            store.chmod(0o700)
