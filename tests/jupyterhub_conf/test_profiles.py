"""A user can choose one of the profiles that are open to their project, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from choices import ChoiceRefused, from_form, refuse_unknown
from profiles import chosen, form, offered
from settings import Profile, Project, Settings, load_settings


@pytest.fixture
def site(site_json: Callable[..., Path]) -> Settings:
    return load_settings(site_json())


@pytest.fixture
def profiles(site: Settings) -> list[Profile]:
    return site.profiles


@pytest.fixture
def variations(site: Settings) -> Project:
    return site.projects[0]


@pytest.fixture
def parcours(site: Settings) -> Project:
    return site.projects[1]


def test_a_restricted_profile_is_for_its_projects(
    profiles: list[Profile], variations: Project, parcours: Project
) -> None:
    assert [one.slug for one in offered(profiles, project=parcours)] == ["petite"]
    assert [one.slug for one in offered(profiles, project=variations)] == ["petite", "grande"]


def test_the_first_profile_is_the_default(profiles: list[Profile], variations: Project) -> None:
    assert chosen({}, profiles=profiles, project=variations).slug == "petite"
    assert chosen({"profile": "grande"}, profiles=profiles, project=variations).slug == "grande"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"profile": "grande"}, "n’est pas ouvert au projet « Parcours »"),
        ({"profile": "enorme"}, "Profils possibles : petite"),
        ({"profile": ["petite"]}, "n’existe pas"),
        ({"profile": None}, "n’existe pas"),
    ],
)
def test_another_profile_is_refused_in_french(
    profiles: list[Profile], parcours: Project, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ChoiceRefused, match=said):
        chosen(options, profiles=profiles, project=parcours)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"profile": "petite", "mem_limit": "1T"}, "Options inconnues : mem_limit"),
        ({"image": "alpine", "project": "parcours"}, "Options inconnues : image"),
    ],
)
def test_all_other_options_are_refused_in_french(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ChoiceRefused, match=said):
        refuse_unknown(options)
    refuse_unknown({"profile": "petite", "project": "parcours"})


def test_no_profile_at_all_says_so(profiles: list[Profile], parcours: Project) -> None:
    with pytest.raises(ChoiceRefused, match="Aucun profil"):
        chosen({}, profiles=profiles[1:], project=parcours)
    assert "Aucun profil" in form(profiles[1:], projects=[parcours])


def test_a_form_keeps_what_it_does_not_know() -> None:
    """Unknown fields must be refused later, not ignored."""
    assert from_form({"profile": ["petite"], "_xsrf": ["x"], "image": ["y"]}) == {
        "profile": "petite",
        "image": "y",
    }


def test_the_form_shows_the_limits_as_french_writes_them(
    profiles: list[Profile], variations: Project
) -> None:
    page = form(profiles, projects=[variations], picked="grande")
    assert page.count('type="radio"') == 2
    assert page.count(" checked>") == 1
    assert (
        'value="grande" aria-describedby="limits-grande" data-projects="variations" checked' in page
    )
    assert "4,5 Gio" in page
    assert "2\u202f048" in page
    assert "Grande &lt;b&gt;" in page
    assert "Pour le projet" not in page


def test_a_profile_for_some_projects_says_for_which(
    profiles: list[Profile], variations: Project, parcours: Project
) -> None:
    page = form(profiles, projects=[variations, parcours])
    assert page.count("<dt>Pour le projet</dt><dd>Variations &lt;b&gt;</dd>") == 1
    assert 'data-projects="variations parcours"' in page
    assert "grande" not in form(profiles, projects=[parcours])


def test_a_profile_of_last_time_that_is_gone_is_not_picked(
    profiles: list[Profile], variations: Project
) -> None:
    page = form(profiles, projects=[variations], picked="partie")
    assert page.count(" checked>") == 1
    assert 'id="profile-petite" value="petite"' in page.partition(" checked>")[0]
