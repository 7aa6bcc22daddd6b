"""The charter: its version and text, read from the analysts' pages, and who accepted which version, as JSON lines."""

import datetime
import hashlib
import html
import json
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = "charte.md"
# Within the first lines; what follows the number says since when.
VERSION = re.compile(r"^Version (\d+(?:\.\d+)*)\b.*$", re.M)
HEAD_LINES = 6


class NoCharter(Exception):
    """The charter cannot be read, or says no version: nobody can accept it."""


@dataclass(frozen=True)
class Charter:
    version: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_charter(folder: Path) -> Charter:
    """Return the charter that lies in the folder of analysts' pages. Raises NoCharter."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoCharter(f"{folder / FILE}: {error}") from error
    found = VERSION.search("\n".join(text.splitlines()[:HEAD_LINES]))
    if not found:
        raise NoCharter(f"{folder / FILE}: no line `Version 1` among the first {HEAD_LINES}")
    return Charter(found[1], text)


@dataclass(frozen=True)
class Acceptances:
    """The record: a line for each acceptance, which is added and never changed."""

    place: Path

    def has(self, login: str, version: str) -> bool:
        try:
            found = self.place.stat()
        except FileNotFoundError:
            return False
        return (login, version) in _read(self.place, found.st_mtime_ns, found.st_size)

    def add(self, login: str, charter: Charter, *, address: str) -> None:
        """Record an acceptance; on return it is on the disk."""
        line = json.dumps(
            {
                "login": login,
                "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "version": charter.version,
                "sha256": charter.digest,
                "address": address,
            }
        )
        handle = os.open(self.place, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            size = os.fstat(handle).st_size
            # A crash may have left half a line, which must not swallow this one.
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            whole = f"{chr(10) if torn else ''}{line}\n".encode()
            if os.write(handle, whole) != len(whole):
                raise OSError(f"{self.place}: written in part only")
            os.fsync(handle)
        finally:
            os.close(handle)
        folder = os.open(self.place.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@lru_cache(maxsize=2)
def _read(place: Path, changed_ns: int, size: int) -> frozenset[tuple[str, str]]:
    """Return (login, version) of each whole line; a line that a crash tore accepts nothing."""
    found = set()
    for line in place.read_bytes().splitlines():
        try:
            entry = json.loads(line)
            found.add((str(entry["login"]), str(entry["version"])))
        except (ValueError, KeyError, TypeError):
            continue
    return frozenset(found)


def as_html(text: str) -> str:
    """Return the charter as HTML: paragraphs, `**strong**` words and numbered rules, which is all that it uses."""
    parts, rules = [], []
    for block in re.split(r"\n\s*\n|\n(?=\d+\. )", text.strip()):
        words = re.sub(
            r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(" ".join(block.split()))
        )
        if rule := re.match(r"\d+\. (.*)", words):
            rules.append(f"<li>{rule[1]}</li>")
            continue
        if rules:
            parts.append(f"<ol>{''.join(rules)}</ol>")
            rules = []
        # The page has a title of its own.
        if not words.startswith("# "):
            parts.append(f"<p>{words}</p>")
    if rules:
        parts.append(f"<ol>{''.join(rules)}</ol>")
    return "\n".join(parts)
