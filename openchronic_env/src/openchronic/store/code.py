"""Computes the digest of the package's code and data: entries of the store depend on it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

ENDINGS = (".py", ".sql", ".csv", ".toml")


@cache
def code_digest(packages: tuple[str, ...]) -> str:
    """Returns the SHA-256 over the files of some packages of ``openchronic``, folders included, as a process finds them."""
    digest = hashlib.sha256()
    for name in packages:
        _walk(resources.files("openchronic") / name, digest)
    return digest.hexdigest()


def _walk(folder: Traversable, digest: hashlib._Hash) -> None:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            _walk(entry, digest)
        elif entry.name.endswith(ENDINGS):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
