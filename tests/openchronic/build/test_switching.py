"""Rules and filters are switched by their names, and by those of earlier versions."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from openchronic.errors import SettingsError
from openchronic.models.filters.filter import load_filters, load_rules
from openchronic.models.filters.switching import load_old_names, meant, renamed, switched
from tests.openchronic.front_door import openchronic


def changed(*, on: tuple[str, ...] = (), off: tuple[str, ...] = ()) -> set[str]:
    """Returns the filters that differ from their default."""
    before = {one.name: one.on for one in load_filters()}
    return {one.name for one in switched(on=on, off=off) if one.on is not before[one.name]}


def refusal(*, on: tuple[str, ...] = (), off: tuple[str, ...] = ()) -> str:
    with pytest.raises(SettingsError) as refused:
        switched(on=on, off=off)
    return str(refused.value)


def test_a_rule_is_switched_in_every_step_where_it_holds() -> None:
    steps = ("drug", "procedure", "biology", "device", "hospital_drug", "service")
    assert changed(off=("only_surcharge",)) == {f"{step}.only_surcharge" for step in steps}
    # In costs this filter is off by default.
    assert changed(off=("sent_for_information",)) == {
        f"{step}.sent_for_information" for step in steps
    }
    assert changed(on=("sent_for_information",)) == {"cost.sent_for_information"}


def test_a_filter_is_switched_in_its_step_alone() -> None:
    assert changed(off=("service.only_surcharge",)) == {"service.only_surcharge"}


def test_what_is_said_of_a_step_goes_before_what_is_said_of_the_rule() -> None:
    on_but_one = changed(on=("qualifier_72",), off=("drug.qualifier_72",))
    assert "drug.qualifier_72" not in on_but_one
    assert "service.qualifier_72" in on_but_one
    assert changed(off=("only_surcharge",), on=("drug.only_surcharge",)) == changed(
        off=("only_surcharge",)
    ) - {"drug.only_surcharge"}


@pytest.mark.parametrize(("old", "now"), load_old_names().items())
def test_an_old_name_means_the_filter_that_it_meant(old: str, now: str) -> None:
    assert meant(old) == (now,)


def test_every_filter_has_one_old_name() -> None:
    assert sorted(load_old_names().values()) == sorted(one.name for one in load_filters())


def test_no_old_name_is_why_a_line_makes_no_event() -> None:
    """Manifests hold both kinds of names: filters are renamed, reasons are not."""
    folder = Path(str(resources.files("openchronic.models")))
    cases = [
        case
        for path in folder.rglob("*.sql")
        for case in re.findall(
            r"CASE\b(?:(?!\bCASE\b).)*?END AS (?:fate|removed_by)", path.read_text(), re.S
        )
    ]
    reasons = {word for case in cases for word in re.findall("THEN '(.+?)'", case)}
    assert {"orphan", "key_conflict", "without_code"} <= reasons
    assert not reasons & {old for old, now in load_old_names().items() if old != now}


def test_an_old_name_is_told_with_the_new_one_and_a_current_one_is_not() -> None:
    assert renamed(
        ["procedure_surcharge", "only_surcharge", "drug.only_surcharge", "error_ghm"]
    ) == [
        "procedure_surcharge is now called procedure.only_surcharge "
        "(only_surcharge is the rule in every step)"
    ]


def test_a_build_says_on_stderr_what_an_old_name_is_called_now() -> None:
    answer = openchronic(
        "build", "--explain", "procedure", "--without-filter", "procedure_surcharge"
    )
    assert answer.status == 0, answer.text
    assert "openchronic: procedure_surcharge is now called procedure.only_surcharge" in answer.err
    assert "procedure.only_surcharge" not in answer.out
    assert "'procedure.only_copayment'" in answer.out


def test_a_name_that_is_none_is_refused_with_the_rules_and_the_nearest() -> None:
    said = refusal(off=("only_surcharges",))
    assert said.startswith("no such filter: only_surcharges (is it only_surcharge")
    assert all(rule.name in said for rule in load_rules())
    assert "cost.only_surcharge (only_surcharge holds in drug, procedure" in refusal(
        on=("cost.only_surcharge",)
    )


def test_what_cannot_be_switched_off_is_refused_by_any_of_its_names() -> None:
    why = "what has no day has no place in a pathway"
    for name in ("without_date", "stay.without_date", "stay_without_date"):
        assert refusal(off=(name,)) == f"{name} cannot be switched off: {why}"
    assert changed(on=("without_date",)) == set()
