"""What tests wait for on a server: the server asks itself, in one command, until it is so or the time is over."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.server.machine import repeated


def run(command: str, *, until: str, seconds: float) -> tuple[int, str, float]:
    """Return the exit status, the output and the duration of a repeated command, here instead of on a server."""
    started = time.monotonic()
    waiting = repeated(command, until=until, deadline=started + seconds)
    done = subprocess.run(["bash", "-c", waiting], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip(), time.monotonic() - started


@pytest.mark.parametrize(("until", "status"), [("true", 0), ("false", 7)])
def test_it_asks_until_it_is_so_and_says_what_came_last(
    tmp_path: Path, until: str, status: int
) -> None:
    count = f"echo >> {tmp_path}/asked; wc -l < {tmp_path}/asked"
    third = f"[ $(wc -l < {tmp_path}/asked) = 3 ]"
    ask = f"{count}; {third}" if until == "true" else f"{count}; ! {third} || exit 7"
    found, said, _ = run(ask, until=until, seconds=60)
    assert (found, said) == (status, "3")


def test_it_ends_when_the_time_is_over_with_the_last_answer() -> None:
    status, said, seconds = run("echo not yet; exit 3", until="true", seconds=0.5)
    assert (status, said) == (3, "not yet")
    assert seconds >= 0.5
    # Once at least, however late it is.
    assert run("echo asked", until="true", seconds=-1)[:2] == (0, "asked")


def test_a_round_is_short_so_that_a_lost_connection_is_not_waited_for() -> None:
    told = repeated("false", until="true", deadline=time.monotonic() + 10_000)
    assert "+ 15000 " in told
