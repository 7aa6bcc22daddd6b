"""One pass over the bytes of a delivered file: digest, lines, encoding, and whether it is whole."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar, cast

from openchronic.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 4 << 20
NEWLINE = b"\n"
GZIP_MAGIC = b"\x1f\x8b"
# Files that are something else than text, by their first bytes.
FOREIGN = {
    b"PK\x03\x04": "a ZIP archive: unpack it first",
    b"PAR1": "a Parquet file: end its name in .parquet",
    b"\xff\xfe": "UTF-16 text: convert it to UTF-8",
    b"\xfe\xff": "UTF-16 text: convert it to UTF-8",
    b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xc2\xea\x81\x60": (
        "a SAS dataset: end its name in .sas7bdat"
    ),
}
# UTF-8 that was read as Latin-1 and written as UTF-8 again ("Ã©" for "é").
TWICE_ENCODED = (b"\xc3\x83\xc2", b"\xc3\xa2\xc2\x80\xc2")
CONTROL = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a")) + b"\x7f"
WINDOWS = "cp1252"
# Control characters in Latin-1, letters and signs (œ, €, ’) in the code page of Windows, but for five.
OF_WINDOWS = bytes(set(range(0x80, 0xA0)) - set(b"\x81\x8d\x8f\x90\x9d"))
OF_NEITHER = b"\x81\x8d\x8f\x90\x9d"
# French text in Latin-1 has a few percent of accented letters; a foreign code page far more.
HIGHEST_SHARE_OF_HIGH_BYTES = 0.20


@dataclass(frozen=True)
class Scan:
    """What one pass over a file found. ``lines`` counts the header, not a blank last line."""

    format: ClassVar[str] = "csv"
    sha256: str
    size: int
    lines: int
    encoding: str
    gzipped: bool
    quoted: bool
    crlf: bool
    header: bytes
    last: bytes
    sample: tuple[bytes, ...]


def open_bytes(path: Path) -> IO[bytes]:
    """The file's text as bytes, unpacked when it is gzip (by its first bytes, not its name)."""
    with path.open("rb") as file:
        gzipped = file.read(2) == GZIP_MAGIC
    return cast(IO[bytes], gzip.open(path)) if gzipped else path.open("rb")


def scan(path: Path, name: str) -> Scan:
    """Read ``path`` once. ``name`` is what messages call it.

    Raises SourceError: empty, not text, wrong encoding, or cut before its end.
    """
    size = _size(path, name)
    walk = Walk(name)
    with path.open("rb") as file:
        hashed = _Hashed(file)
        content = io.BufferedReader(hashed, BLOCK)
        start = content.peek(32)[:32]
        gzipped = start.startswith(GZIP_MAGIC)
        refuse_foreign(start, name)
        try:
            for block in _blocks(_unpacked(content) if gzipped else content):
                walk.take(block)
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise SourceError(
                f"{name}: the gzip file is cut or damaged after line {walk.newlines} "
                f"({problem}); ask for it again"
            ) from None
        while content.read(BLOCK):
            pass  # what may follow the packed text is part of the file
    return walk.finish(sha256=hashed.digest.hexdigest(), size=size, gzipped=gzipped)


def digest_of(path: Path, name: str) -> str:
    """The SHA-256 of a file, and nothing else. Raises SourceError: it is empty."""
    _size(path, name)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path, name: str) -> int:
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{name}: the file is empty (0 bytes, line 1 missing)")
    return size


class _Hashed(io.RawIOBase):
    """The bytes of a file, digested as they pass."""

    def __init__(self, file: io.BufferedReader) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        got = self.file.readinto(view)
        self.digest.update(view[:got])
        return got


def _unpacked(content: IO[bytes]) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=content, mode="rb"))


def refuse_foreign(start: bytes, name: str) -> None:
    """Raise SourceError when the first bytes of a file are those of another format than text."""
    for magic, what in FOREIGN.items():
        if start.startswith(magic):
            raise SourceError(f"{name}, line 1: this is not CSV text but {what}")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


