"""A peer of pathways: the usual loop over subjects and their rows, in plain Python. Usage: pathways_by_loop.py EXPOSURES COHORT.

Prints what `openchronic pathways` prints, with the default parameters.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

import duckdb

GAP = COMBINATION = PART = 30
MOST_STEPS = 5
Era = tuple[int, int, str]
"""First day, the day after, treatment; days are counted from 1970."""
Run = tuple[int, int, frozenset[str]]


def eras(exposures: list[Era]) -> Iterator[Era]:
    by_treatment: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for first, after, treatment in sorted(exposures):
        found = by_treatment[treatment]
        if found and first - found[-1][1] <= GAP:
            found[-1] = (found[-1][0], max(found[-1][1], after))
        else:
            found.append((first, after))
    for treatment, found in by_treatment.items():
        yield from ((first, after, treatment) for first, after in found)


def blocks(found: list[Era]) -> Iterator[list[Run]]:
    """The sets of treatments between days on which an era begins or ends, by blocks that touch."""
    changes: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    for first, after, treatment in found:
        changes[first].append((treatment, True))
        changes[after].append((treatment, False))
    held: set[str] = set()
    block: list[Run] = []
    days = sorted(changes)
    for day, following in zip(days, [*days[1:], days[-1]], strict=True):
        for treatment, begins in sorted(changes[day], key=lambda one: one[1]):
            (held.add if begins else held.discard)(treatment)
        if held:
            block.append((day, following, frozenset(held)))
        elif block:
            yield block
            block = []


def runs(block: list[Run]) -> Iterator[Run]:
    overlaps = any(len(held) > 1 for *_, held in block)
    short = [len(held) > 1 and after - first < COMBINATION for first, after, held in block]
    settled: list[Run] = []
    for place, (first, after, held) in enumerate(block):
        if short[place]:
            later = next((block[n][2] for n in range(place + 1, len(block)) if not short[n]), None)
            earlier = next((block[n][2] for n in range(place - 1, -1, -1) if not short[n]), None)
            kept = next((near for near in (later, earlier) if near and near <= held), held)
        else:
            kept = held
        if settled and settled[-1][2] == kept:
            settled[-1] = (settled[-1][0], after, kept)
        else:
            settled.append((first, after, kept))
    yield from (one for one in settled if not overlaps or one[1] - one[0] >= PART)


def path(exposures: list[Era]) -> str:
    steps: list[str] = []
    for block in blocks(list(eras(exposures))):
        for *_, held in runs(block):
            name = "+".join(sorted(held))
            if not steps or steps[-1] != name:
                steps.append(name)
    return "-".join(steps[:MOST_STEPS])


read = duckdb.connect()
exposures: dict[int, list[Era]] = defaultdict(list)
query = "SELECT subject_id, treatment, start_date - DATE '1970-01-01', end_date - DATE '1970-01-01' + 1 FROM read_parquet(?)"
for subject, treatment, first, after in read.execute(query, [sys.argv[1]]).fetchall():
    exposures[subject].append((first, after, treatment))
query = "SELECT subject_id, start_date - DATE '1970-01-01', end_date - DATE '1970-01-01' FROM read_parquet(?)"
counts: Counter[str] = Counter()
for subject, start, end in read.execute(query, [sys.argv[2]]).fetchall():
    own = [one for one in exposures[subject] if start <= one[0] <= end]
    counts[path(own) if own else ""] += 1
write = csv.writer(sys.stdout, lineterminator="\n").writerow
write(["pathway", "path", "n_periods", "n_subjects", "share_of_periods"])
for name, number in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
    write(["pathway", name, number, number, number / counts.total()])
