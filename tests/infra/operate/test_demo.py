"""`make demo`: the commands that it prints at its end can be pasted and work."""

import subprocess
import textwrap
from pathlib import Path

import pytest

from infra.operate import demo
from infra.settings.settings_file import ROOT


def test_the_first_query_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    monkeypatch.setattr(demo, "PATIENTS", 100)
    monkeypatch.setattr(demo, "YEARS", 1)
    assert demo.main() == 0
    pasted = capfd.readouterr().out.partition("most patients have:\n")[2].partition("\nand what")[0]
    done = subprocess.run(
        ["bash", "-c", textwrap.dedent(pasted)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "patients" in done.stdout
    assert "│" in done.stdout


def test_a_failure_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    monkeypatch.setattr(demo, "PATIENTS", -1)
    assert demo.main() != 0
