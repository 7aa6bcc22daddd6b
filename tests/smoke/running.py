"""Runs the checks in a process of their own, and tells the verdict."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infra.settings.settings_file import ROOT
from tests.junit import Outcome, read_junit
from tests.smoke.given import Given
from tests.smoke.promises import LOG

# Longer than the time limits of all checks together: only a hanging machine reaches it.
LIMIT_S = 1800


class CannotRun(Exception):
    """Nothing could be checked; the message has the reason and the next step."""


def run(given: Given) -> int:
    """Run the checks so that what follows happens however they end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.smoke.promises"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        process.communicate(given.to_json(), timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        print(f"  FAIL          no end within {LIMIT_S} s", flush=True)
    finally:
        _end(process)
    return process.returncode


def verdict(status: int, given: Given, *, seconds: float) -> int:
    """Print how many promises were kept; return 0 if all were."""
    junit = Path(given.junit)
    outcome = read_junit(junit) if junit.exists() else Outcome()
    kept_promises, broken = outcome.count("passed"), outcome.count("failed")
    how = "" if given.browser else ", without a browser"
    print()
    if broken or not kept_promises:
        print(f"FAILED{how}: {broken} promises broken, {kept_promises} kept ({seconds:.0f} s).")
        print(f"More in {Path(given.kept) / LOG} and the pictures beside it.")
    else:
        print(f"PASSED{how}: {kept_promises} promises kept ({seconds:.0f} s).")
    return 0 if status == 0 and kept_promises and not broken else 1


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore signals meanwhile: a second Ctrl-C must not leave the accounts unlocked."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _end(process: subprocess.Popen[str]) -> None:
    """Terminate the checks first, so that the browser's driver can close the browser, then the whole group."""
    with undisturbed():
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
