"""A recipe is read strictly: what is unknown or wrong is refused with file and line, and with what was perhaps meant."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

import openchronic as oc
from openchronic.cohort.reading import recipe_of
from openchronic.cohort.where import Where
from openchronic.errors import SettingsError
from tests.openchronic.reference.cohort_rules import BASE, read
from tests.openchronic.test_errors import FRENCH

GOOD = """\
name = "essai"
[index]
from = "failure"
on = "onset"
between = [2021-01-01, 2021-12-31]
[follow]
until = "death or 730 days"
[codes.hf]
CIM10 = ["I50"]
[[step]]
observed_before = 730
[[step]]
without = { stays = { codes = "hf" }, days = [-730, -1] }
"""
# What is changed in it, into what; the line, and words of the French text.
WRONG: list[tuple[str, str, int, str]] = [
    ('name = "essai"', 'nom = "essai"', 1, "clé inconnue « nom »"),
    ('name = "essai"', 'name = "a ssai"', 1, "autres signes"),
    ('"failure"', '"failures"', 3, "vouliez-vous dire « failure »"),
    ('"failure"', '"failure.acut"', 3, "vouliez-vous dire « acute »"),
    ('on = "onset"', 'on = "onsett"', 4, "vouliez-vous dire « onset »"),
    ('on = "onset"', 'keep = "last"', 4, "immortel"),
    ('on = "onset"', 'keep = "lastt"', 4, "vouliez-vous dire « last »"),
    ('on = "onset"', 'on = "discharge"', 4, "l’index ne peut pas être « discharge »"),
    ('on = "onset"', 'on = "date:2021-02-30"', 5, "ne sert à rien"),
    ("2021-12-31]", "2020-12-31]", 5, "vient après"),
    ("2021-01-01, ", "", 5, "deux jours"),
    ("730 days", "730 moons", 7, "aucune fin de suivi"),
    ('["I50"]', '["I5"]', 9, "n’est ni le début d’un code CIM10"),
    ('["I50"]', '["I50"]\nnot = ["I51"]', 10, "ne commence comme aucun code de la liste"),
    ("CIM10 =", "CIM =", 9, "vouliez-vous dire « CIM10 »"),
    ('codes = "hf"', 'codes = "I50"', 8, "rien n’emploie la liste « hf »"),
    ("observed_before = 730", "observed_befor = 730", 11, "vouliez-vous dire « observed_before »"),
    ("observed_before = 730", "observed_before = 1.5", 11, "nombre entier"),
    ("observed_before = 730", "observed_before = nan", 11, "nombre entier"),
    ("observed_before = 730", "observed_before = inf", 11, "nombre entier"),
    ("observed_before = 730", "observed_after = 30", 11, "immortels"),
    ("observed_before = 730", "alive_at = 2021-12-31", 11, "immortel"),
    ("observed_before = 730", "alive_at = 1", 11, "immortels"),
    ("observed_before = 730", "ages = [70, 40]", 11, "vient après"),
    ("observed_before = 730", 'sex = "W"', 11, "aucun sexe"),
    ("observed_before = 730", 'sex = ["F"]', 11, "sex est un texte"),
    ("observed_before = 730", 'lives_in = ["metropol"]', 11, "vouliez-vous dire « metropole »"),
    ("observed_before = 730", 'fr = "rien"', 10, "une étape a une condition"),
    ("days = [-730, -1]", "days = [-730, 1]", 13, "immortels"),
    ("days = [-730, -1]", "day = [-730, -1]", 13, "vouliez-vous dire « days »"),
    ('codes = "hf"', 'codes = "hf", role = "DP"', 13, "vouliez-vous dire « roles »"),
    ('codes = "hf"', 'codes = "hf", roles = ["DPP"]', 13, "vouliez-vous dire « DP »"),
    ('{ stays = { codes = "hf" }', '{ definition = "flare", stays = { codes = "hf" }', 12, "une seule clé"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "line", "said"), WRONG)
def test_what_is_wrong_is_refused_with_its_line_in_both_languages(
    before: str, after: str, line: int, said: str
) -> None:
    text = GOOD.replace(before, after, 1)
    assert text != GOOD
    with pytest.raises(SettingsError) as refused:
        recipe_of(tomllib.loads(text), Where("essai.toml", text), BASE)
    assert said in str(refused.value), str(refused.value)
    assert str(refused.value).startswith(f"essai.toml, ligne {line}"), str(refused.value)
    assert refused.value.english.startswith(f"essai.toml, line {line}: ")
    assert not FRENCH.search(refused.value.english), refused.value.english


def test_the_good_one_is_read() -> None:
    one = read(GOOD)
    assert [step.fr for step in one.steps] == [
        "Vivant au jour d’index",
        "Hors jumeaux, dont les séjours ne sont pas sûrs (keep_twins)",
        "Observé 730 jours avant l’index",
        "Sans séjour hf, du jour -730 au jour -1",
    ]
    assert [end.reason for end in one.ends] == ["death", "730 days", "end_of_data"]


def test_what_looks_ahead_is_allowed_where_it_is_written() -> None:
    text = f"allow_future = true\n{GOOD}".replace("days = [-730, -1]", "days = [-730, 30]")
    one = read(text)
    assert one.allow_future
    assert one.steps[-1].conditions[0].window == (-730, 30)


def test_python_writes_what_a_file_says() -> None:
    plan = (
        oc.onset("failure")
        .between(date(2021, 1, 1), "2021-12-31")
        .observed(before=730)
        .without(oc.stays("hf"), (-730, -1))
        .follow("death or 730 days")
        .named("essai")
    )
    said = plan.said() | {"codes": {"hf": {"CIM10": ["I50"]}}}
    assert recipe_of(said, Where(), BASE) == read(GOOD)


EVERY = """\
name = "tout"
allow_future = true
keep_twins = true
[index]
stays = { codes = ["I50", "CIM10:J44"], roles = ["DP", "DAS"], settings = ["mco", "ssr"] }
on = "admission"
keep = "all"
between = [2021-01-01, 2021-12-31]
[follow]
until = "365 days"
[[step]]
fr = "Suivi"
observed_before = 10
observed_after = 20
[[step]]
ages = [18, 130]
[[step]]
sex = "M"
[[step]]
lives_in = ["metropole", "974"]
[[step]]
alive_at = 3
[[step]]
with = { any = [{ definition = "failure" }, { events = { type = "drug", codes = "A10" } }], days = [-10, 5], at_least = 2, at_most = 4 }
[[step]]
with = { events = { type = "drug", codes = "A10" }, first = true }
[[step]]
days_since = { definition = "failure", at_least = 1, at_most = 9 }
"""  # fmt: skip


def test_python_has_a_word_for_each_key_of_a_file() -> None:
    drug = oc.events("drug", "A10")
    plan = (
        oc.stays(["I50", "CIM10:J44"], roles=["DP", "DAS"], settings=["mco", "ssr"])
        .plan()
        .on("admission")
        .every()
        .between("2021-01-01", "2021-12-31")
        .observed(before=10, after=20, fr="Suivi")
        .aged(18)
        .sex("M")
        .lives_in("metropole", "974")
        .alive_at(3)
        .count(oc.disease("failure") | drug, (-10, 5), at_least=2, at_most=4)
        .having(drug.first())
        .days_since("failure", at_least=1, at_most=9)
        .follow("365 days")
        .named("tout")
        .keep_twins()
        .allow_future()
    )
    assert recipe_of(plan.said(), Where(), BASE) == read(EVERY)


def test_numbers_of_r_are_whole_numbers_and_one_word_is_a_list() -> None:
    said = {
        "index": {"from": "failure"},
        "step": [
            {"ages": [40.0, 130.0]},
            {"lives_in": "75"},
            {"with": {"stays": "I50", "days": [-10.0, -1.0]}},
        ],
    }
    one = recipe_of(said, Where(), BASE)
    assert one.steps[-3].conditions[0].at_least == 40
    assert one.steps[-1].conditions[0].window == (-10, -1)


def test_what_is_wrong_in_python_is_told_with_its_step() -> None:
    said = {"index": {"from": "failure"}, "step": [{"sex": "F"}, {"age": [1, 2]}]}
    with pytest.raises(
        SettingsError, match=r"étape 2.: clé inconnue « age ».; vouliez-vous dire « ages »"
    ):
        recipe_of(said, Where(), BASE)
