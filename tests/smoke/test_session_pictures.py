"""Pictures of each kind of session with the same answer, where the operator asks for them (PICTURES=1)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from infra.settings.cluster_file import Target
from infra.settings.settings_file import ROOT
from tests.smoke.analyst_by_browser import ByBrowser
from tests.smoke.chromium import browsing
from tests.smoke.doorway import way_to
from tests.smoke.given import Given
from tests.smoke.hub import Hub
from tests.smoke.kinds import EVERYWHERE, KINDS, RSTUDIO, Kind, digests, profile_of
from tests.smoke.pictures import take, take_rstudio


@pytest.fixture(scope="module")
def page(site: Target, given: Given, running: Hub) -> Iterator[Page]:
    with browsing(site, folder=given.work / "pictures", flags=way_to(given)) as page:
        analyst = ByBrowser(page, site=site, given=given)
        analyst.read_landing_page()
        analyst.log_in()
        yield page


@pytest.fixture(scope="module")
def digest(running: Hub, site: Target) -> str:
    python = EVERYWHERE[0]
    return digests(running, (python,), base=next(iter(site.bases)))[python.name]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_picture_is_taken(
    kind: Kind,
    running: Hub,
    digest: str,
    page: Page,
    site: Target,
    record_property: Callable[[str, object], None],
) -> None:
    """a picture shows a kind of session: its rows of one question, or RStudio's page

    build/kinds here has what was seen
    """
    profile = profile_of(kind, site)
    if profile is None:
        pytest.skip(f"not offered: no profile opens {kind.name} to every project")
    if kind not in EVERYWHERE and running.profile != profile[0]:
        running.stop()
        running.start(profile[0])
        running.enter()
    if kind == RSTUDIO:
        file = take_rstudio(page, running)
    else:
        file = take(page, running, kind, base=next(iter(site.bases)), digest=digest)
    assert file.read_bytes().startswith(b"\x89PNG"), f"{file} is no picture"
    record_property("measured", str(file.relative_to(ROOT)))
