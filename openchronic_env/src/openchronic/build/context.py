"""The state that every step of a build receives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from openchronic.build.checkpoint import Finished
from openchronic.build.ingest import TableReading
from openchronic.build.number_of_buckets import note_number, number_before
from openchronic.build.settings import Settings
from openchronic.build.workspace import Workplace
from openchronic.catalogue.claims import CLAIMS
from openchronic.engines import Engine
from openchronic.models.delivery import delivered
from openchronic.runtime.progress import Steps
from openchronic.store import Store

# The most claims of a bucket: its rows are in memory together, and each bucket runs the models of subjects once more,
# half a second of a processor.
CLAIMS_OF_A_BUCKET = 500_000
MOST_BUCKETS = 10_000
# How many times more claims, or fewer, leave a number of buckets as it is.
SLACK = 1.5


@dataclass(frozen=True)
class Context:
    """A build in progress. ``readings``: the typed tables by name."""

    engine: Engine
    settings: Settings
    place: Workplace
    steps: Steps
    readings: Mapping[str, TableReading]
    store: Store
    finished: Finished
    # Whether the key of a table is complete in a file (its typed folders), for the files looked at
    # so far.
    complete: dict[tuple[Path, ...], bool] = field(default_factory=dict)
    # The columns that have a value in a file (its typed folders), for the same.
    filled: dict[tuple[Path, ...], frozenset[str]] = field(default_factory=dict)
    # The answers that were asked together, by query.
    foreseen: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def foresee(self, queries: Iterable[str]) -> None:
        """Asks ``queries`` together, for ``rows`` to return: what they read must not change any more."""
        asked = [one for one in dict.fromkeys(queries) if one not in self.foreseen]
        self.foreseen.update(zip(asked, self.engine.answers(asked), strict=True))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Returns the few rows of ``query``, from those that were asked before where it is one of them."""
        return self.foreseen[query] if query in self.foreseen else self.engine.rows(query)

    def care_days(self) -> tuple[date | None, date | None]:
        """Returns the first and the last day of care that the claims cover, once they were read; None without a claim."""
        query = "SELECT min(first_care), max(last_care) FROM care_window"
        self.foresee([query])
        ((first, last),) = self.rows(query)
        return first, last

    @cached_property
    def buckets(self) -> int:
        """The number of parts that the subjects are dealt into: the one asked for, or as many as the claims ask for.

        That is a power of two. Where parts are kept for a later build, it stays until the claims are half as many again, or
        as few: with another number all is made again.
        """
        if self.settings.buckets:
            return self.settings.buckets
        if not self.settings.takes_over:
            return _buckets_of(self._claims)
        before = number_before(self.place.finished)
        stays = (
            _buckets_of(int(self._claims / SLACK))
            <= before
            <= _buckets_of(int(self._claims * SLACK))
        )
        number = before if stays else _buckets_of(self._claims)
        note_number(self.place.finished, number)
        return number

    @property
    def buckets_together(self) -> int:
        """The number of buckets whose claims memory holds at a time, for steps that hold little more than these."""
        most = self.engine.most_claims()
        if most is None:
            return self.buckets
        return max(1, self.buckets * most // max(1, self._claims))

    @property
    def _claims(self) -> int:
        claims = self.readings.get(delivered(self.readings, CLAIMS))
        return claims.rows if claims else 0

    def one(self, query: str) -> tuple[int, ...]:
        """Returns the single row of whole numbers of ``query`` (NULL as 0)."""
        return tuple(int(value or 0) for value in self.rows(query)[0])

    def counted(self, query: str) -> dict[str, int]:
        """Returns the rows (name, number) of ``query``, except those without a name."""
        return {name: int(number) for name, number in self.rows(query) if name is not None}


def _buckets_of(claims: int) -> int:
    full = (claims - 1) // CLAIMS_OF_A_BUCKET if claims else 0
    return min(1 << full.bit_length(), MOST_BUCKETS)
