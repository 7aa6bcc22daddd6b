"""`python -m tests.smoke.promises`: runs the checks, with their parameters and passwords on standard input."""

import os
import sys
from pathlib import Path

import pytest

from tests.smoke.doorway import Doorway
from tests.smoke.given import Given, GivenPlugin
from tests.smoke.report import Report

FOLDER = Path(__file__).parent
LOG = "smoke.log"


def main() -> int:
    given = Given.from_json(sys.stdin.read())
    if given.doorway:
        Doorway.read(given.doorway).open()
    # A copy of standard output, before pytest captures it.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with (Path(given.kept) / LOG).open("w", encoding="utf-8") as log:
        return pytest.main(
            [
                str(FOLDER),
                f"--rootdir={FOLDER.parents[1]}",
                f"--junit-xml={given.junit}",
                "--override-ini=addopts=--import-mode=importlib",
                *("-p", "no:terminal"),
                *("-p", "no:cacheprovider"),
                *(("-k", given.only) if given.only else ()),
            ],
            plugins=[GivenPlugin(given), Report(out, log)],
        )


if __name__ == "__main__":
    sys.exit(main())
