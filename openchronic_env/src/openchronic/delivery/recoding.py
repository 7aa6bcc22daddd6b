"""Text of Windows as UTF-8: the engine knows Latin-1, which has no œ, no € and no curved quotes."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from openchronic.delivery.finding import Delivered
from openchronic.delivery.scanning import WINDOWS, Scan, open_bytes


@contextmanager
def readable(file: Delivered, scan: Scan, copy: Path) -> Iterator[tuple[Delivered, Scan]]:
    """``file`` as the engine can read it: itself, or for a while its ``copy`` in UTF-8."""
    if scan.encoding != WINDOWS:
        yield file, scan
        return
    try:
        with (
            io.TextIOWrapper(open_bytes(file.path), encoding=WINDOWS, newline="") as text,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(text, target, 1 << 20)
        yield replace(file, path=copy), replace(scan, encoding="utf-8", gzipped=False)
    finally:
        copy.unlink(missing_ok=True)
