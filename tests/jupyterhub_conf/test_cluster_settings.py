"""site.json of a cluster is checked strictly: what only a server has is refused there, and required without it."""

import copy
import datetime
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cluster_accounts import ClusterAccounts
from settings import SettingsError, load_settings

from tests.jupyterhub_conf.cluster_site import CLUSTER, OF_A_SERVER, cluster_json, write_cluster


def refused(folder: Path, **changes: Any) -> str:
    with pytest.raises(SettingsError) as error:
        load_settings(write_cluster(folder, **changes))
    return str(error.value)


def cluster(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(CLUSTER), **changes}


def test_a_cluster_needs_nothing_of_a_server(tmp_path: Path) -> None:
    site = load_settings(write_cluster(tmp_path))
    assert site.cluster is not None
    assert site.own_passwords is False
    assert [one.place for one in site.restricted.stores] == [
        "cohorte/openchronic-cohorte-store",
        "demo/openchronic-demo-store",
    ]


@pytest.mark.parametrize("key", [*OF_A_SERVER, "gpu_devices"])
def test_what_only_a_server_has_is_refused(tmp_path: Path, key: str) -> None:
    assert f"{key}: of a server" in refused(tmp_path, **{key: "x"})


@pytest.mark.parametrize("key", OF_A_SERVER)
def test_a_server_needs_all_of_it(site_json: Callable[..., Path], tmp_path: Path, key: str) -> None:
    import json

    place = site_json()
    site = json.loads(place.read_text())
    del site[key]
    place.write_text(json.dumps(site))
    with pytest.raises(SettingsError, match=f"{key}: Field required"):
        load_settings(place)


def test_passwords_and_codes_of_a_server_are_refused(tmp_path: Path) -> None:
    logins = {**cluster_json(tmp_path)["logins"], "second_factor": True, "password_max_days": 90}
    said = refused(tmp_path, logins=logins)
    assert "logins.password_max_days, logins.second_factor: of a server" in said


def test_a_home_on_a_disk_is_refused(tmp_path: Path) -> None:
    projects = cluster_json(tmp_path)["projects"]
    projects[1]["home"] = "/srv/homes/{login}"
    assert "projects.1.home: of a server" in refused(tmp_path, projects=projects)


TWICE = {"rose": {"uid": 5000, "end": "2099-01-01"}, "alix": {"uid": 5000, "end": "2099-01-01"}}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"surprise": 1}, "cluster.surprise"),
        ({"images": {"jupyter": "openchronic/jupyter:latest"}}, "cluster.images.jupyter"),
        ({"images": {"rstudio": CLUSTER["images"]["jupyter"]}}, "cluster.images has no jupyter"),
        ({"gids": {"variations": 2_000_001}}, "cluster.gids has no parcours"),
        ({"gids": {"variations": 5, "parcours": 2_000_002}}, "cluster.gids.variations"),
        ({"gids": {"variations": 2_000_001, "parcours": 2_000_001}}, "two groups have one gid"),
        ({"source_readers_gid": 2_000_001}, "two groups have one gid"),
        ({"source_readers_gid": 1_000_001}, "number of somebody's own group"),
        ({"accounts": TWICE}, "two people have one uid"),
        ({"accounts": {"rose": {"uid": 0, "end": "2099-01-01"}}}, "cluster.accounts.rose.uid"),
        ({"accounts": {"a.b": {"uid": 5000, "end": "2099-01-01"}}}, "cluster.accounts.a.b"),
        ({"accounts": {"a--b": {"uid": 5000, "end": "2099-01-01"}}}, "cluster.accounts.a--b"),
        ({"pull_policy": "Sometimes"}, "cluster.pull_policy"),
        ({"onboarding": {"pages": ["../x"]}}, "no path of a file"),
        ({"onboarding": {"pages": ["a__b"]}}, "no path of a file"),
        ({"namespace": "Big Data"}, "cluster.namespace"),
        ({"demonstration": False}, "exactly one of"),
        ({"homes": {"storage_class": None, "access_mode": "ReadOnlyMany"}}, "access_mode"),
    ],
)
def test_a_wrong_cluster_is_refused_with_its_place(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    assert why in refused(tmp_path, cluster=cluster(**changes))


def test_a_directory_is_refused_with_its_reason(tmp_path: Path) -> None:
    ldap = {"cache_s": 1.0, "offline_hours": 1.0, "password_url": None, "local_logins": ["x"]}
    logins = {**cluster_json(tmp_path)["logins"], "ldap": ldap}
    assert "a cluster has none: use logins.oidc" in refused(tmp_path, logins=logins)


def test_a_project_whose_name_no_claim_can_have_is_refused(tmp_path: Path) -> None:
    projects = cluster_json(tmp_path)["projects"]
    projects[0]["slug"] = "variations-"
    gids = {"variations-": 2_000_001, "parcours": 2_000_002}
    said = refused(tmp_path, projects=projects, cluster=cluster(gids=gids))
    assert "variations-: ends with a hyphen" in said


def test_an_account_is_open_until_its_last_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cluster_accounts

    end = datetime.date(2026, 6, 30)
    alix = {"alix": {"uid": 5000, "end": end.isoformat()}}
    accounts = ClusterAccounts(
        load_settings(write_cluster(tmp_path, cluster=cluster(accounts=alix)))
    )
    log = logging.getLogger("test")
    for day, is_open in ((end, True), (end + datetime.timedelta(days=1), False)):
        monkeypatch.setattr(cluster_accounts, "today", lambda day=day: day)
        assert accounts.is_open("alix", log=log) is is_open
    assert accounts.person("alix") is not None
    assert accounts.person("root") is None
    assert not accounts.is_open("root", log=log)
