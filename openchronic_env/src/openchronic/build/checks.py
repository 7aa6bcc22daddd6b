"""Runs the checks of every release on the one that a build has finished."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from openchronic.errors import OpenChronicError
from openchronic.quality.catalogue import load_checks
from openchronic.quality.judging import Verdict, judge, refusal, sentence, stopped
from openchronic.quality.material import Material, show
from openchronic.quality.measuring import measure
from openchronic.runtime.progress import Steps


def judged(
    connection: duckdb.DuckDBPyConnection,
    ready: Material,
    previous: Material | None,
    steps: Steps,
    *,
    accepted: Collection[str],
) -> list[Verdict]:
    """Returns the verdicts of all checks of ``checks.csv`` on the finished release.

    Raises OpenChronicError when one stops the publish and was not accepted.
    """
    show(connection, ready, previous)
    verdicts = judge(measure(connection, load_checks()), accepted=accepted)
    if stopped(verdicts):
        raise OpenChronicError(refusal(verdicts))
    for one in verdicts:
        if one.state in ("warning", "accepted"):
            steps.warn(f"check {one.state}: {sentence(one)}")
    return verdicts
