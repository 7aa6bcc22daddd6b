"""Subjects written by hand have the diseases that their lives say, by DuckDB; tests/images asks Spark the same texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.images.inside.three_ways import Answers, InDuckDB, answers
from tests.openchronic.diseases.subjects import SUBJECTS, Subject
from tests.openchronic.reference.disease_rules import DISEASES, LIBRARY, shared
from tests.openchronic.reference.lives import Life
from tests.openchronic.reference.rule import Case

Asked = dict[str, Any]


def asked(lives: list[Life], **others: list[dict[str, Any]]) -> Asked:
    """Returns what an engine is asked about some lives. ``others``: tables in the place of the shared ones."""
    return DISEASES.asked([life.case() for life in lives] + [others]) | (
        {"texts": dict(DISEASES.texts), "answered": [*DISEASES.answered]}
    )


@pytest.fixture(scope="module")
def found() -> Answers:
    return answers(InDuckDB(), asked([one.life for one in SUBJECTS.values()]))


def test_there_are_enough_of_them() -> None:
    assert len(SUBJECTS) > 60
    used = {
        (one.of, state) for one in SUBJECTS.values() for state, years in one.states.items() if years
    }
    assert {of for of, _ in used} > {"diabetes", "copd", "heart_failure", "breast_cancer", "odd"}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_subject_has_the_state_of_its_life_in_each_year(name: str, found: Answers) -> None:
    one = SUBJECTS[name]
    assert states(found, one) == {
        year: state for state, years in one.states.items() for year in years
    }


def states(found: Answers, one: Subject) -> Mapping[int, str]:
    return {
        row["year"]: row["state"]
        for row in found["disease_year"]
        if (row["definition"], row["subject_id"]) == (one.of, one.life.id)
    }


def test_plain_python_answers_alike(found: Answers) -> None:
    assert found == DISEASES.expected([one.life.case() for one in SUBJECTS.values()])


def onset(*lives: Life, of: str) -> list[tuple[Any, ...]]:
    """Returns the day of the onset, when it was known, by which criterion, and whether it is incident."""
    told = answers(InDuckDB(), asked([*lives]))["disease_onset"]
    columns = ("onset_date", "known_date", "criterion", "incidence")
    rows = {row["subject_id"]: row for row in told if row["definition"] == of}
    return [tuple(rows[life.id][name] for name in columns) for life in lives]


def test_an_onset_is_the_first_day_on_which_a_criterion_was_met() -> None:
    observed = ("2018-01-11", "2022-12-31")
    treated = ("2020-01-11", "2020-03-10", "2020-05-10")
    assert onset(
        # The third day of drugs, although two packs came before.
        Life(observed=observed).drug("A10BA02", *treated),
        # The second one, since one pack is large.
        Life(observed=observed).drug("A10BA02", treated[0]).drug("A10BB12", treated[1]),
        # A stay begins before it is known.
        Life(observed=observed).stay("2020-02-01", "2020-02-09", DP="E113"),
        # Two criteria on one day: the first of the file.
        Life(observed=observed).ald("E11", "2020-02-01").stay("2020-02-01", DP="E113"),
        of="diabetes",
    ) == [
        ("2020-05-10", "2020-06-24", "treated", "incident"),
        ("2020-03-10", "2020-04-24", "treated", "incident"),
        ("2020-02-01", "2021-07-01", "stay", "incident"),
        ("2020-02-01", "2020-02-01", "ald", "incident"),
    ]


def test_incident_is_who_was_observed_and_had_nothing_for_the_wash_out() -> None:
    def ill(first: str, *, of: str = "2020-01-01") -> Life:
        return Life(observed=(first, "2022-12-31")).ald("J449", of)

    # 730 days before 2020-01-01 is 2018-01-01.
    assert [one[3] for one in onset(ill("2018-01-01"), ill("2018-01-02"), of="copd")] == [
        "incident",
        "unobserved",
    ]
    unseen = Life(observed=None).ald("J449", "2020-01-01")
    # Respiratory failure alone makes no case, and yet it is no new disease.
    failing = ill("2005-01-01").ald("J961", "2010-01-01", "2018-01-01")
    failed = ill("2005-01-01").ald("J961", "2010-01-01", "2017-12-31")
    assert [one[3] for one in onset(unseen, failing, failed, of="copd")] == [
        "unobserved",
        "prevalent",
        "incident",
    ]


def test_a_fact_that_is_not_enough_for_a_criterion_leaves_a_case_incident() -> None:
    def treated(*before: str) -> Life:
        life = Life(observed=("2015-01-01", "2022-12-31"))
        return life.drug("A10BA02", *before, "2020-02-01", "2020-03-01", "2020-04-01")

    lives = (
        treated(),
        # Two days of drugs are none of a criterion that needs three in one year, also where a third follows in the next one.
        treated("2019-05-01", "2019-06-01"),
        treated("2019-11-01", "2019-12-01"),
        treated("2019-05-01", "2019-06-01", "2019-07-01"),
    )
    told = onset(*lives, of="diabetes")
    assert [one[3] for one in told[:3]] == ["incident"] * 3
    assert [one[0] for one in told[:3]] == ["2020-04-01"] * 3
    # Those of the year before are met by three: the case began then.
    assert told[3][0] == "2019-07-01"
    late = Life(observed=("2015-01-01", "2022-12-31")).ald("C50", "2010-01-01", "2019-06-30")
    assert onset(late.ald("J449", "2020-01-01"), of="copd")[0][3] == "incident"


def test_an_onset_is_known_when_all_that_was_needed_is() -> None:
    life = Life().ald("J961", "2019-01-01").ald("J450", "2010-01-01")
    life.drug("R03BB04", "2020-01-10", "2020-03-10", "2020-05-10")
    # Respiratory failure makes a case with the third day of drugs only. Asthma is a criterion too, if one that
    # speaks against COPD: it was met before.
    assert onset(life, of="copd") == [("2019-01-01", "2020-06-24", "failure", "prevalent")]


def test_a_definition_of_stays_names_stays() -> None:
    lives = [
        Life().stay("2020-05-01", "2020-05-09", DP="J441"),
        Life().stay("2020-05-01", DP="J960", DAS="J449"),
        Life().stay("2020-05-01", DP="J960").stay("2020-06-01", DP="R05", DAS="J449"),
        Life().stay("2020-05-01", DP="R05", DAS="J441"),
        Life().stay("2020-05-01", None, DP="J441"),
    ]
    told = answers(InDuckDB(), asked(lives))["disease_stay"]
    assert [(row["subject_id"], row["end_date"], row["criteria"]) for row in told] == [
        (lives[0].id, "2020-05-09", 1),
        (lives[1].id, "2020-05-01", 2),
    ]


def test_a_mask_says_which_criteria_found_somebody(found: Answers) -> None:
    one = SUBJECTS["respiratory failure and drugs, asthma or not"]
    (row,) = (
        row
        for row in found["disease_year"]
        if (row["definition"], row["subject_id"]) == ("copd", one.life.id)
    )
    names = [part.name for part in LIBRARY["copd"].criteria]
    held = [name for place, name in enumerate(names) if row["criteria"] >> place & 1]
    assert held == ["failure", "treated", "asthma_ald"]


def test_a_year_whose_look_back_is_not_there_is_not_answered() -> None:
    life = Life(born="1990-06-01").ald("J450", "2010-01-01")
    told = answers(InDuckDB(), asked([life]))["disease_year"]
    assert {row["year"] for row in told if row["definition"] == "asthma"} == {
        2019,
        2020,
        2021,
        2022,
    }


def test_the_population_may_be_that_under_observation() -> None:
    life = Life(observed=("2019-06-01", "2021-03-01"), seen=(2022,)).ald("E11", "2010-01-01")
    tables: Case = shared("observed")
    wanted = asked([life])
    wanted["tables"]["population_setting"]["rows"] = [
        [row["population"]] for row in tables["population_setting"]
    ]
    told = answers(InDuckDB(), wanted)["disease_year"]
    assert {row["year"] for row in told if row["definition"] == "diabetes"} == {2019, 2020, 2021}


def test_the_order_of_rows_changes_nothing(found: Answers) -> None:
    wanted = asked([one.life for one in SUBJECTS.values()])
    for table in wanted["tables"].values():
        table["rows"].reverse()
    assert answers(InDuckDB(), wanted) == found
