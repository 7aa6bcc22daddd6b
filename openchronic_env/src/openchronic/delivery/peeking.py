"""The start of a delivered file, judged as a whole file is, and how many lines it lets expect."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import replace
from pathlib import Path

from openchronic.delivery.scanning import GZIP_MAGIC, Scan, Walk, refuse_foreign
from openchronic.errors import SourceError

START = 1 << 20


def peek(path: Path, name: str) -> tuple[Scan, int, bool]:
    """Read the start of ``path``: its scan, its rows, and whether these are exact.

    Raises SourceError: empty, not text, wrong encoding, damaged.
    """
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{name}: the file is empty (0 bytes, line 1 missing)")
    with path.open("rb") as raw:
        magic = raw.read(32)
        raw.seek(0)
        refuse_foreign(magic, name)
        gzipped = magic.startswith(GZIP_MAGIC)
        file = gzip.GzipFile(fileobj=raw) if gzipped else raw
        try:
            block = file.read(START + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise SourceError(
                f"{name}: the gzip file is cut or damaged; ask for it again"
            ) from None
        # What the unpacker has taken so far stands for the share of the file that was seen.
        taken = raw.tell() if gzipped else START
    more = len(block) > START
    if more:
        # The last line of a start is half a line.
        block = block[: block.rfind(b"\n") + 1] or block
    walk = Walk(name)
    for piece in iter(io.BytesIO(block).read, b""):
        walk.take(piece)
    scan = walk.finish(sha256="", size=size, gzipped=gzipped)
    if not more:
        return scan, max(scan.lines - 1, 0), True
    # A quoted line break may end the start within a record: only a whole file's end is judged.
    return replace(scan, lines=1), max(scan.lines - 1, 0) * size // max(taken, 1), False
