"""Checks the start of a delivered file as a whole file is checked, and estimates its number of lines."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import replace
from pathlib import Path

from openchronic.errors import SourceError
from openchronic.ingest.folder import open_delivered
from openchronic.ingest.foreign import refuse_foreign
from openchronic.ingest.scanning import GZIP_MAGIC, NEWLINE, Scan, Walk

START, PIECE = 1 << 20, 1 << 13


def peek(path: Path, name: str) -> tuple[Scan, int, bool]:
    """Reads the start of ``path``: its scan, its rows, and whether these are exact.

    Raises SourceError: empty, not text, wrong encoding, damaged.
    """
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{name}: the file is empty (0 bytes, line 1 missing)")
    with open_delivered(path, name) as raw:
        magic = raw.read(32)
        raw.seek(0)
        refuse_foreign(magic, name)
        gzipped = magic.startswith(GZIP_MAGIC)
        file = gzip.GzipFile(fileobj=raw) if gzipped else raw
        block = b""
        try:
            while len(block) <= START and (piece := file.read(min(PIECE, START + 1 - len(block)))):
                block += piece
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise SourceError(
                f"{name}: the gzip file is cut or damaged after line {block.count(NEWLINE)} "
                f"({problem}); ask for it again"
            ) from None
        # The share of the file that was read is estimated by the compressed bytes read so far.
        taken = raw.tell() if gzipped else START
    more = len(block) > START
    if more:
        # The last line of a start is incomplete.
        block = block[: block.rfind(b"\n") + 1] or block
    walk = Walk(name)
    for piece in iter(io.BytesIO(block).read, b""):
        walk.take(piece)
    scan = walk.finish(sha256="", size=size, gzipped=gzipped, whole=not more)
    if not more:
        return scan, max(scan.rows, 0), True
    # A quoted line break may end the start within a record: only the end of a whole file is
    # checked.
    only_header = replace(scan.counted, lines=1, blank=0, within=0)
    return replace(scan, counted=only_header), max(scan.rows, 0) * size // max(taken, 1), False
