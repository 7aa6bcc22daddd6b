"""The settings that an operator chooses for a build."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openchronic.diseases import Library
from openchronic.models.filters.filter import Filter
from openchronic.runtime.sitekey import SiteKey
from openchronic.store import Readers


@dataclass(frozen=True)
class Settings:
    """``memory`` in bytes; ``max_rejects`` a share (0 to 1) of the rows of a table; ``buckets`` the number of
    parts that the subjects are distributed to, None for as many as their claims ask for; ``readers`` the group that may read typed tables beside the
    builder; ``accept`` the checks that may not stop the publish; ``keep`` how many of the newest releases are
    kept, None for all; ``engine`` duckdb or spark; ``ingest`` driver, executors, or auto for executors where Spark has some; ``library`` the definitions of diseases; ``population``
    consumers or observed: who counts in a year; ``keep_parts``: whether finished parts stay for the next build."""

    source: Path
    releases: Path
    base: str
    key: SiteKey
    filters: tuple[Filter, ...]
    memory: int
    threads: int
    max_rejects: float
    buckets: int | None
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
    library: Library
    population: str
    keep_parts: bool = False
    ingest: str = "auto"

    @property
    def root(self) -> Path:
        return self.releases / self.base

    @property
    def places(self) -> list[Path]:
        """The folders in which the build writes, on one disk or several."""
        return [self.root, *(one for one in (self.work, self.spill) if one)]

    @property
    def takes_over(self) -> bool:
        """Whether the build takes over parts of the one before; a build by Spark takes over those of a killed one
        alone."""
        return self.keep_parts and self.engine == "duckdb"

    def content(self) -> dict[str, object]:
        """Returns the settings that decide the content of a release."""
        return {
            "base": self.base,
            "key_fingerprint": self.key.fingerprint,
            "buckets": self.buckets,
            "max_rejects": self.max_rejects,
            "filters": {one.name: one.on for one in self.filters},
            "population": self.population,
            "definitions": {
                one.name: one.file_sha256 for one in self.library.definitions if one.is_local
            },
        }
