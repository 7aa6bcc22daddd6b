"""filters.csv: one row is one rule, values that differ by step are in its cell, and anything else is refused."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from openchronic.models.filters.filter import load_filters, load_rules
from openchronic.models.filters.rules import NAMES, SAID, Rule, read_rules

HEADER = ";".join((*NAMES, *SAID))
ROW = {
    "rule": "late",
    "steps": "drug cost",
    "default": "on",
    "remove_when": "n > 1",
    "on_null": "keep",
    "reads": "",
    "without": "kept: unknown",
    "source": "a guide",
    "meaning": "too late",
    "always": "",
}
# The fixed order of the filters of each step: the count of a filter depends on it.
ORDER = {
    "drug": "orphan fictive_number unknown_beneficiary without_date sent_for_information qualifier_72 "
    "already_in_pmsi during_clinic_stay only_surcharge only_copayment only_complement retrocession "
    "without_code",
    "service": "fictive_number unknown_beneficiary without_date sent_for_information qualifier_72 "
    "already_in_pmsi during_clinic_stay only_surcharge only_copayment only_complement",
    "cost": "fictive_number unknown_beneficiary sent_for_information already_in_pmsi",
    "stay": "without_chaining key_conflict finess_sent_again finess_sent_again_short error_ghm "
    "inter_facility inter_facility_modes inter_facility_type generated_otherwise "
    "invalid_patient_number return_code_error of_twins fictive_number unknown_beneficiary "
    "without_date session abortion not_reimbursed not_valued",
    "valued": "in_claims",
    "ssr": "without_chaining key_conflict finess_sent_again finess_sent_again_short error_gme "
    "generated_otherwise invalid_patient_number return_code_error return_code_error_five of_twins "
    "fictive_number unknown_beneficiary without_date",
    "had": "without_chaining key_conflict finess_sent_again finess_sent_again_short error_ght "
    "error_ghpc invalid_patient_number return_code_error return_code_error_five of_twins "
    "fictive_number unknown_beneficiary without_date",
    "rip": "without_chaining key_conflict invalid_patient_number return_code_error of_twins "
    "fictive_number unknown_beneficiary without_date",
    "ace": "key_conflict finess_sent_again finess_sent_again_short invalid_patient_number "
    "return_code_error of_twins fictive_number unknown_beneficiary without_date",
    "ald": "fictive_number unknown_beneficiary not_an_ald without_date end_before_start",
}
ORDER["procedure"] = ORDER["drug"].replace("retrocession ", "")
ORDER |= dict.fromkeys(("biology", "device", "hospital_drug"), ORDER["procedure"])
ORDER["ssr_ace"] = ORDER["ace"]


def read(*rows: dict[str, str]) -> tuple[Rule, ...]:
    lines = [HEADER, *(";".join((ROW | row).values()) for row in rows)]
    return read_rules("trial.csv", lines)


def test_a_row_of_the_file_is_a_rule_and_a_rule_is_a_row() -> None:
    file = resources.files("openchronic.models.filters") / "filters.csv"
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines(), delimiter=";"))
    assert [row["rule"] for row in rows] == [rule.name for rule in load_rules()]
    assert len({row["rule"] for row in rows}) == len(rows) < 40
    assert {one.rule for one in load_filters()} == {row["rule"] for row in rows}
    assert sum(len(row["steps"].split()) for row in rows) == len(load_filters())


@pytest.mark.parametrize("step", ORDER)
def test_the_filters_of_a_step_apply_in_the_order_of_the_file(step: str) -> None:
    assert [one.rule for one in load_filters() if one.step == step] == ORDER[step].split()


def test_every_step_is_in_the_order_that_is_promised() -> None:
    assert {one.step for one in load_filters()} == set(ORDER)


def test_a_step_has_what_its_cell_says_of_it_and_else_what_all_have() -> None:
    (rule,) = read({"default": "on | cost: off", "reads": "| drug: A B"})
    assert rule.said["default"] == {"drug": "on", "cost": "off"}
    assert rule.said["reads"] == {"drug": "A B", "cost": ""}
    assert rule.said["meaning"] == {"drug": "too late", "cost": "too late"}


def test_steps_that_have_the_same_are_told_together() -> None:
    (rule,) = read({"steps": "drug cost ald", "default": "on | cost ald: off"})
    assert rule.said["default"] == {"drug": "on", "cost": "off", "ald": "off"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"default": "on | stay: off"}, "default: stay is none of the steps"),
        ({"default": "on | cost: off | cost: on"}, "default: cost is given twice"),
        ({"default": "on | cost: on"}, "default: cost has what every step has"),
        ({"default": "on | cost: off | drug: no"}, "default: nothing is left"),
        ({"default": "on | off"}, "default: after a bar"),
        ({"default": "on | cost:off"}, "default: after a bar"),
        ({"default": "on | cost: "}, "default: after a bar"),
        ({"steps": ""}, "the steps where late holds"),
        ({"steps": "drug drug"}, "the steps where late holds"),
        ({"steps": "drug, cost"}, "'drug,' is no name"),
        ({"rule": "drug.late"}, "'drug.late' is no name"),
        ({"meaning": "late; too late"}, "11 cells, and 10 columns"),
    ],
)
def test_a_row_that_says_something_else_is_refused_with_its_line(
    row: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=r"trial\.csv, line 3") as refusal:
        read({"rule": "early"}, row)
    assert said in str(refusal.value)


def test_a_rule_of_two_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="line 3: late is there already"):
        read({}, {"steps": "ald"})


def test_a_column_that_nothing_reads_is_refused() -> None:
    with pytest.raises(ValueError, match=r"trial\.csv, line 1: the columns are rule, steps"):
        read_rules("trial.csv", [f"{HEADER};colour"])
