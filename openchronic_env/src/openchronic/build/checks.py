"""Runs the checks of every release on the one that a build has finished."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openchronic.build.settings import Settings
from openchronic.build.workspace import Workplace
from openchronic.errors import OpenChronicError
from openchronic.quality.catalogue import load_checks
from openchronic.quality.judging import Verdict, judge, refusal, sentence, stopped
from openchronic.quality.material import Material, files_under, show
from openchronic.quality.measuring import measure
from openchronic.runtime.database import engine
from openchronic.runtime.progress import Steps


def judged(
    settings: Settings,
    place: Workplace,
    manifest: Mapping[str, Any],
    previous: Material | None,
    steps: Steps,
) -> list[Verdict]:
    """Returns the verdicts of all checks of ``checks.csv`` on the finished release in ``place``.

    Raises OpenChronicError when one stops the publish and was not accepted.
    """
    here = place.private / "checks"
    here.mkdir(mode=0o700)
    with engine(
        here, memory=settings.memory, threads=settings.threads, spill=place.spill
    ) as connection:
        show(connection, Material(files_under(place.release), manifest), previous)
        verdicts = judge(measure(connection, load_checks()), accepted=settings.accept)
    if stopped(verdicts):
        raise OpenChronicError(refusal(verdicts))
    for one in verdicts:
        if one.state in ("warning", "accepted"):
            steps.warn(f"check {one.state}: {sentence(one)}")
    return verdicts
