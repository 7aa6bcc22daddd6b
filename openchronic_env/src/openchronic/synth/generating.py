"""Generates a complete extraction from settings, block by block, in constant memory."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from openchronic.synth.deliveries import deliveries
from openchronic.synth.folder import GENERATOR, REPORT, new_folder
from openchronic.synth.odd_files import make_odd
from openchronic.synth.settings import Settings
from openchronic.synth.truths import truths
from openchronic.synth.workshop import SPILL, made_blocks
from openchronic.synth.writing import PARTS, append, finish

# Even, so that twins (2n, 2n + 1) are in the same block.
BLOCK = 5_000


def generate(
    target: Path, settings: Settings, *, force: bool, threads: int, done: Callable[[int], None]
) -> Counter[str]:
    """Writes the extraction and its report; `done` receives the number of patients written so far.

    The bytes depend on the settings alone, and not on the number of threads.
    """
    with new_folder(target, force=force) as root:
        counts = _write_blocks(root, settings, threads=threads, done=done)
        report = {
            "generator": GENERATOR,
            "patients": settings.patients,
            "seed": settings.seed,
            "first_year": settings.first_year,
            "years": settings.years,
            "layout": settings.layout,
            "format": settings.format,
            "tidy": settings.tidy,
            "hard": settings.hard,
            "planted": dict(counts),
        }
        if settings.law:
            report["truths"] = dict(truths(settings.law))
        (root / REPORT).write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    return counts


def _write_blocks(
    root: Path, settings: Settings, *, threads: int, done: Callable[[int], None]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    with closing(made_blocks(root, settings, size=BLOCK, threads=threads)) as blocks:
        for block, (written, counted) in enumerate(blocks):
            for delivery in deliveries(settings):
                if block == 0 or delivery.every_block:
                    append(delivery, root=root, block=block)
            counts.update(counted)
            done(written)
    for folder in (SPILL, PARTS):
        shutil.rmtree(root / folder, ignore_errors=True)
    if not settings.tidy:
        counts.update(make_odd(root, deliveries(settings), hard=settings.hard))
    finish(root, settings.format, threads=threads)
    return counts
