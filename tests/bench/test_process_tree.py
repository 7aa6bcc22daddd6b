"""What a command took is told with what it left behind."""

import sys

from tests.bench.process_tree import watch

BUSY_S = 1.0
BUSY = f"""
import time
while time.process_time() < {BUSY_S}:
    pass
"""
# As PySpark starts Java: it says when it is there, and nobody waits for its end.
LEAVES = f"""
import subprocess, sys, time
left = subprocess.Popen([sys.executable, "-c", {BUSY!r}], start_new_session=True)
time.sleep(0.5)
"""


def test_the_time_of_a_process_that_outlives_its_parent_counts() -> None:
    assert watch([sys.executable, "-c", LEAVES]).cpu_s >= BUSY_S


def test_a_command_that_waits_for_its_children_is_counted_once() -> None:
    took = watch([sys.executable, "-c", LEAVES + "left.wait()"]).cpu_s
    assert BUSY_S <= took < 2 * BUSY_S
