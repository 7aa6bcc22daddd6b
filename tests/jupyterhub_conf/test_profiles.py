"""A user can choose one of the profiles that are open to them, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from profiles import ProfileRefused, chosen, form, from_form, offered
from settings import Profile, load_settings

NOBODY: frozenset[str] = frozenset()
CALCUL = frozenset({"calcul", "analysts"})


@pytest.fixture
def profiles(site_json: Callable[..., Path]) -> list[Profile]:
    return load_settings(site_json()).profiles


def test_a_restricted_profile_is_for_its_groups(profiles: list[Profile]) -> None:
    assert [one.slug for one in offered(profiles, groups=NOBODY)] == ["petite"]
    assert [one.slug for one in offered(profiles, groups=CALCUL)] == ["petite", "grande"]


def test_the_first_profile_is_the_default(profiles: list[Profile]) -> None:
    assert chosen({}, profiles=profiles, groups=CALCUL).slug == "petite"
    assert chosen({"profile": "grande"}, profiles=profiles, groups=CALCUL).slug == "grande"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"profile": "grande"}, "ne vous est pas ouvert"),
        ({"profile": "enorme"}, "Profils possibles : petite"),
        ({"profile": ["petite"]}, "n'existe pas"),
        ({"profile": None}, "n'existe pas"),
        ({"profile": "petite", "mem_limit": "1T"}, "Options inconnues : mem_limit"),
        ({"image": "alpine"}, "Options inconnues : image"),
    ],
)
def test_all_else_is_refused_in_french(
    profiles: list[Profile], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ProfileRefused, match=said):
        chosen(options, profiles=profiles, groups=NOBODY)


def test_no_profile_at_all_says_so(profiles: list[Profile]) -> None:
    with pytest.raises(ProfileRefused, match="Aucun profil"):
        chosen({}, profiles=profiles[1:], groups=NOBODY)
    assert "Aucun profil" in form([])


def test_a_form_keeps_what_it_does_not_know(profiles: list[Profile]) -> None:
    """Unknown fields must be refused later, not ignored."""
    assert from_form({"profile": ["petite"], "_xsrf": ["x"], "image": ["y"]}) == {
        "profile": "petite",
        "image": "y",
    }


def test_the_form_shows_the_limits_as_french_writes_them(profiles: list[Profile]) -> None:
    page = form(profiles, picked="grande")
    assert page.count('type="radio"') == 2
    assert 'value="grande" aria-describedby="limits-grande" checked' in page
    assert "4,5 Gio" in page
    assert "2\u202f048" in page
    assert "Grande &lt;b&gt;" in page


def test_a_profile_of_last_time_that_is_gone_is_not_picked(profiles: list[Profile]) -> None:
    assert 'id="profile-petite" value="petite" aria-describedby="limits-petite" checked' in form(
        profiles, picked="partie"
    )
