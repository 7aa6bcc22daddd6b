"""The notebook that teaches sequences: it runs from its first cell to its last, and its French is typeset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openchronic.api import pinning
from tests.typography import faults

NOTEBOOK = Path("onboarding/notebooks/parcours-pytorch.ipynb")
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


def test_it_runs_to_its_end_and_leaves_a_model(
    synthetic_releases: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("torch", reason="PyTorch is in the image pytorch-gpu only")
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(pinning, "_pinned", {})
    names: dict[str, Any] = {}
    for cell in CELLS:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)  # noqa: S102
    said = capsys.readouterr().out
    assert "exemples pour apprendre" in said
    assert "['poids.pt', 'vocabulaire.json']" in said
    assert json.loads((tmp_path / "modele-parcours/vocabulaire.json").read_text())["release"]


@pytest.mark.parametrize("cell", [cell["id"] for cell in CELLS if cell["cell_type"] == "markdown"])
def test_its_french_is_typeset(cell: str) -> None:
    [text] = ["".join(one["source"]) for one in CELLS if one["id"] == cell]
    assert faults(text.replace("`", "")) == []


def test_it_was_saved_without_results() -> None:
    """What it would show is of whoever ran it."""
    assert [cell for cell in CELLS if cell.get("outputs") or cell.get("execution_count")] == []
