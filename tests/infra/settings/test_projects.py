"""The projects file: accepted projects, refusals with their places and lines, and the days that the server grants."""

import datetime
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.settings.accounts import (
    PROJECT_GROUP_PREFIX,
    SMOKE_COLLEAGUE,
    SMOKE_LOGIN,
    load_accounts,
)
from infra.settings.grants import Grant, Period, grants
from infra.settings.projects import Project, ProjectsError, load_projects
from infra.settings.settings_file import ROOT

ACCOUNTS = """
[accounts.mdupont]
name = "Marie Dupont"
email = "marie.dupont@exemple.invalid"
end = 2027-12-31
[accounts.jmartin]
name = "Jean Martin"
email = "jean.martin@exemple.invalid"
end = 2027-06-30
"""
MINIMAL = """[projects.diabete]
title = "Diabète"
purpose = "Mesurer."
legal = "Registre, n° 1"
bases = ["cohorte"]
start = 2026-01-01
end = 2027-12-31
authorised_by = "Comité"
[projects.diabete.members]
mdupont = {}
"""
BASES = ("exhaustive", "cohorte")
GROUP_NAME_LIMIT = 32
Load = Callable[[str], tuple[Project, ...]]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Give a function that reads a projects file from a text, beside two accounts and two bases."""
    accounts = tmp_path / "accounts.toml"
    accounts.write_text(ACCOUNTS)
    path = tmp_path / "projects.toml"

    def load(text: str) -> tuple[Project, ...]:
        path.write_text(text)
        return load_projects(path, accounts=load_accounts(accounts), bases=BASES)

    return load


def refused(load: Load, text: str) -> list[str]:
    with pytest.raises(ProjectsError) as error:
        load(text)
    return [re.sub(r"^\S*projects\.toml:?", "", line) for line in str(error.value).splitlines()]


def granted(load: Load, text: str, *, login: str = "mdupont") -> Period:
    """Return the days on which a member of the first project may open a session for it."""
    return _grants(load, text)[0].members[login]


def _grants(load: Load, text: str) -> tuple[Grant, ...]:
    projects = load(text)
    accounts = load_accounts(ROOT / "onboarding/accounts.toml")
    assert {one.login: one.end.isoformat() for one in accounts} == {
        "mdupont": "2027-12-31",
        "jmartin": "2027-06-30",
    }
    return grants(projects, accounts=accounts, bases=BASES, quota_gb=100)


def test_the_example_is_accepted_and_shows_dates_and_tables_of_its_own() -> None:
    accounts = load_accounts(ROOT / "onboarding/accounts.toml")
    found = load_projects(ROOT / "onboarding/projects.toml", accounts=accounts, bases=BASES)
    assert [project.slug for project in found] == ["diabete-territoires", "parcours-insuffisance"]
    assert [project.source_tables for project in found] == [False, True]
    assert found[1].members["mdupont"].end == day("2026-12-31")
    assert found[0].reviewers == ("jmartin",)


def test_what_a_project_leaves_out_opens_nothing(load: Load) -> None:
    [project] = load(MINIMAL.partition("[projects.diabete.members]")[0])
    assert not project.source_tables
    assert not project.keeps_first_homes
    assert (project.members, project.reviewers, project.quota_gb) == ({}, (), None)


def test_no_project_at_all_is_a_normal_file(load: Load) -> None:
    assert load("") == ()


def test_the_group_of_the_longest_name_is_a_unix_groups(load: Load) -> None:
    [project] = load(MINIMAL.replace("diabete", "d" * 25))
    assert project.group == f"{PROJECT_GROUP_PREFIX}{'d' * 25}"
    assert len(project.group) == GROUP_NAME_LIMIT


@pytest.mark.parametrize(
    ("old", "new", "errors"),
    [
        ('["cohorte"]', '["exhaustive", "cohort"]', ["5: projects.diabete.bases[1]: the site has no base cohort, did you mean cohorte? Known: exhaustive, cohorte"]),
        ('["cohorte"]', "[]", ["5: projects.diabete.bases: Tuple should have at least 1 item after validation, not 0"]),
        ("mdupont = {}", "mdupond = {}", ["10: projects.diabete.members.mdupond: no account mdupond, did you mean mdupont? Known: mdupont, jmartin"]),
        ('"Comité"', '"Comité"\nreviewers = ["mdupont", "x"]', ["9: projects.diabete.reviewers[1]: no account x. Known: mdupont, jmartin"]),
        ("end = 2027-12-31", "end = 2025-12-31", ["1: projects.diabete: ends on 2025-12-31, before its start"]),
        ("= {}", "= { start = 2026-02-02, end = 2026-02-01 }", ["1: projects.diabete: members.mdupont: ends on 2026-02-01, before its start on 2026-02-02"]),
        ("= {}", "= { start = 2025-12-31 }", ["10: projects.diabete.members.mdupont.start: 2025-12-31 is not between 2026-01-01 and 2027-12-31"]),
        ("= {}", "= { start = 2028-01-01 }", ["10: projects.diabete.members.mdupont: the account ends on 2027-12-31, before the membership begins", "10: projects.diabete.members.mdupont.start: 2028-01-01 is not between"]),
        ("= {}", "= { end = 2025-12-31 }", ["10: projects.diabete.members.mdupont.end: 2025-12-31 is before the project's start, 2026-01-01"]),
        ("= {}", "= { end = 2028-01-01 }", ["10: projects.diabete.members.mdupont.end: 2028-01-01 is after the account's end, 2027-12-31", "10: projects.diabete.members.mdupont.end: 2028-01-01 is after the project's end, 2027-12-31"]),
        ("mdupont = {}", "jmartin = { end = 2027-07-01 }", ["10: projects.diabete.members.jmartin.end: 2027-07-01 is after the account's end, 2027-06-30"]),
        ("mdupont = {}", "jmartin = { start = 2027-07-01 }", ["10: projects.diabete.members.jmartin: the account ends on 2027-06-30, before the membership begins"]),
        ("= {}", '= { until = 2026-12-31 }', ["10: projects.diabete.members.mdupont.until: no such setting"]),
        ("= {}", '= { end = "2026-12-31" }', ["10: projects.diabete.members.mdupont.end: Input should be a valid date, not a text"]),
        ("diabete", SMOKE_LOGIN, [f"1: projects.{SMOKE_LOGIN}.slug: is the smoke test's own, choose another"]),
        ("diabete", SMOKE_COLLEAGUE, [f"1: projects.{SMOKE_COLLEAGUE}.slug: is the smoke test's own, choose another"]),
        ("diabete", "Diabete", ["1: projects.Diabete: 'Diabete' does not have the form", "1: projects.Diabete.slug: 'Diabete' does not have the form"]),
        ("diabete", "d" * 26, [f"1: projects.{'d' * 26}: String should have at most 25 characters", f"1: projects.{'d' * 26}.slug: String should have at most 25 characters"]),
        ("diabete", '"a@b"', ["1: projects.a@b: 'a@b' does not have the form", "1: projects.a@b.slug: 'a@b' does not have the form"]),
        ('title = "Diabète"\n', "", ["1: projects.diabete.title: is required: Name that analysts read (French)"]),
        ('authorised_by = "Comité"\n', "", ["1: projects.diabete.authorised_by: is required: Who authorised it"]),
        ('"Comité"', '"Comité"\nquota_gb = 0', ["9: projects.diabete.quota_gb: Input should be greater than 0"]),
        ('"Comité"', '"Comité"\nsource_table = true', ["9: projects.diabete.source_table: no such setting, did you mean source_tables?"]),
        ('"Comité"', '"Comité"\nsource_tables = "yes"', ["9: projects.diabete.source_tables: Input should be a valid boolean, not a text: 'yes'"]),
    ],
)  # fmt: skip
def test_a_wrong_project_is_refused_with_its_place_and_line(
    load: Load, old: str, new: str, errors: list[str]
) -> None:
    assert old in MINIMAL
    found = refused(load, MINIMAL.replace(old, new))
    assert len(found) == len(errors)
    assert [line for line, error in zip(found, errors, strict=True) if error not in line] == []


def test_the_first_home_of_a_member_is_that_of_one_project(load: Load) -> None:
    kept = MINIMAL.replace("bases =", "keeps_first_homes = true\nbases =")
    other = kept.replace("diabete", "asthme")
    assert refused(load, kept + other) == [
        "16: projects.asthme.keeps_first_homes: the first home of mdupont is that of the project diabete"
    ]
    assert len(load(kept + other.replace("mdupont", "jmartin"))) == 2


def test_all_errors_come_at_once_each_with_its_line(load: Load) -> None:
    text = MINIMAL.replace("cohorte", "cohort").replace("mdupont", "nobody")
    other = MINIMAL.replace("diabete", "asthme").replace("= {}", "= { end = 2025-01-01 }")
    assert [line.split(": ")[:2] for line in refused(load, text + other)] == [
        ["5", "projects.diabete.bases[0]"],
        ["10", "projects.diabete.members.nobody"],
        ["20", "projects.asthme.members.mdupont.end"],
    ]
    wrong = MINIMAL.replace('"Diabète"', "1").replace('["cohorte"]', '"cohorte"')
    assert [line.split(": ")[:2] for line in refused(load, wrong)] == [
        ["2", "projects.diabete.title"],
        ["5", "projects.diabete.bases"],
    ]


def test_a_right_holds_on_its_first_and_last_day_and_on_none_around_them() -> None:
    period = Period(first=day("2026-03-01"), last=day("2026-09-30"))
    days = ("2026-02-28", "2026-03-01", "2026-09-30", "2026-10-01")
    assert [period.holds(day(one)) for one in days] == [False, True, True, False]
    assert [period.is_to_come(day(one)) for one in days] == [True, False, False, False]
    assert [period.is_over(day(one)) for one in days] == [False, False, False, True]


def test_a_right_of_one_day_holds_on_that_day() -> None:
    period = Period(first=day("2026-03-01"), last=day("2026-03-01"))
    assert period.holds(day("2026-03-01"))


def test_a_right_without_dates_always_holds() -> None:
    period = Period(first=None, last=None)
    for one in (datetime.date.min, datetime.date.max):
        assert period.holds(one)


@pytest.mark.parametrize(
    ("login", "dates", "first", "last"),
    [
        ("mdupont", "{}", "2026-01-01", "2027-12-31"),
        ("mdupont", "{ start = 2026-03-01 }", "2026-03-01", "2027-12-31"),
        ("mdupont", "{ end = 2026-12-31 }", "2026-01-01", "2026-12-31"),
        ("mdupont", "{ start = 2026-03-01, end = 2026-03-01 }", "2026-03-01", "2026-03-01"),
        ("jmartin", "{}", "2026-01-01", "2027-06-30"),
        ("jmartin", "{ end = 2027-06-30 }", "2026-01-01", "2027-06-30"),
    ],
)
def test_a_member_has_the_days_that_project_membership_and_account_share(
    load: Load, login: str, dates: str, first: str, last: str
) -> None:
    text = MINIMAL.replace("mdupont = {}", f"{login} = {dates}")
    assert granted(load, text, login=login) == Period(first=day(first), last=day(last))


def test_a_project_that_ends_before_the_account_ends_the_right(load: Load) -> None:
    text = MINIMAL.replace("end = 2027-12-31", "end = 2026-06-30")
    assert granted(load, text).last == day("2026-06-30")


def test_a_reviewer_is_granted_nothing(load: Load) -> None:
    text = MINIMAL.replace('"Comité"', '"Comité"\nreviewers = ["jmartin"]')
    [theirs, *_] = _grants(load, text)
    assert list(theirs.members) == ["mdupont"]


def test_the_quota_is_the_projects_or_else_the_sites(load: Load) -> None:
    own = MINIMAL.replace('"Comité"', '"Comité"\nquota_gb = 5.5')
    assert [_grants(load, text)[0].quota_gb for text in (own, MINIMAL)] == [5.5, 100]


def test_the_smoke_test_reads_every_base_and_its_colleague_none(load: Load) -> None:
    found = {grant.slug: grant for grant in _grants(load, MINIMAL)}
    assert found[SMOKE_LOGIN].bases == BASES
    assert found[SMOKE_COLLEAGUE].bases == ()
    assert not any(found[login].source_tables for login in (SMOKE_LOGIN, SMOKE_COLLEAGUE))
    assert [list(found[login].members) for login in (SMOKE_LOGIN, SMOKE_COLLEAGUE)] == [
        [SMOKE_LOGIN],
        [SMOKE_COLLEAGUE],
    ]


def test_a_home_is_the_projects_own_unless_it_keeps_the_first_ones(load: Load) -> None:
    [own, *_] = _grants(load, MINIMAL)
    [kept, *_] = _grants(load, MINIMAL.replace("bases =", "keeps_first_homes = true\nbases ="))
    assert own.home("mdupont", homes="/srv/h") == "/srv/h/mdupont@diabete"
    assert kept.home("mdupont", homes="/srv/h") == "/srv/h/mdupont"
