"""Makes a small delivery with a planted law, and builds it by the operator's verbs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from openchronic.releases import Release, open_release

PATIENTS, FIRST_YEAR, YEARS = 700, 2016, 2
# The tables that tell of persons and of their drugs: the time of a build depends on the others.
KEPT = ("IR_BEN_R.CSV", "IR_BEN_R_ARC.CSV", "IR_IMB_R.CSV", "IR_PHA_R.CSV", "ER_PRS_F_*.CSV", "ER_PHA_F_*.CSV")  # fmt: skip

Run = Callable[..., None]
"""Runs a verb of openchronic with these words; raises where it fails."""


def made(folder: Path, seed: int, run: Run) -> tuple[Release, Mapping[str, float]]:
    """Returns the release of a delivery of this seed, and what the delivery says to be true. ``folder``: an empty one."""
    whole, delivery, releases = folder / "whole", folder / "delivery", folder / "releases"
    size = ("--patients", PATIENTS, "--first-year", FIRST_YEAR, "--years", YEARS)
    run("synth", whole, *size, "--seed", seed, "--tidy", "--threads", 1, "--treatment-law")
    for pattern in KEPT:
        for file in whole.rglob(pattern):
            kept = delivery / file.relative_to(whole)
            kept.parent.mkdir(parents=True, exist_ok=True)
            file.rename(kept)
    truths = json.loads((whole / "synth.json").read_text("utf-8"))["truths"]
    shutil.rmtree(whole)
    run("build", delivery, releases, "--memory", "1GB", "--threads", 1, "--buckets", 1, "--quiet")
    return open_release((releases / "snds" / "current").resolve()), truths
