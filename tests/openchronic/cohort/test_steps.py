"""Each step of a cohort: who meets it, who does not, who is at its edge, and of whom it is not known."""

from __future__ import annotations

import pytest

from tests.openchronic.cohort.subjects import EVERYONE, Subject, answer, kept

S = Subject
# The step, then subjects with the answer. The index day is 2021-02-01 for all.
STEPS: dict[str, tuple[str, list[tuple[Subject, bool]]]] = {
    "ages are completed years on the index day": (
        "ages = [40, 61]",
        [
            (S(birth_date="1960-02-01"), True),
            (S(birth_date="1959-02-01"), False),
            (S(birth_date="1959-03-01"), True),
            (S(birth_date="1981-02-01"), True),
            (S(birth_date="1981-03-01"), False),
            (S(birth_date=None), False),
        ],
    ),
    "sex": ('sex = "M"', [(S(), False), (S(sex="M"), True), (S(sex=None), False)]),
    "observed before holds all days": (
        "observed_before = 31",
        [
            (S().observed("2021-01-01", "2021-02-01"), True),
            (S().observed("2021-01-02", "2021-12-31"), False),
            (S().observed("2020-01-01", "2021-01-31"), False),
            (S().observed("2020-01-01", "2021-01-15").observed("2021-01-17", "2021-12-31"), False),
            (S(), False),
        ],
    ),
    "residence on the index day": (
        'lives_in = ["metropole", "974"]',
        [
            (S().lives("2A"), True),
            (S().lives("974"), True),
            (S().lives("971"), False),
            (S().lives("75", "2021-02-01"), True),
            (S().lives("75", "2021-02-02"), False),
            (S().lives("75", None, "2021-02-01"), True),
            (S().lives("75", None, "2021-01-31"), False),
            (S().lives(None), False),
            (S(), False),
        ],
    ),
    "a window has both its ends": (
        'with = { events = { type = "drug", codes = "A10" }, days = [-10, -1] }',
        [
            (S().drug("2021-01-22"), True),
            (S().drug("2021-01-21"), False),
            (S().drug("2021-01-31"), True),
            (S().drug("2021-02-01"), False),
            (S().drug("2021-01-25", code="3400930000003"), False),
            (S(), False),
        ],
    ),
    "the index day is 0": (
        'with = { events = { type = "drug", codes = "A10" }, days = [0, 0] }',
        [(S().drug("2021-02-01"), True), (S().drug("2021-01-31"), False)],
    ),
    "without": (
        'without = { events = { type = "drug", codes = "A10" }, days = [-10, -1] }',
        [
            (S().drug("2021-01-22"), False),
            (S().drug("2021-01-21", "2021-02-01"), True),
            (S(), True),
        ],
    ),
    "days are counted once": (
        'with = { events = { type = "drug", codes = "A10" }, days = [-30, 0], at_least = 2, at_most = 3 }',
        [
            (S().drug("2021-01-10", "2021-01-10"), False),
            (S().drug("2021-01-10", "2021-01-11"), True),
            (S().drug("2021-01-10", "2021-01-11", "2021-01-12", "2021-02-01"), False),
        ],
    ),
    "at most alone takes whoever has none": (
        'with = { events = { type = "drug", codes = "A10" }, days = [-30, 0], at_most = 1 }',
        [(S(), True), (S().drug("2021-01-10", "2021-01-11"), False)],
    ),
    "the first of all facts": (
        'with = { events = { type = "drug", codes = "A10" }, days = [-30, 0], first = true }',
        [
            (S().drug("2021-01-10", "2021-01-20"), True),
            (S().drug("2020-06-01", "2021-01-20"), False),
        ],
    ),
    "a stay is dated by its discharge": (
        'with = { stays = { codes = "I50" }, days = [-10, -1] }',
        [
            (S().stay("2020-12-01", "2021-01-22"), True),
            (S().stay("2021-01-25", "2021-02-01"), False),
            (S().stay("2021-01-25", None), False),
            (S().stay("2021-01-25", "2021-01-26", role="DAS"), False),
            (S().stay("2021-01-25", "2021-01-26", setting="ssr"), False),
            (S().stay("2021-01-25", "2021-01-26", code="J440"), False),
        ],
    ),
    "an ALD lasts": (
        'with = { events = { type = "ald", codes = "I50" }, days = [-10, 0] }',
        [
            (S().event("ald", "2010-01-01", "CIM10", "I500", end=None), True),
            (S().event("ald", "2010-01-01", "CIM10", "I500", end="2021-01-22"), True),
            (S().event("ald", "2010-01-01", "CIM10", "I500", end="2021-01-21"), False),
            (S().event("ald", "2021-02-02", "CIM10", "I500", end=None), False),
        ],
    ),
    "a disease within days is there on its own days": (
        'without = { definition = "dialysis", days = [-10, -1] }',
        [
            (S().dialysed("2021-01-22", "2021-01-22"), False),
            (S().dialysed("2020-01-01", "2021-01-22"), False),
            (S().dialysed("2020-01-01", "2021-01-21"), True),
            (S().dialysed("2021-02-01", "2021-03-01"), True),
        ],
    ),
    "a disease without days is there from its onset on": (
        'with = "failure"',
        [
            (S().ill("2010-01-01"), True),
            (S().ill("2021-02-01"), True),
            (S().ill("2021-02-02"), False),
            (S(), False),
        ],
    ),
    "one of several facts": (
        'with = { any = ["failure", { stays = { codes = "I50" } }] }',
        [
            (S().ill("2010-01-01"), True),
            (S().stay("2021-01-01", "2021-01-05"), True),
            (S().drug("2021-01-01"), False),
        ],
    ),
    "days since the last fact": (
        'days_since = { events = { type = "drug", codes = "A10" }, at_least = 5, at_most = 10 }',
        [
            (S().drug("2021-01-22"), True),
            (S().drug("2021-01-27"), True),
            (S().drug("2021-01-28"), False),
            (S().drug("2021-01-21"), False),
            (S().drug("2021-01-25", "2021-02-01"), False),
            (S().drug("2021-01-25", "2021-02-02"), True),
            (S(), False),
        ],
    ),
    "all conditions of a step": (
        'sex = "F"\nages = [61, 61]',
        [(S(), True), (S(sex="M"), False), (S(birth_date="1950-01-01"), False)],
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step(name: str) -> None:
    step, subjects = STEPS[name]
    expected = [one for _, one in subjects]
    assert kept(f"{EVERYONE}\n[[step]]\n{step}", [one for one, _ in subjects]) == expected
    assert len(set(expected)) == 2


def test_alive_on_a_day_after_the_index_where_it_is_allowed() -> None:
    subjects = [S(), S(death_date="2021-02-10"), S(death_date="2021-02-11")]
    for alive in ("10", "2021-02-11"):
        text = f"allow_future = true\n{EVERYONE}\n[[step]]\nalive_at = {alive}"
        assert kept(text, subjects) == [True, False, True]


def test_whoever_died_before_the_index_is_left_out_by_a_line_of_its_own() -> None:
    subjects = [S(death_date="2021-01-31"), S(death_date="2021-02-01"), S()]
    told = answer(EVERYONE, subjects)
    assert [row["subject_id"] for row in told["cohort"]] == [1, 2]
    assert [(row["n_periods"], row["removed"]) for row in told["cohort_step"]] == [(3, 0), (2, 1)]


def test_twins_are_left_out_where_stays_are_looked_at_unless_they_are_kept() -> None:
    subjects = [S(is_twin=True), S(is_twin=None), S()]
    stays = '\n[[step]]\nwithout = { stays = { codes = "I50" } }'
    assert kept(EVERYONE, subjects) == [True, True, True]
    assert kept(EVERYONE + stays, subjects) == [False, True, True]
    assert kept(f"keep_twins = true\n{EVERYONE}{stays}", subjects) == [True, True, True]


def test_the_flow_chart_tells_periods_and_subjects_step_by_step() -> None:
    text = """
    name = "essai"
    [index]
    events = { type = "drug", codes = "A10" }
    keep = "all"
    [[step]]
    fr = "En janvier"
    with = { events = { type = "drug", codes = "A10" }, days = [-5, -1] }
    [[step]]
    sex = "F"
    """
    subjects = [S().drug("2021-01-01", "2021-01-04", "2021-01-06"), S(sex="M").drug("2021-01-01", "2021-01-02"), S()]  # fmt: skip
    rows = answer(text, subjects)["cohort_step"]
    assert [
        (row["step"], row["fr"], row["n_periods"], row["n_subjects"], row["removed"])
        for row in rows
    ] == [
        (0, "Médicament délivré, le jour même\u00a0: tous", 5, 2, 0),
        (1, "Vivant au jour d’index", 5, 2, 0),
        (2, "En janvier", 3, 2, 2),
        (3, "Femmes", 2, 1, 1),
    ]


def test_an_empty_cohort_has_its_steps_and_no_row() -> None:
    told = answer(EVERYONE, [])
    assert told["cohort"] == []
    assert [row["n_periods"] for row in told["cohort_step"]] == [0, 0]


def test_which_of_several_index_days_is_kept() -> None:
    subjects = [S().drug("2020-12-01", "2021-01-05", "2021-01-20", "2021-03-01")]

    def days(keep: str) -> list[tuple[int, str]]:
        text = f"""
        name = "essai"
        allow_future = true
        [index]
        events = {{ type = "drug", codes = "A10" }}
        between = [2021-01-05, 2021-01-20]
        keep = "{keep}"
        """
        rows = answer(text, subjects)["cohort"]
        return [(row["period_no"], row["index_date"]) for row in rows]

    assert days("first") == [(1, "2021-01-05")]
    assert days("last") == [(1, "2021-01-20")]
    assert days("all") == [(1, "2021-01-05"), (2, "2021-01-20")]
    assert days("first_ever") == []


def test_a_follow_up_ends_by_the_first_reason_and_by_the_order_of_the_recipe_on_one_day() -> None:
    subjects = [
        S(death_date="2021-02-11").observed("2020-01-01", "2021-02-11"),
        S().observed("2020-01-01", "2021-02-10"),
        S().observed("2020-01-01", "2021-02-12"),
        S(),
    ]

    def ends(until: str) -> list[tuple[str, str]]:
        rows = answer(f'{EVERYONE}\n[follow]\nuntil = "{until}"', subjects)["cohort"]
        return [(row["end_date"], row["end_reason"]) for row in rows]

    assert ends("death or end_of_observation or 10 days") == [
        ("2021-02-11", "death"),
        ("2021-02-10", "end_of_observation"),
        ("2021-02-11", "10 days"),
        ("2021-02-11", "10 days"),
    ]
    assert ends("10 days or death")[0] == ("2021-02-11", "10 days")
    assert ends("death")[1:] == [("2021-12-31", "end_of_data")] * 3
    assert ends("2021-01-15") == [("2021-02-01", "2021-01-15")] * 4


def test_adding_a_step_never_adds_a_row_and_their_order_changes_none() -> None:
    subjects = [one for _, some in STEPS.values() for one, _ in some]
    steps = [f"[[step]]\n{step}" for step, _ in STEPS.values()]
    before = set(range(len(subjects)))
    for number in range(4):
        own = "\n".join(steps[:number])
        found = {n for n, one in enumerate(kept(f"{EVERYONE}\n{own}", subjects)) if one}
        assert found <= before
        before = found
    three = [steps[1], steps[6], steps[8]]
    found_each = [
        kept(f"{EVERYONE}\n" + "\n".join(order), subjects) for order in (three, three[::-1])
    ]
    assert found_each[0] == found_each[1]
