"""Sets of parameters: what a file leaves out has its default, what it gets wrong is refused with its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from openchronic.errors import SettingsError
from openchronic.models.pathways import SETTING
from openchronic.pathway.parameters import known, parameters_of, read_parameters
from tests.openchronic.front_door import openchronic


def test_the_defaults_are_those_of_the_specification() -> None:
    (one,) = parameters_of().sets
    assert dict(one) == {
        "pathway": "pathway",
        "era": "gap",
        "max_gap_days": 30,
        "grace_days": 0,
        "era_purchases": 2,
        "era_window_days": 180,
        "min_exposure_days": 0,
        "min_era_days": 0,
        "clip": False,
        "combination_days": 30,
        "min_part_days": 30,
        "repeats": "changes",
        "max_steps": 5,
        "first_anchor": "start",
        "first_offset": 0,
        "last_anchor": "end",
        "last_offset": 0,
        "joins_periods": False,
        "switch_gap_days": 60,
        "stop_days": 90,
        "switch_counts": False,
        "carry": "all",
        "reset_days": 90,
        "min_purchases": 2,
        "hospital_days": "extend",
        "regimen_days": 28,
        "line_gap_days": 90,
        "same_class_is_new": False,
        "drop_is_new": False,
        "max_lines": 10,
    }
    assert {"pathway", *known()} == set(SETTING.columns)


def test_a_file_names_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "sets.csv"
    file.write_text(
        "pathway;max_gap_days;joins_periods\none;-1;\ntwo;;TRUE\n", encoding="utf-8-sig"
    )
    sets = read_parameters(file).sets
    told = [(one["pathway"], one["max_gap_days"], one["joins_periods"]) for one in sets]
    assert told == [("one", -1, False), ("two", 30, True)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pathway,max_gap_day\na,1\n", "max_gap_day is no parameter: did you mean max_gap_days?"),
        ("pathway,max_gap_days\na,1\nb,x\n", "row 2: max_gap_days must be a whole number from -1"),
        ("pathway,max_gap_days\na,-2\n", "row 1: max_gap_days must be a whole number from -1"),
        ("pathway,max_steps\na,0\n", "row 1: max_steps must be a whole number from 1 to 100"),
        ("pathway,repeats\na,last\n", "row 1: repeats must be changes or all or first"),
        ("pathway,clip\na,maybe\n", "row 1: clip must be true or false"),
        ("pathway,clip\na,true\na,false\n", "row 2 is named as row 1"),
        ("pathway,clip\n,true\n", "row 1 has no pathway"),
        ("pathway,clip\na\n", "row 1 has not as many cells as the header"),
        ("pathway,clip\na,true,1\n", "row 1 has not as many cells as the header"),
        ("pathway,clip,clip\na,true,false\n", "two columns are called clip"),
        ("clip\ntrue\n", "a column pathway must name each set"),
        ("pathway,clip\n", "a column pathway must name each set, and a row follow"),
        ("", "a column pathway must name each set"),
    ],
)
def test_a_wrong_one_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "sets.csv"
    file.write_text(text)
    with pytest.raises(SettingsError) as refused:
        read_parameters(file)
    assert told in refused.value.english
    assert str(file) in refused.value.english


def test_wrong_parameters_are_a_wrong_call(tmp_path: Path) -> None:
    done = openchronic("pathways", "a.csv", "b.csv", "--parameters", tmp_path / "nowhere.csv")
    assert (done.status, done.out) == (2, ""), done.text
    assert "nowhere.csv: No such file" in done.err


def test_they_are_listed_with_their_bounds() -> None:
    done = openchronic("pathways", "--list-parameters")
    assert done.status == 0, done.text
    assert [line.split()[0] for line in done.out.splitlines()] == [*known()]
    assert "max_gap_days       30       -1..36500: days without treatment" in done.out
