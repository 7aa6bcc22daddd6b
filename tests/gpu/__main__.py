"""`bash tests/gpu/run`: what only a machine with a card can prove, in less than four minutes; prints JSON.

Before, on a machine with the package registry, `bash tests/gpu/prepare` lays in build/gpu what such a machine lacks
(it has Python 3.12, PyTorch, NumPy, pytest and nvidia-ml-py, and no network): it is 64 MiB at most and travels with the
checkout. Then, on the machine with the card, `bash tests/gpu/run` (`--without-gpu` to try it elsewhere) runs:

1. `python -m openchronic.selftest gpu --require-gpu`;
2. the tests of sequences and of the self-test, with PyTorch;
3. `openchronic synth` and `build`: 2,000 patients;
4. the dataset read alone, then a small transformer trained on it, on the processor and on the card: tokens a second,
   losses, and how far apart both are.

The exit status is 1 when one of these is wrong. `$OUT/gpu.json` holds what it printed, where OUT is set.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path(os.environ.get("TMPDIR", "/tmp")) / "openchronic-gpu"
PATIENTS, YEARS = 2000, 3
Said = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--without-gpu", action="store_true")
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--skip-tests", action="store_true")
    arguments = parser.parse_args()
    said: Said = {
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
        "seconds": {},
    }
    wrong: list[str] = []
    with _step(said, wrong, "selftest"):
        said["selftest"] = selftest(require=not arguments.without_gpu)
        _write(said, wrong)
        if not said["selftest"]["ok"]:
            wrong.append("selftest")
    with _step(said, wrong, "release"):
        release(arguments.patients)
    with _step(said, wrong, "dataset"):
        said["dataset"] = read_alone()
        _write(said, wrong)
    with _step(said, wrong, "training"):
        said["training"] = trainings(with_card=not arguments.without_gpu)
        if not arguments.without_gpu and said["training"]["loss_apart"] > 0.02:
            wrong.append("training: the card and the processor disagree")
    if not arguments.skip_tests:
        with _step(said, wrong, "tests"):
            said["tests"] = tests()
            if said["tests"]["status"]:
                wrong.append("tests")
    _write(said, wrong)
    print(json.dumps(said, indent=1, ensure_ascii=False))
    return int(bool(wrong))


@contextlib.contextmanager
def _step(said: Said, wrong: list[str], name: str) -> Iterator[None]:
    """A step: what it takes, and its error in place of the others' results."""
    began = time.perf_counter()
    try:
        yield
    except Exception as problem:  # noqa: BLE001 - the time on a card is short: the other steps go on
        wrong.append(f"{name}: {type(problem).__name__}: {problem}"[:2000])
    said["seconds"][name] = round(time.perf_counter() - began, 1)
    print(f"{name}: {said['seconds'][name]} s", file=sys.stderr, flush=True)


def _write(said: Said, wrong: list[str]) -> None:
    said["wrong"] = wrong
    if out := os.environ.get("OUT"):
        Path(out, "gpu.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")


def selftest(*, require: bool) -> Said:
    command = [sys.executable, "-m", "openchronic.selftest", "gpu", "--json"]
    done = subprocess.run(
        [*command, *(["--require-gpu"] if require else [])],
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout:
        raise RuntimeError(done.stderr[-1500:])
    found: Said = json.loads(done.stdout)
    return found


def release(patients: int) -> None:
    """Makes the release that the others read, if it is not there yet."""
    if (PLACE / "releases").exists():
        return
    command = [sys.executable, "-m", "openchronic"]
    size = ("--patients", str(patients), "--years", str(YEARS))
    for words in (
        ("synth", PLACE / "source", *size),
        ("build", PLACE / "source", PLACE / "releases"),
    ):
        done = subprocess.run([*command, *map(str, words)], capture_output=True, text=True, check=False)  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-1500:])


def dataset(length: int = 256) -> Any:
    """Returns the stays of the year that follows, to predict: no subject lacks a label."""
    import openchronic as oc

    os.environ["OPENCHRONIC_RELEASES"] = str(PLACE / "releases")
    day = f"{oc.release().manifest['years'][-1]}-01-01"
    stays = oc.table("stay").filter(f"start_date >= DATE '{day}'")
    outcome = stays.project("subject_id, start_date AS outcome_date")
    return oc.torch_dataset(
        day, outcome=outcome, horizon=364, length=length, shuffle=True, min_subjects=5
    )


def read_alone() -> Said:
    found: Said = {}
    one = dataset()
    found["examples"], found["vocabulary"] = one.examples, len(one.vocabulary)
    for workers in (0, 2, 4):
        began, tokens = time.perf_counter(), 0
        for batch in one.loader(64, workers=workers):
            tokens += int(batch["lengths"].sum())
        found[f"tokens_per_second_{workers}_workers"] = round(
            tokens / (time.perf_counter() - began)
        )
        found["tokens"] = tokens
    return found


def trainings(*, with_card: bool) -> Said:
    import torch

    from tests.gpu.model import train, train_on

    one = dataset()
    devices = [torch.device("cpu"), *([torch.device("cuda")] if with_card else [])]
    found: Said = {}
    trained = {}
    for device in devices:
        trained[device.type] = train(one, device, epochs=1)
        found[device.type] = asdict(trained[device.type]) | {
            "tokens_per_second": round(trained[device.type].tokens_per_second)
        }
    big = [batch for _, batch in zip(range(4), one.loader(256), strict=False)]
    for device in devices:
        for bf16 in (False, True):
            name = f"{device.type}_{'bf16' if bf16 else 'float32'}_model_alone_tokens_per_second"
            steps = 200 if device.type == "cuda" else 3
            found[name] = round(train_on(big, len(one.vocabulary), device, steps=steps, bf16=bf16))
    if with_card:
        pairs = zip(trained["cpu"].losses, trained["cuda"].losses, strict=True)
        found["loss_apart"] = max(abs(a - b) / a for a, b in pairs)
        found["cuda_bf16"] = asdict(
            train(one, devices[-1], epochs=3, batch=256, workers=4, bf16=True)
        )
    return found


def tests() -> Said:
    folders = ["tests/openchronic/sequences", "tests/openchronic/selftest"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--confcutdir",
            "tests/openchronic",
            *folders,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    return {"status": done.returncode, "last": lines[-15:], "errors": done.stderr[-500:]}


if __name__ == "__main__":
    sys.exit(main())
