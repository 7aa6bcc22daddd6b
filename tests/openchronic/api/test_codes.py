"""Codes are found by words of their official labels, accents and capitals aside, or by how they begin."""

from __future__ import annotations

from pathlib import Path

import pytest

import openchronic as oc
from openchronic.api import pinning
from openchronic.nomenclatures import labels_of
from tests.openchronic.front_door import rows

# No official list of these is public: groups of stays, kinds of ambulatory acts of psychiatry.
UNLABELLED = {"GHM", "GME", "GHPC", "ACT_NAT"}


@pytest.fixture
def release(synthetic_releases: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENCHRONIC_RELEASES", str(synthetic_releases))
    monkeypatch.setattr(pinning, "_pinned", {})
    return (synthetic_releases / "snds" / "current").resolve()


def test_words_find_codes_whatever_their_accents(release: Path) -> None:
    found = oc.codes("spirometrie STANDARD").fetchall()
    assert [row[:2] for row in found] == [("CCAM", "GLQP012")]
    assert oc.codes("Standard  spirométrie").fetchall() == found


def test_the_beginning_of_a_code_or_of_its_parent_finds_it(release: Path) -> None:
    diagnoses = oc.codes("E11").fetchall()
    assert {code[:3] for _, code, *_ in diagnoses} == {"E11"}
    packs = oc.codes("a10").fetchall()
    assert packs
    assert {parent[:3] for *_, parent, _ in packs} == {"A10"}
    # All words must be met, the most used codes come first.
    assert len(oc.codes("a10 metformine").fetchall()) < len(packs)
    assert [row[-1] for row in packs] == sorted((row[-1] for row in packs), reverse=True)
    assert oc.codes("100%' OR TRUE --").fetchall() == []


def test_nearly_every_event_has_a_label(release: Path) -> None:
    found = rows(
        release,
        "SELECT vocabulary, sum(n_events), sum(n_events) FILTER (label IS NOT NULL) FROM code GROUP BY ALL",
    )
    every, labelled = (sum(row[n] or 0 for row in found) for n in (1, 2))
    assert labelled / every > 0.98
    assert {row[0] for row in found if not row[2]} <= UNLABELLED


def test_a_label_is_that_of_the_official_list() -> None:
    asked = {
        "CCAM": ["JAEA003", "XXXX999"],
        "NABM": ["4122"],
        "UCD": ["9232120"],
        "LPP": ["1100034"],
        "CIM10": ["C510"],
    }
    assert {code: label for _, code, label in labels_of(asked)} == {
        "C510": "Tumeur maligne de la grande lèvre",
        "JAEA003": "Transplantation du rein",
        "1100034": "SOLUTION POUR PULVERISATIONS ENDO-BUCCALES, EISAI, AEQUASYAL, 400 DOSES",
        "4122": "GENOME (ARN) VIH - 1 : CHARGE VIRALE",
        "9232120": "BETAFACT 50 UI/ml poudre et solvant pour solution injectable (10 ml)",
    }
