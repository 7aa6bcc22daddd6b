"""The hub takes the site.json that the chart computes, for its own values and for those of sites."""

import sys
from pathlib import Path

import pytest

from infra.settings.settings_file import ROOT
from tests.charts.rendering import find, rendered
from tests.charts.site_values import rendered_sites, sites

if not (ROOT / "jupyterhub-conf/cluster_settings.py").exists():
    pytest.skip("the hub knows no cluster yet", allow_module_level=True)

ALL = {**sites(), **rendered_sites()}


@pytest.mark.parametrize("site", ALL)
def test_the_hub_takes_what_it_is_told(tmp_path: Path, site: str) -> None:
    # A folder that is no package, as the hub has it.
    if (place := str(ROOT / "jupyterhub-conf")) not in sys.path:
        sys.path.insert(0, place)
    from settings import load_settings

    told = tmp_path / "site.json"
    told.write_text(find(rendered(ALL[site]), "ConfigMap", "site")["data"]["site.json"])
    settings = load_settings(told)
    assert [one.slug for one in settings.profiles] == [one["slug"] for one in ALL[site]["profiles"]]
    assert [one.slug for one in settings.projects] == [one["slug"] for one in ALL[site]["projects"]]
