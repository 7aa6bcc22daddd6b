"""The page on cohorts: its programs run as they are written, its links lead somewhere, and its French is typeset."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from infra.settings.settings_file import ROOT
from openchronic.api import pinning
from tests.typography import faults

FOLDER = ROOT / "onboarding"
PAGE = FOLDER / "definir-compter-comparer.md"
TEXT = PAGE.read_text(encoding="utf-8")
PROGRAM = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def test_its_programs_run_one_after_another(
    many_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(many_releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    programs = PROGRAM.findall(TEXT)
    assert len(programs) >= 5
    names: dict[str, Any] = {}
    for program in programs:
        exec(compile(program, PAGE.name, "exec"), names)  # noqa: S102
    assert names["cohorte"].n_periods == names["cohorte"].rows.count("*").fetchall()[0][0] > 10
    assert sum(row[2] for row in names["parcours"].shares.fetchall()) == names["cohorte"].n_periods
    assert 0 < names["paires"].controls.n_periods <= names["femmes"].n_periods


def test_its_french_is_typeset() -> None:
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.M | re.S)
    prose = re.sub(r"`[^`\n]*`|\]\(\S+\)|\*", "", prose)
    assert faults(prose) == []


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert len(links) >= 5
    assert [one for one in links if not (FOLDER / one).exists()] == []


def test_it_is_found_from_the_welcome_page_with_its_notebooks() -> None:
    welcome = (FOLDER / "bienvenue.md").read_text(encoding="utf-8")
    notebooks = {f"notebooks/{one}.ipynb" for one in ("diabete", "bpco", "diabete-r", "bpco-r")}
    linked = set(re.findall(r"\]\(([^)#]+)\)", welcome + TEXT))
    assert {PAGE.name, *notebooks} <= linked
