"""The site key, which makes identifiers stable within a site and meaningless outside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from openchronic.errors import SettingsError

# Everybody knows this key: whoever holds pseudonyms can recompute identifiers made with it.
PUBLIC_KEY = "open-chronic public key: for trials and synthetic data only"
SHORTEST_KEY = 32


@dataclass(frozen=True)
class SiteKey:
    """The text of the key (never shown) and its fingerprint (kept in the manifest)."""

    text: str = field(repr=False)
    public: bool

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(b"fingerprint of " + self.text.encode()).hexdigest()[:16]


def read_key(path: Path | None, *, required: bool) -> SiteKey:
    """Returns the key in ``path``, or the public one. Raises SettingsError where it is absent or too short."""
    if path is None:
        if required:
            raise SettingsError("a site key is required here: name its file with --key")
        return SiteKey(PUBLIC_KEY, public=True)
    try:
        content = path.read_bytes().strip()
    except FileNotFoundError:
        raise SettingsError(f"no key file at {path}") from None
    if len(content) < SHORTEST_KEY:
        raise SettingsError(
            f"the key in {path} has {len(content)} bytes; at least {SHORTEST_KEY} are needed "
            "(openssl rand -hex 32)"
        )
    return SiteKey(hashlib.sha256(content).hexdigest(), public=False)
