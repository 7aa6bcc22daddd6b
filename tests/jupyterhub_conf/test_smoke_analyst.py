"""The smoke test's analyst without a browser reads the hub's own start page, and sees what it offers too much or too little."""

from types import SimpleNamespace
from typing import Any, cast

import profiles
import pytest
import settings

from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.jupyterhub_conf.conftest import SITE
from tests.smoke.analyst_by_forms import ByForms
from tests.smoke.hub import Hub


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site("test")


def analyst(site: Site, offered: list[str]) -> ByForms:
    """Give an analyst whose start page offers some profiles."""
    cards = [
        settings.Profile.model_validate(
            {"slug": slug, **site.profiles[slug].model_dump(mode="json")}
        )
        for slug in offered
    ]
    project = settings.Project.model_validate({**SITE["projects"][0], "slug": "variations"})
    form = profiles.form(cards, projects=[project])
    page = SimpleNamespace(status_code=200, text=f'<html lang="fr">{form}</html>')
    hub = SimpleNamespace(get=lambda path: page)
    return ByForms(cast(Hub, hub), site=site, session=cast(Any, None))


def test_a_start_page_with_every_profile_that_is_open_to_all_is_read(site: Site) -> None:
    everybodys = [slug for slug, one in site.profiles.items() if not one.projects]
    text = analyst(site, everybodys).read_start_page()
    assert all(site.profiles[slug].title in text for slug in everybodys)
    assert "Gio" in text


def test_a_profile_that_is_missing_or_not_open_to_all_is_named(site: Site) -> None:
    limited = [slug for slug, one in site.profiles.items() if one.projects]
    everybodys = [slug for slug in site.profiles if slug not in limited]
    assert limited
    with pytest.raises(AssertionError, match=f"{everybodys[0]}: offered 0 times"):
        analyst(site, everybodys[1:]).read_start_page()
    with pytest.raises(AssertionError, match=f"{limited[0]}: offered 1 times"):
        analyst(site, [*everybodys, limited[0]]).read_start_page()
