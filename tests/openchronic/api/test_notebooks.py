"""The notebooks of cohorts and pathways: they run to their end on small and large bases, and show no small number."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from infra.settings.settings_file import ROOT
from openchronic.api import pinning
from tests.typography import faults

NOTEBOOKS = ROOT / "onboarding/notebooks"
IN_PYTHON = ("diabete.ipynb", "bpco.ipynb")
EACH = pytest.mark.parametrize("name", [*IN_PYTHON, "diabete-r.ipynb", "bpco-r.ipynb"])
SHOWN = ("_repr_html_", "_repr_svg_")


def cells(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((NOTEBOOKS / name).read_text("utf-8"))["cells"]
    return found


def ran(name: str) -> dict[str, Any]:
    """Returns what each cell of code ends with, shown as a notebook shows it."""
    names: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for cell in cells(name):
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]), cell["id"])
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell["id"], "exec"), names)  # noqa: S102
        if isinstance(last, ast.Expr):
            expression = ast.Expression(last.value)
            value = eval(compile(expression, cell["id"], "eval"), names)  # noqa: S307
            values[cell["id"]] = value
            assert any(getattr(value, how)() for how in SHOWN if hasattr(value, how)) or repr(value)
    return values


def numbers(shown: pd.DataFrame) -> list[float]:
    return [one for one in shown.to_numpy().ravel() if isinstance(one, int | float)]


@pytest.mark.parametrize("base", ["synthetic_releases", "many_releases"])
@pytest.mark.parametrize("name", IN_PYTHON)
def test_it_runs_to_its_end_and_masks_small_numbers(
    name: str,
    base: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder: Path = request.getfixturevalue(base)
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(folder))
    monkeypatch.setattr(pinning, "_pinned", {})
    values = ran(name)
    # Years apart, what is counted is at least eleven.
    counted = values["compter"].drop(columns="annee")
    assert [one for one in numbers(counted) if 0 < one < 11] == []
    if name == "bpco.ipynb":
        assert numbers(values["suivi"]) == []
    else:
        assert values["nombres"].empty or values["nombres"].n_periods.min() >= 11
    said = capsys.readouterr().out
    assert re.search(r"snds@\d{8}-\w+", said)
    assert re.search(r"Définitions.*\{'\w+': \d+\}", said)


@EACH
def test_it_was_saved_without_results(name: str) -> None:
    assert [one for one in cells(name) if one.get("outputs") or one.get("execution_count")] == []


@EACH
def test_its_french_is_typeset(name: str) -> None:
    for cell in cells(name):
        if cell["cell_type"] == "markdown":
            text = re.sub(r"`[^`\n]*`|\]\(\S+\)|\*", "", "".join(cell["source"]))
            assert faults(text) == [], cell["id"]


@pytest.mark.parametrize("topic", ["diabete", "bpco"])
def test_both_languages_take_the_same_steps(topic: str) -> None:
    of_python, of_r = ([one["id"] for one in cells(f"{topic}{end}.ipynb")] for end in ("", "-r"))
    assert of_python == of_r
