"""Scans the bytes of a delivered file in one pass: digest, lines, encoding, and whether it is whole."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar, cast

from openchronic.errors import SourceError
from openchronic.ingest.folder import open_delivered
from openchronic.ingest.foreign import refuse_foreign
from openchronic.ingest.lines import Counter, Lines

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 4 << 20
NEWLINE = b"\n"
QUOTE = b'"'
# How many of the first lines are examined.
SAMPLE = 2000
# In the order of preference.
SEPARATORS = ";,\t|"
GZIP_MAGIC = b"\x1f\x8b"
# UTF-8 that was read as Latin-1 and written as UTF-8 again ("Ã©" for "é").
TWICE_ENCODED = (b"\xc3\x83\xc2", b"\xc3\xa2\xc2\x80\xc2")
CONTROL = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a")) + b"\x7f"
WINDOWS = "cp1252"
# Control characters in Latin-1; in the code page of Windows letters and signs (œ, €, ’), except
# five.
OF_WINDOWS = bytes(set(range(0x80, 0xA0)) - set(b"\x81\x8d\x8f\x90\x9d"))
OF_NEITHER = b"\x81\x8d\x8f\x90\x9d"
# French text in Latin-1 has a few percent of accented letters; a foreign code page far more.
HIGHEST_SHARE_OF_HIGH_BYTES = 0.20


@dataclass(frozen=True)
class Scan:
    """The result of one pass over a file. ``counted``: its lines, by a count independent of the reader.

    ``last``: the last record.
    """

    format: ClassVar[str] = "csv"
    sha256: str
    size: int
    counted: Lines
    encoding: str
    gzipped: bool
    header: bytes
    last: bytes
    sample: tuple[bytes, ...]

    @property
    def lines(self) -> int:
        """Returns the number of lines, the header and a last line without an end included."""
        return self.counted.lines

    @property
    def rows(self) -> int:
        """Returns how many rows the file holds by its lines."""
        return self.counted.rows

    @property
    def quoted(self) -> bool:
        """Returns whether its quotes enclose fields."""
        return self.counted.quoted


def open_bytes(path: Path) -> IO[bytes]:
    """Opens the file's text as bytes, decompressed when it is gzip (by its first bytes, not its name)."""
    with open_delivered(path, path.name) as file:
        gzipped = file.read(2) == GZIP_MAGIC
    return cast(IO[bytes], gzip.open(path)) if gzipped else open_delivered(path, path.name)


def scan(path: Path, name: str) -> Scan:
    """Reads ``path`` once. ``name``: the name of the file in messages.

    Raises SourceError: empty, not text, wrong encoding, or cut before its end.
    """
    size = _size(path, name)
    walk = Walk(name)
    with open_delivered(path, name) as file:
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
    """Returns the SHA-256 of a file and nothing else. Raises SourceError where it is empty."""
    _size(path, name)
    with open_delivered(path, name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path, name: str) -> int:
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{name}: the file is empty (0 bytes, line 1 missing)")
    return size


class _Hashed(io.RawIOBase):
    """The bytes of a file, hashed while they are read."""

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


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


