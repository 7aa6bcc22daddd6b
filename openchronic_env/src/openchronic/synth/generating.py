"""From settings to a complete extraction, block by block: memory does not grow with patients."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from openchronic.synth.deliveries import deliveries
from openchronic.synth.engine import generate_block, open_engine
from openchronic.synth.folder import GENERATOR, REPORT, new_folder
from openchronic.synth.settings import Settings
from openchronic.synth.traps import count_block
from openchronic.synth.writing import append, finish

# Even, so that twins (2n, 2n + 1) are in the same block.
BLOCK = 5_000


def generate(
    target: Path, settings: Settings, *, force: bool, done: Callable[[int], None]
) -> Counter[str]:
    """Write the extraction and its report; `done` is told the number of patients written so far."""
    with new_folder(target, force=force) as root:
        counts = _write_blocks(root, settings, done=done)
        report = {
            "generator": GENERATOR,
            "patients": settings.patients,
            "seed": settings.seed,
            "first_year": settings.first_year,
            "years": settings.years,
            "layout": settings.layout,
            "format": settings.format,
            "planted": dict(counts),
        }
        (root / REPORT).write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    return counts


def _write_blocks(root: Path, settings: Settings, *, done: Callable[[int], None]) -> Counter[str]:
    counts: Counter[str] = Counter()
    spill = root / "spill"
    with open_engine(settings, spill=spill) as connection:
        for low in range(0, settings.patients, BLOCK):
            high = min(low + BLOCK, settings.patients)
            generate_block(connection, low=low, high=high)
            for delivery in deliveries(settings):
                if low == 0 or delivery.every_block:
                    append(connection, delivery, root=root, block=low // BLOCK)
            counts.update(count_block(connection))
            done(high)
    finish(root, settings.format)
    shutil.rmtree(spill, ignore_errors=True)
    return counts
