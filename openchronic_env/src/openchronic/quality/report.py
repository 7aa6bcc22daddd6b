"""Runs all checks of one release, for the terminal, for JSON and for the page."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from openchronic.quality.against import Comparison, compare
from openchronic.quality.agreement import Agreement, agreements
from openchronic.quality.catalogue import load_checks
from openchronic.quality.judging import Verdict, accepted_in, judge
from openchronic.quality.material import Material, show
from openchronic.quality.measuring import measure
from openchronic.quality.published import Cell
from openchronic.releases import Release, hold, previous
from openchronic.runtime.database import engine
from openchronic.runtime.options import Means


@dataclass(frozen=True)
class Report:
    """The results. ``months``: number of events by (type, ``2021-03``), within the care of the release."""

    release: Release
    before: Release | None
    verdicts: Sequence[Verdict]
    months: Sequence[tuple[str, str, int]]
    against: Sequence[Comparison]
    agreements: Sequence[Agreement]


def examine(
    release: Release,
    means: Means,
    *,
    published: Mapping[Cell, int] | None = None,
    tolerance: float = 0.1,
) -> Report:
    """Checks a published release, against the previous one if there is one.

    ``published``: counts to compare its own with, equal within the share ``tolerance`` (0 to 1).
    """
    before = previous(release)
    if before:
        hold(before)
    with ExitStack() as stack:
        here = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="openchronic-check-")))
        connection = stack.enter_context(
            engine(
                here,
                memory=means.memory,
                threads=means.threads,
                spill=means.spill or here / "spill",
            )
        )
        show(connection, _material(release), _material(before) if before else None)
        verdicts = judge(measure(connection, load_checks()), accepted=accepted_in(release.manifest))
        months = connection.execute(
            "SELECT event_type, name, n FROM month ORDER BY event_type, name"
        ).fetchall()
        against = compare(connection, published or {}, release.manifest, tolerance=tolerance)
        found = agreements(connection)
    return Report(release, before, verdicts, months, against, found)


def _material(release: Release) -> Material:
    return Material({table: release.files(table) for table in release.tables}, release.manifest)
