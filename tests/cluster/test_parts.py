"""What `make test-cluster` says at its end and before its beginning; these need no cluster."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.box import preflight
from infra.box.errors import BoxError
from infra.settings.settings_file import ROOT
from tests.cluster import __main__ as test_cluster
from tests.cluster.parts import Parts
from tests.cluster.site import until


def report(name: str, seconds: float) -> pytest.TestReport:
    return pytest.TestReport(
        f"tests/cluster/{name}::test_it", ("", 0, ""), {}, "passed", None, "call", duration=seconds
    )


def test_time_is_told_by_file_without_what_fixtures_name() -> None:
    parts = Parts()
    with parts.part("the node boots"):
        time.sleep(0.2)
    parts.pytest_runtest_logreport(report("test_node.py", 5))
    parts.pytest_runtest_logreport(report("test_node.py", 1))
    assert parts.seconds["test_node.py"] == pytest.approx(5.8, abs=0.1)
    assert parts.seconds["the node boots"] == pytest.approx(0.2, abs=0.1)
    told = parts.tell()
    assert "       6 s  test_node.py" in told
    assert "in all" in told
    assert "Memory" not in told


def test_the_memory_of_a_process_and_what_it_started_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.cluster.parts.EVERY_S", 0.05)
    parts = Parts()
    with parts.watching(os.getpid):
        time.sleep(0.5)
    assert 10 < parts.node_mb < 5000
    assert "Memory of the node's processes at most: " in parts.tell()


def test_a_machine_that_cannot_hold_a_cluster_is_told_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it began")

    monkeypatch.delenv("TEST_KUBECONFIG", raising=False)
    monkeypatch.setattr(test_cluster, "_end_in_order", lambda: None)
    monkeypatch.setattr(test_cluster, "programs", never)
    monkeypatch.setattr(preflight, "available_memory_gb", lambda: 1.2)
    assert test_cluster.main() == 1
    said = capsys.readouterr().err
    assert "test-cluster: this machine cannot hold a cluster:" in said
    assert f"1.2 GB of memory are available, a box needs {test_cluster.NEEDS.memory_gb}" in said
    assert "TEST_KUBECONFIG=FILE" in said


def test_programs_that_cannot_be_built_are_told_and_nothing_is_proven(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_go() -> None:
        raise BoxError("there is no `go` here")

    monkeypatch.delenv("TEST_KUBECONFIG", raising=False)
    monkeypatch.setattr(test_cluster, "_end_in_order", lambda: None)
    monkeypatch.setattr(preflight, "obstacles", lambda *_: iter(()))
    monkeypatch.setattr(test_cluster, "programs", no_go)
    assert test_cluster.main() == 1
    assert "test-cluster: there is no `go` here" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_kill_ends_it_like_an_interrupt_with_all_that_it_runs(number: signal.Signals) -> None:
    program = (
        "import subprocess; from tests.cluster import __main__ as one; one._end_in_order()\n"
        "try:\n sleeps = subprocess.Popen(['sleep', '100']); print(sleeps.pid, flush=True); sleeps.wait()\n"
        "except KeyboardInterrupt: print('interrupted', flush=True)"
    )
    # As a shell does for what runs in the background.
    command = ["sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable, program]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        sleeps = int(process.stdout.readline())
        process.send_signal(number)
        assert process.stdout.readline() == "interrupted\n"
        process.wait(30)
    if number == signal.SIGINT:
        # Of a terminal's Ctrl-C, each program has its own.
        os.kill(sleeps, signal.SIGKILL)
    until(lambda: not Path("/proc", str(sleeps)).exists(), "what it ran has ended")