class Walk:
    """The state of a scan: call ``take`` with each block in turn, then ``finish``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.newlines = 0
        self.high = self.total = 0
        self.utf8 = True
        self.windows = self.neither = False
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.separator = SEPARATORS[0]
        self.counter = Counter(b"", self.separator)
        self.first = b""
        self.tail = b""

    def take(self, block: bytes) -> None:
        """Scans one more block. Raises SourceError: not text, encoded twice."""
        if self.total == 0:
            block = block.removeprefix(codecs.BOM_UTF8)
            refuse_foreign(block[:32], self.name)
            header = block[: block.find(NEWLINE) + 1] or block
            self.separator = separator_of(header)
            self.counter = Counter(header, self.separator)
        stray = _first_of(block, CONTROL)
        if stray >= 0:
            raise SourceError(self._stray(block, stray))
        if not block.isascii():
            self._refuse_twice_encoded(block)
            self.high += len(block) - len(block.translate(None, bytes(range(128, 256))))
            self.windows = self.windows or _first_of(block, OF_WINDOWS) >= 0
            self.neither = self.neither or _first_of(block, OF_NEITHER) >= 0
        # ASCII is UTF-8, unless the previous block ended within a character.
        if self.utf8 and (self.decoder.getstate()[0] or not block.isascii()):
            try:
                self.decoder.decode(block)
            except UnicodeDecodeError:
                self.utf8 = False
        self.counter.take(block)
        self.newlines += block.count(NEWLINE)
        if len(self.first) < BLOCK:
            self.first += block[: BLOCK - len(self.first)]
        self.total += len(block)
        self.tail = (self.tail + block)[-(1 << 20) :]

    def _stray(self, block: bytes, place: int) -> str:
        """Returns the message on a byte that is no text: its line, and its column if the header names it."""
        before = self.tail + block[:place]
        header = (self.first or block).split(NEWLINE, 1)[0]
        line = self.newlines + block.count(NEWLINE, 0, place) + 1
        separator = self.separator.encode()
        names = header.rstrip(b"\r").split(separator)
        number = before[before.rfind(NEWLINE) + 1 :].count(separator)
        column = names[number].strip(b' "') if number < len(names) and line > 1 else b""
        named = f", column {column.decode('ascii')}" if re.fullmatch(rb"\w+", column) else ""
        return (
            f"{self.name}, line {line}{named}: "
            f"byte 0x{block[place]:02x} does not belong in text: "
            "binary data, or another encoding than UTF-8 or Latin-1; ask for the file again without it"
        )

    def _refuse_twice_encoded(self, block: bytes) -> None:
        for twice in TWICE_ENCODED:
            place = block.find(twice)
            if place >= 0:
                raise SourceError(
                    f"{self.name}, line {self.newlines + block.count(NEWLINE, 0, place) + 1}: "
                    "the text was encoded twice (UTF-8 read as Latin-1); ask for it again"
                )

    def finish(self, *, sha256: str, size: int, gzipped: bool, whole: bool = True) -> Scan:
        """Returns the scan. ``whole``: whether this is the whole file.

        Raises SourceError: empty, no encoding that fits, a line with a carriage return within.
        """
        if not self.total or not self.tail.strip():
            raise SourceError(f"{self.name}: the file is empty (no header at line 1)")
        if not self.utf8 and self.high > self.total * HIGHEST_SHARE_OF_HIGH_BYTES:
            raise SourceError(
                f"{self.name}, line 1: neither UTF-8 nor Latin-1 text "
                f"({100 * self.high // self.total} % of the bytes are outside ASCII)"
            )
        broken = len(self.decoder.getstate()[0]) if self.utf8 and whole else 0
        if broken and broken < self.high:
            raise SourceError(
                f"{self.name}, line {self.newlines + 1}: the file ends within a letter, so it was cut; "
                "ask for it again"
            )
        # A lone character of Latin-1 at the very end looks like the first byte of one of UTF-8.
        self.utf8 = self.utf8 and not broken
        counted = self.counter.finish(whole=whole)
        if counted.stray is not None:
            raise SourceError(
                f"{self.name}, line {counted.stray}: a carriage return (CR) within the line; "
                "lines end with LF or CR LF: ask for the file again, or replace it"
            )
        first = [line.rstrip(b"\r") for line in self.first.split(NEWLINE)]
        # The last line may be incomplete.
        some = [line for line in first[1 : None if counted.unended else -1] if line][:SAMPLE]
        # The end of the file is examined too, since the format may change in between.
        some += [
            line.rstrip(b"\r") for line in self.tail.split(NEWLINE)[-SAMPLE // 10 : -1] if line
        ][: max(0, counted.lines - 1 - len(some))]
        if counted.plain_quote is not None and _is_quoted(first[0], some, self.separator):
            raise SourceError(
                f"{self.name}, line {counted.plain_quote}: a quote stands where no field begins or ends, in a file "
                "of quoted fields, so that nobody can tell where they end; ask for the file with each quote within "
                "a field doubled, or without quotes"
            )
        return Scan(
            sha256=sha256,
            size=size,
            counted=counted,
            encoding=self._encoding(),
            gzipped=gzipped,
            header=first[0],
            last=_last_record(self.tail, quoted=counted.quoted),
            sample=tuple(some),
        )

    def _encoding(self) -> str:
        if self.utf8:
            return "utf-8"
        return WINDOWS if self.windows and not self.neither else "latin-1"


def separator_of(header: bytes) -> str:
    """Returns the character that separates the names of a header most often; names hold none of them."""
    return max(SEPARATORS, key=lambda one: header.count(one.encode()))


def _is_quoted(header: bytes, lines: Sequence[bytes], separator: str) -> bool:
    """Returns whether quotes enclose the names of the header, or a field of most lines."""
    edge = re.escape(separator).encode()
    around = re.compile(b"(^|" + edge + b') *"[^"]+" *(' + edge + b"|$)")
    return bool(around.search(header)) or 2 * sum(map(bool, map(around.search, lines))) > len(lines)


def _last_record(tail: bytes, *, quoted: bool) -> bytes:
    """Returns the last record of ``tail``, with all its lines."""
    tail = tail.rstrip(b"\r\n")
    begin = tail.rfind(NEWLINE) + 1
    while quoted and begin and tail.count(QUOTE, begin) % 2:
        begin = tail.rfind(NEWLINE, 0, begin - 1) + 1
    return tail[begin:]


def _first_of(block: bytes, unwanted: bytes) -> int:
    if len(block.translate(None, unwanted)) == len(block):
        return -1
    return min(place for byte in unwanted if (place := block.find(byte)) >= 0)
