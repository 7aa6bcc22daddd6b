"""A session is opened for one of the user's projects, while the right is open, and for no other."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from choices import ChoiceRefused
from projects import chosen_project, form, open_projects, project_of, today, told
from settings import Project, Settings, load_settings

DAY = datetime.date(2026, 6, 30)


@pytest.fixture
def site(site_json: Callable[..., Path]) -> Settings:
    return load_settings(site_json())


def of(site: Settings, login: str, day: datetime.date = DAY) -> tuple[Project, ...]:
    return open_projects(site.projects, login=login, day=day)


def slugs(site: Settings, login: str, day: datetime.date = DAY) -> list[str]:
    return [one.slug for one in of(site, login, day)]


def test_a_member_has_their_projects_and_nobody_else_has_any(site: Settings) -> None:
    assert slugs(site, "rose") == ["variations", "parcours"]
    assert slugs(site, "claire") == ["variations"]
    assert slugs(site, "marc") == []
    assert slugs(site, "") == []


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-02-28", []), ("2026-03-01", ["parcours"]), ("2026-06-30", ["parcours"]), ("2026-07-01", [])],
)  # fmt: skip
def test_a_membership_is_open_on_its_first_and_last_day(
    site: Settings, day: str, found: list[str]
) -> None:
    assert slugs(site, "alix", datetime.date.fromisoformat(day)) == found


def test_the_day_is_that_of_paris(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Clock":
            return cls(2026, 6, 30, 22, 30, tzinfo=datetime.UTC).astimezone(tz)

    monkeypatch.setattr("projects.datetime.datetime", Clock)
    assert today() == datetime.date(2026, 7, 1)


def test_the_only_project_needs_no_choice_and_two_need_one(site: Settings) -> None:
    assert chosen_project({}, mine=of(site, "claire")).slug == "variations"
    assert chosen_project({"project": "parcours"}, mine=of(site, "rose")).slug == "parcours"
    with pytest.raises(ChoiceRefused, match=r"Choisissez le projet.*Parcours » \(parcours\)"):
        chosen_project({}, mine=of(site, "rose"))


@pytest.mark.parametrize("slug", ["parcours", "absent", "", None, ["variations"], "../variations"])
def test_another_project_is_refused_and_not_named(site: Settings, slug: Any) -> None:
    with pytest.raises(ChoiceRefused) as refused:
        chosen_project({"project": slug}, mine=of(site, "claire"))
    assert "Parcours" not in str(refused.value), "the title of another's project"
    assert "Variations" in str(refused.value)


def test_whoever_has_no_project_is_told_so(site: Settings) -> None:
    with pytest.raises(ChoiceRefused, match="Aucun projet"):
        chosen_project({"project": "variations"}, mine=of(site, "marc"))
    page = form(of(site, "marc"))
    assert "Aucun projet" in page
    assert "radio" not in page


def test_the_form_shows_what_each_project_reads_and_the_last_choice(site: Settings) -> None:
    page = form(of(site, "rose"), picked="parcours")
    assert page.count('type="radio"') == 2
    assert page.count(" checked>") == 1
    assert 'value="parcours" aria-describedby="reads-parcours" checked' in page
    assert "Variations &lt;b&gt;" in page
    assert page.count("Tables d’origine") == 1
    gone = form(of(site, "rose"), picked="partie")
    assert 'value="variations" aria-describedby="reads-variations" checked' in gone


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        (["A=b", "OPENCHRONIC_PROJECT=parcours"], "parcours"),
        (["OPENCHRONIC_PROJECT=absent"], None),
        (["A=b"], None),
        (["OPENCHRONIC_PROJECT=parcours", "OPENCHRONIC_PROJECT=variations"], None),
        (["OPENCHRONIC_PROJECTS=parcours"], None),
    ],
)
def test_a_running_session_tells_its_project(
    site: Settings, environment: list[str], found: str | None
) -> None:
    project = project_of({"Config": {"Env": environment}}, mine=of(site, "rose"))
    assert (project.slug if project else None) == found


def test_a_session_knows_its_users_own_projects_alone(site: Settings) -> None:
    known = json.loads(told(of(site, "claire")))
    assert known == {
        "variations": {"title": "Variations <b>", "bases": ["demo"], "source_tables": True}
    }
