"""`python -m tests.planted`: twenty small deliveries with known truths, each built, estimated and judged."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from openchronic.releases import Release
from openchronic.synth.law import read_law
from tests.planted.deliveries import made
from tests.planted.estimates import Estimates, estimates
from tests.planted.judging import judge, table

SEEDS = 20
OPENCHRONIC = Path(sys.executable).with_name("openchronic")


class VerbError(Exception):
    """A verb of openchronic failed."""


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help="how many, from 1 on (default: %(default)s)"
    )
    count = parser.parse_args(words).seeds
    began = time.monotonic()
    told: Mapping[str, float] = {}
    found: list[Estimates] = []
    with tempfile.TemporaryDirectory(prefix="openchronic-planted-") as folder:
        try:
            for seed, (release, told) in enumerate(_made(Path(folder), count), start=1):
                found.append(estimates(release, read_law()))
                missed = [name for name, truth in told.items() if not found[-1][name].holds(truth)]
                said = f"outside their interval: {', '.join(missed)}" if missed else "all found"
                print(f"seed {seed} of {count}: {said}", flush=True)
        except VerbError as error:
            print(f"planted: {error}", file=sys.stderr)
            return 1
    verdicts = judge(told, found)
    print(f"\n{table(verdicts)}\n{time.monotonic() - began:.0f} s")
    wrong = [one.name for one in verdicts if not one.is_right]
    if wrong:
        print(
            f"planted: {', '.join(wrong)}: too few intervals hold the truth; either the estimate or what was planted is wrong",
            file=sys.stderr,
        )
    return 1 if wrong else 0


def _made(folder: Path, count: int) -> Iterator[tuple[Release, Mapping[str, float]]]:
    """Yields the release of each seed, and what its delivery says to be true."""

    def one(seed: int) -> tuple[Release, Mapping[str, float]]:
        place = folder / f"{seed}"
        place.mkdir()
        return made(place, seed, _run)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        yield from pool.map(one, range(1, count + 1))


def _run(*words: object) -> None:
    done = subprocess.run(
        [OPENCHRONIC, *map(str, words)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise VerbError(f"openchronic {words[0]}: {done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
