"""What an operator chooses for a build."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openchronic.models.filters.filter import Filter
from openchronic.runtime.sitekey import SiteKey
from openchronic.store import Readers


@dataclass(frozen=True)
class Settings:
    """``memory`` in bytes; ``max_rejects`` a share of the rows of a table; ``buckets`` how many
    parts the subjects are dealt into; ``readers`` who may read typed tables beside the builder;
    ``accept`` checks that may not stop the publish; ``keep`` how many of the newest releases stay
    after it, None: all of them; ``engine`` duckdb or spark."""

    source: Path
    releases: Path
    base: str
    key: SiteKey
    filters: tuple[Filter, ...]
    memory: int
    threads: int
    max_rejects: float
    buckets: int
    work: Path | None
    spill: Path | None
    readers: Readers
    git_commit: str | None
    rebuild: bool
    reread: bool
    accept_missing: frozenset[str]
    accept: frozenset[str]
    keep: int | None
    engine: str

    @property
    def root(self) -> Path:
        return self.releases / self.base

    def content(self) -> dict[str, object]:
        """The settings that decide what a release holds."""
        return {
            "base": self.base,
            "key_fingerprint": self.key.fingerprint,
            "buckets": self.buckets,
            "max_rejects": self.max_rejects,
            "filters": {one.name: one.on for one in self.filters},
        }
