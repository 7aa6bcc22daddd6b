"""checks.csv is read once and strictly: a mistake is refused with its line."""

from __future__ import annotations

from importlib import resources

import pytest

from openchronic.quality.catalogue import load_checks, read_checks

TEXT = (resources.files("openchronic.quality") / "checks.csv").read_text(encoding="utf-8")
HEADER, FIRST, *_ = TEXT.splitlines()
ROW = "a;patient;identity;share;;count(*);count(*);10;0.1;0.2;here;fr;en"


def test_every_check_says_what_it_means_in_both_languages_and_where_it_comes_from() -> None:
    for check in load_checks():
        assert check.fr != check.en
        assert check.source
        assert check.at_least >= 0
    assert {check.kind for check in load_checks()} == {
        "integrity",
        "completeness",
        "plausibility",
        "series",
        "orphan",
        "chaining",
        "previous",
        "identity",
        "cartography",
    }


def test_a_fault_of_integrity_stops_at_the_first_and_cannot_be_accepted() -> None:
    for check in load_checks():
        if check.kind == "integrity":
            assert check.stop == 0
            assert check.at_least == 0
            assert not check.may_be_accepted


def test_the_file_is_read_once() -> None:
    assert load_checks() is load_checks()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "its columns must be name;table"),
        (HEADER + ";colour\n" + ROW + ";red", "no such column: colour"),
        (HEADER.replace("warn;", "") + "\n", "its columns must be name;table"),
        (HEADER.replace("name;table", "table;name") + "\n", "its columns must be name;table"),
        (f"{HEADER}\n{FIRST}\n{FIRST}", "line 3: balance_differs is there twice"),
        (f"{HEADER}\n{ROW};more", "line 2: 14 values, 13 are needed"),
        (f"{HEADER}\n{ROW.replace(';here', ';')}", "line 2: source is empty"),
        (f"{HEADER}\n{ROW.replace('a;', 'A b;', 1)}", "name 'A b': small letters"),
        (f"{HEADER}\n{ROW.replace('identity', 'taste')}", "kind 'taste' is not one of integrity"),
        (f"{HEADER}\n{ROW.replace('share', 'grams')}", "unit 'grams' is not one of share"),
        (f"{HEADER}\n{ROW.replace(';10;', ';few;')}", "at_least 'few' is not a whole number"),
        (f"{HEADER}\n{ROW.replace('0.1', 'low')}", "warn 'low' is not a number"),
        (f"{HEADER}\n{ROW.replace('0.2', '-1')}", "stop -1: 0 or more"),
        (f"{HEADER}\n{ROW.replace('0.2', 'nan')}", "stop nan: 0 or more"),
        (f"{HEADER}\n{ROW.replace('0.1', '0.3')}", "warn must be below stop"),
        (f"{HEADER}\n{ROW.replace('0.1;0.2', ';')}", "neither warn nor stop"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ValueError) as refusal:
        read_checks(text)
    assert said in str(refusal.value)
