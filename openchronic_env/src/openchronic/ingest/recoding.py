"""Copies a file that the engine cannot read into a temporary form that it can.

The engine knows Latin-1, which has no œ, no € and no curved quotes, and one kind of line end per file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from openchronic.ingest.finding import Delivered
from openchronic.ingest.scanning import BLOCK, WINDOWS, Scan, open_bytes


@contextmanager
def readable(file: Delivered, scan: Scan, copy: Path) -> Iterator[tuple[Delivered, Scan]]:
    """Yields ``file`` itself where the engine can read it, else a temporary ``copy`` with the same lines."""
    windows = scan.encoding == WINDOWS
    if not windows and not scan.counted.mixed:
        yield file, scan
        return
    try:
        with open_bytes(file.path) as source, copy.open("wb") as target:
            pending = b""
            while block := source.read(BLOCK):
                block = pending + block
                if scan.counted.mixed:
                    known = block.rstrip(b"\r")
                    pending = block[len(known) :]
                    block = _alike(known)
                target.write(block.decode(WINDOWS).encode() if windows else block)
            target.write(_alike(pending))
        counted = scan.counted
        if counted.mixed:
            counted = replace(counted, returned=False)
        encoding = "utf-8" if windows else scan.encoding
        yield (
            replace(file, path=copy),
            replace(scan, encoding=encoding, gzipped=False, counted=counted),
        )
    finally:
        copy.unlink(missing_ok=True)


def _alike(block: bytes) -> bytes:
    """Returns ``block`` with LF for each of its line ends."""
    return block.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
