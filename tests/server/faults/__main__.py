"""`python -m tests.server.faults`: tries every fault in every state on a disposable server, and prints the table."""

import os
import signal
import subprocess
import sys
from types import FrameType

from infra.settings.settings_file import ROOT
from tests.server import preparation
from tests.server.deployment import PURPOSE
from tests.server.faults.table import TABLE
from tests.server.tables import read_table, show_table, start_table

# What breaks elsewhere than on the server, and takes long.
OTHERS = (
    "tests/images/test_spark.py::test_executors_read_a_delivery_as_duckdb_does_whatever_is_killed",
)
JUNIT = ROOT / "build" / "faults.xml"


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    if reason := preparation.obstacle():
        print(f"faults: no box can boot here:\n{reason}", file=sys.stderr)
        return 1
    start_table(TABLE)
    try:
        status = run()
    except preparation.NotPrepared as error:
        print(f"faults: {error}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print("faults: interrupted", file=sys.stderr)
        status = 130
    finally:
        if not preparation.keep():
            preparation.destroy()
    rows = read_table(TABLE)
    print(f"\n{show_table(rows)}\n\n{len(rows)} faults.")
    return status


def run() -> int:
    """Prepare the test box and run all tests of faults."""
    print("A disposable server boots and is deployed to, which takes some minutes.", flush=True)
    preparation.prepare()
    os.environ.update({preparation.PREPARED: "1", "BOX": PURPOSE})
    command = ["-m", "pytest", "-q", "--box", "--long", f"--junit-xml={JUNIT}"]
    return subprocess.run(
        [sys.executable, *command, "tests/server/faults", *OTHERS], cwd=ROOT, check=False
    ).returncode


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
