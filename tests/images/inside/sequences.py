"""Makes a small release and reads its sequences with and without workers; prints what came as JSON."""

import json
import os
import subprocess
import sys

PLACE = "/tmp/sequences"
COMMAND = (sys.executable, "-m", "openchronic")
SIZE = ("--patients", "100", "--seed", "8", "--first-year", "2017", "--years", "2", "--tidy")
subprocess.run([*COMMAND, "synth", f"{PLACE}/source", *SIZE], check=True, capture_output=True)
subprocess.run(
    [
        *COMMAND,
        "build",
        f"{PLACE}/source",
        f"{PLACE}/releases",
        "--memory",
        "1GB",
        "--buckets",
        "4",
    ],
    check=True,
    capture_output=True,
)
os.environ["OPENCHRONIC_RELEASES"] = f"{PLACE}/releases"

import openchronic as oc  # noqa: E402 - it reads the variable

dataset = oc.torch_dataset("2018-09-01", shuffle=True)
seen = {}
for workers in (0, 2):
    batches = dataset.loader(16, workers=workers)
    seen[str(workers)] = sorted(int(one) for batch in batches for one in batch["example"])
print(json.dumps({"examples": dataset.examples, "seen": seen}))
