"""`openchronic diseases`: the list with what a release could answer, one in French, one tried; a site's own."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from openchronic.diseases import load_library
from tests.openchronic.front_door import build, openchronic, rows

FILES = Path(str(resources.files("openchronic.diseases")))
OWN = """\
name = "exempt"
fr = "En ALD pour diabète"
version = {version}
status = "to_validate"
source = "{source}"
[codes.diabetes]
CIM10 = {codes}
status = "to_validate"
[criteria.ald]
find = "ald"
codes = "diabetes"
[states]
case = "ald"
"""


@pytest.fixture
def release(synthetic_releases: Path) -> Path:
    """A release of two years, 2017 and 2018."""
    return (synthetic_releases / "snds" / "current").resolve()


def told(*words: object) -> Any:
    answer = openchronic("diseases", *words, "--json")
    assert answer.status == 0, answer.text
    return json.loads(answer.out)


def test_the_list_says_of_each_definition_its_status_and_that_of_its_lists() -> None:
    listed = {one["name"]: one for one in told()}
    assert set(listed) == {form.name for _, form in load_library().forms()}
    assert listed["heart_failure"]["codes"] == {
        "hf": "worded",
        "hf_ald": "worded",
        "congestion": "to_validate",
    }
    answer = openchronic("diseases")
    assert "lists: hf worded, hf_ald worded, congestion to_validate" in answer.out
    shown = openchronic("diseases", "show", "heart_failure").out
    assert "\n[hf] règle sourcée, codes à valider\n" in shown
    assert "\n[congestion] à valider\n" in shown


def test_classes_of_drugs_and_what_a_list_takes_out_are_shown_with_their_labels() -> None:
    shown = openchronic("diseases", "show", "psychotic_disorders").out.splitlines()
    assert "  sauf    N05AA07   CHLORPROETHAZINE" in shown
    shown = openchronic("diseases", "show", "mood_disorders").out.splitlines()
    assert "  ATC     N03AG01   VALPROIQUE ACIDE" in shown
    shown = openchronic("diseases", "show", "diabetes").out.splitlines()
    assert "  ATC     A10       MEDICAMENTS DU DIABETE" in shown


def test_the_years_are_those_whose_look_back_the_base_holds(release: Path) -> None:
    listed = {one["name"]: one for one in told("--release", release)}
    assert listed["hypnotics_treated"]["years"] == [2017, 2018]
    assert listed["diabetes"]["years"] == [2018]
    assert "stays of 2016 (mco)" in listed["diabetes"]["lacks"]
    assert listed["heart_failure"]["years"] == []
    assert listed["diabetes"]["agreement"]["year"] == 2018
    found = rows(release, "SELECT DISTINCT definition, year FROM disease_year")
    assert set(found) <= {(name, year) for name, one in listed.items() for year in one["years"]}
    assert ("diabetes", 2018) in found


def test_a_definition_is_shown_in_french_with_its_codes() -> None:
    answer = openchronic("diseases", "show", "diabetes")
    assert answer.status == 0
    assert "- ald\u00a0: ALD ouverte au moins un jour de l'année n, codes CIM10 E10" in answer.out
    assert "case\u00a0: ald ou treated ou stay ou complicated" in answer.out
    assert "CIM10   E11       Diabète sucré de type 2" in answer.out
    assert (
        "Cas incident\u00a0: observé 730 jours avant, sans qu'aucun critère y soit rempli"
        in answer.out
    )
    assert "Cas incident" not in openchronic("diseases", "show", "copd_exacerbation").out
    near = openchronic("diseases", "show", "diabete")
    assert near.status == 2
    assert "did you mean diabetes?" in near.err


def test_a_trial_finds_what_a_build_found(release: Path, tmp_path: Path) -> None:
    found = told("try", FILES / "diabetes.toml", "--release", release)
    counted = {
        (one["definition"], one["year"], one["state"]): one["subjects"] for one in found["states"]
    }
    (built,) = rows(
        release, "SELECT count(*) FROM disease_year WHERE definition = 'diabetes' AND year = 2018"
    )
    assert counted["diabetes", 2018, "case"] == built[0] > 0
    assert found["status"] == "sourced"
    by_name = {one["criterion"]: one for one in found["criteria"] if one["form"] == "diabetes"}
    assert by_name["ald"]["met"] >= by_name["ald"]["cases"] >= by_name["ald"]["alone"] > 0
    saved = tmp_path / "diabetes.toml"
    saved.write_bytes(b"\xef\xbb\xbf" + (FILES / "diabetes.toml").read_bytes())
    assert told("try", saved, "--release", release) == found
    part = told("try", FILES / "diabetes.toml", "--release", release, "--sample", 0.5)
    assert part["sample"] == 0.5
    assert sum(one["subjects"] for one in part["states"]) < sum(counted.values())


def test_a_trial_may_need_other_definitions(release: Path, tmp_path: Path) -> None:
    file = tmp_path / "untreated.toml"
    text = OWN.format(version=1, source="tests", codes='["E10", "E11"]')
    text = text.replace('"exempt"', '"untreated"')
    file.write_text(text.replace('case = "ald"', 'case = "ald and not hypertension_treated.with"'))
    assert (
        "is no state of a definition"
        in openchronic("diseases", "try", file, "--release", release).err
    )
    file.write_text(text.replace('case = "ald"', 'case = "ald and not dementia.case"'))
    assert told("try", file, "--release", release)["states"]


def test_a_trial_may_need_definitions_of_the_site(release: Path, tmp_path: Path) -> None:
    (site := tmp_path / "site").mkdir()
    text = OWN.format(version=1, source="tests", codes='["E10", "E11"]')
    (site / "exempt.toml").write_text(text)
    (file := tmp_path / "doubly.toml").write_text(
        text.replace('"exempt"', '"doubly"').replace('case = "ald"', 'case = "ald and exempt.case"')
    )
    alone = openchronic("diseases", "try", file, "--release", release)
    assert (alone.status, "exempt.case is no state of a definition" in alone.err) == (2, True)
    found = told("try", file, "--release", release, "--definitions", site)["states"]
    exempt = told("try", site / "exempt.toml", "--release", release, "--definitions", site)
    counts = [{one["year"]: one["subjects"] for one in some} for some in (found, exempt["states"])]
    assert counts[0] == counts[1] != {}


@pytest.mark.parametrize(
    "words", [("list", "diabetes"), ("show",), ("try",), ("try", "NEW.toml"), ("show", "dragon")]
)
def test_a_wrong_call_is_one_sentence(words: tuple[str, ...]) -> None:
    answer = openchronic("diseases", *words)
    assert answer.status == 2
    assert "Traceback" not in answer.text


def test_a_sites_definition_that_would_find_others_needs_a_higher_version(
    plain_base: Path, delivery: Path, releases: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "definitions"
    folder.mkdir()
    file = folder / "exempt.toml"

    def built(*, version: int, source: str, codes: str) -> Any:
        file.write_text(OWN.format(version=version, source=source, codes=codes))
        return build(delivery, releases, "--definitions", folder)

    assert built(version=1, source="here", codes='["E11"]').status == 0
    refused = built(version=1, source="here", codes='["E10", "E11"]')
    assert refused.status == 2
    assert "exempt.toml: this definition finds others than version 1" in refused.err
    assert "write version = 2" in refused.err
    shutil.copytree(releases / "snds" / "current", tmp_path / "before")
    # What changes no count needs none.
    assert built(version=1, source="there", codes='["E11"]').status == 0
    release = (releases / "snds" / "current").resolve()
    assert rows(
        release,
        "SELECT version, source, is_local FROM definition WHERE definition = 'exempt'",
    ) == [(1, "there", True)]
    assert rows(tmp_path / "before", "SELECT source FROM definition WHERE is_local") == [("here",)]
