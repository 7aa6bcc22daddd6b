"""Times the reading of sequences, in the Python of BENCH_TORCH; prints JSON."""

import datetime
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch

import openchronic as oc
from openchronic.releases.pieces import by_bucket
from openchronic.runtime.database import open_engine, scan
from tests.gpu.model import train_on

ROUNDS = 3
WORKERS = (0, 2)
# Those that a sequence is made of.
COLUMNS = "subject_id, start_date, end_date, known_date, order_in_day, event_type, care_setting, vocabulary, code, quantity"


def timed(work: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return taken


def by_hand() -> None:
    """Reads the same columns of the same buckets, one bucket at a time, into NumPy, with one thread."""
    with open_engine(threads=1) as connection:
        for files in by_bucket(oc.release().files("event")).values():
            connection.sql(f"SELECT {COLUMNS} FROM {scan(files)}").fetchnumpy()  # noqa: S608


def count(dataset: Any, workers: int) -> int:
    return sum(int(batch["lengths"].sum()) for batch in dataset.loader(64, workers=workers))


def main() -> None:
    last = int(oc.release().manifest["years"][-1])
    day = datetime.date(last, 1, 1)
    stays = oc.table("stay").filter(f"start_date >= DATE '{day}'")
    outcome = stays.project("subject_id, start_date AS outcome_date")
    dataset = oc.torch_dataset(day, outcome=outcome, horizon=364, length=100_000)
    seconds = {"floor": timed(by_hand)}
    for workers in WORKERS:
        seconds[str(workers)] = timed(lambda workers=workers: count(dataset, workers))  # type: ignore[misc]
    short = oc.torch_dataset(day, outcome=outcome, horizon=364, vocabulary=dataset.vocabulary)
    batches = [batch for _, batch in zip(range(4), short.loader(64), strict=False)]
    learnt = {"processor": train_on(batches, len(dataset.vocabulary), torch.device("cpu"), steps=3, bf16=False)}  # fmt: skip
    if torch.cuda.is_available():
        for bf16 in (False, True):
            name = f"card, {'bfloat16' if bf16 else 'float32'}"
            learnt[name] = train_on(batches, len(dataset.vocabulary), torch.device("cuda"), steps=100, bf16=bf16)  # fmt: skip
    print(json.dumps({"tokens": count(dataset, 0), "workers": WORKERS, "seconds": seconds, "learnt": learnt}))  # fmt: skip


if __name__ == "__main__":
    main()