class Walk:
    """The running state of a scan: ``take`` each block in turn, then ``finish``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.newlines = 0
        self.high = self.total = 0
        self.quoted = False
        self.utf8 = True
        self.windows = self.neither = False
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.first = b""
        self.tail = b""

    def take(self, block: bytes) -> None:
        """Read on. Raises SourceError: not text, encoded twice."""
        if self.total == 0:
            block = block.removeprefix(codecs.BOM_UTF8)
            refuse_foreign(block[:32], self.name)
        stray = _first_of(block, CONTROL)
        if stray >= 0:
            raise SourceError(
                f"{self.name}, line {self.newlines + block.count(NEWLINE, 0, stray) + 1}: "
                f"byte 0x{block[stray]:02x} does not belong in text: "
                "binary data, or another encoding than UTF-8 or Latin-1"
            )
        if not block.isascii():
            self._refuse_twice_encoded(block)
            self.high += len(block) - len(block.translate(None, bytes(range(128, 256))))
            self.windows = self.windows or _first_of(block, OF_WINDOWS) >= 0
            self.neither = self.neither or _first_of(block, OF_NEITHER) >= 0
        # ASCII is UTF-8, unless the block before it broke off within a letter.
        if self.utf8 and (self.decoder.getstate()[0] or not block.isascii()):
            try:
                self.decoder.decode(block)
            except UnicodeDecodeError:
                self.utf8 = False
        self.quoted = self.quoted or b'"' in block
        self.newlines += block.count(b"\n")
        if len(self.first) < BLOCK:
            self.first += block[: BLOCK - len(self.first)]
        self.total += len(block)
        self.tail = (self.tail + block)[-(1 << 20) :]

    def _refuse_twice_encoded(self, block: bytes) -> None:
        for twice in TWICE_ENCODED:
            place = block.find(twice)
            if place >= 0:
                raise SourceError(
                    f"{self.name}, line {self.newlines + block.count(NEWLINE, 0, place) + 1}: "
                    "the text was encoded twice (UTF-8 read as Latin-1); ask for it again"
                )

    def finish(self, *, sha256: str, size: int, gzipped: bool) -> Scan:
        """What was found. Raises SourceError: nothing in it, no encoding that fits, cut."""
        if not self.total or not self.tail.strip():
            raise SourceError(f"{self.name}: the file is empty (no header at line 1)")
        if not self.utf8 and self.high > self.total * HIGHEST_SHARE_OF_HIGH_BYTES:
            raise SourceError(
                f"{self.name}, line 1: neither UTF-8 nor Latin-1 text "
                f"({100 * self.high // self.total} % of the bytes are outside ASCII)"
            )
        if not self.tail.endswith(b"\n"):
            raise SourceError(
                f"{self.name}, line {self.newlines + 1}: the last line has no end of line, "
                "so the file was cut; ask for it again (or end the line if it is whole)"
            )
        lines = self.tail.rstrip(b"\r\n").rsplit(b"\n", 1)
        first = [line.rstrip(b"\r") for line in self.first.split(b"\n")]
        return Scan(
            sha256=sha256,
            size=size,
            lines=self.newlines,
            encoding=self._encoding(),
            gzipped=gzipped,
            quoted=self.quoted,
            crlf=self.first.split(NEWLINE, 1)[0].endswith(b"\r"),
            header=first[0],
            last=lines[-1].rstrip(b"\r"),
            # The last piece may be half a line.
            sample=tuple(line for line in first[1:-1] if line)[:2000],
        )

    def _encoding(self) -> str:
        if self.utf8:
            return "utf-8"
        return WINDOWS if self.windows and not self.neither else "latin-1"


def _first_of(block: bytes, unwanted: bytes) -> int:
    if len(block.translate(None, unwanted)) == len(block):
        return -1
    return min(place for byte in unwanted if (place := block.find(byte)) >= 0)
