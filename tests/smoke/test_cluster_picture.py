"""A picture of a session whose Spark job ran on pods of its user's, where the operator asks for pictures (PICTURES=1)."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from infra.settings.cluster_site import ClusterSite
from infra.settings.settings_file import ROOT
from tests.smoke.analyst_by_browser import ByBrowser
from tests.smoke.chromium import browsing
from tests.smoke.doorway import way_to
from tests.smoke.given import Given
from tests.smoke.hub import Hub
from tests.smoke.pictures import EXECUTORS, take_executors


@pytest.fixture(scope="module")
def page(site: ClusterSite, given: Given, running: Hub) -> Iterator[Page]:
    with browsing(site, folder=given.work / "executors", flags=way_to(given)) as page:
        analyst = ByBrowser(page, site=site, given=given)
        analyst.read_landing_page()
        analyst.log_in()
        yield page


def test_a_picture_shows_on_which_pods_spark_computed(
    page: Page, running: Hub, site: ClusterSite, record_property: Callable[[str, object], None]
) -> None:
    """a picture shows a notebook whose Spark job ran on executors, pods of its user's

    build/kinds here has what was seen; the broker's log on the cluster
    """
    if site.cluster.executors.most < EXECUTORS:
        pytest.skip(f"this site gives {site.cluster.executors.most} executors")
    file = take_executors(page, running, base=next(iter(site.bases)))
    pods = page.locator(".jp-OutputArea-output table tbody tr")
    expect(pods).to_have_count(EXECUTORS)
    assert all(f"executor-{running.login}" in one for one in pods.all_inner_texts())
    record_property("measured", str(file.relative_to(ROOT)))
