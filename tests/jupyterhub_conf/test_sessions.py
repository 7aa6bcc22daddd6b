"""The user, groups, mounts, environment and limits of a session's container."""

import datetime
import grp
import json
import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest
import sessions
from sessions import Person, SessionRefused
from settings import Project, Settings, Uids, load_settings

from infra.settings import layout

UIDS = Uids(first=layout.FIRST_UID, last=layout.LAST_UID)
CLAIRE = Person(login="claire", uid=20001, gid=20001, analysts_gid=1500)


@pytest.fixture
def site(site_json: Callable[..., Path]) -> Settings:
    return load_settings(site_json())


@pytest.fixture
def project(site: Settings) -> Project:
    return site.projects[1]


NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)


def variables(site: Settings, project: Project, *, cpus: float = 2) -> dict[str, str]:
    profile = site.profiles[0].model_copy(update={"cpus": cpus})
    return sessions.environment(CLAIRE, project, site, profile=profile, mine=site.projects, now=NOW)


def test_only_the_home_and_the_shared_folder_are_writable(site: Settings, project: Project) -> None:
    found = sessions.mounts(CLAIRE, project, site)
    writable = [mount["target"] for mount in found if not mount["read_only"]]
    assert writable == ["/home/claire", f"{layout.TEAMS}/parcours"]
    assert {mount["source"]: mount["target"] for mount in found} == {
        f"{layout.HOMES}/claire@parcours": "/home/claire",
        f"{layout.TEAMS}/parcours": f"{layout.TEAMS}/parcours",
        f"{layout.SNAPSHOTS}/parcours": f"{layout.SNAPSHOTS}/parcours",
        "/srv/releases-of-the-site/cohorte": f"{layout.RELEASES}/cohorte",
        site.onboarding: layout.ONBOARDING,
        f"{site.run}/passwd.claire": "/etc/passwd",
        f"{site.run}/group.claire": "/etc/group",
    }
    assert all(mount["type"] == "bind" for mount in found)


def test_a_project_without_a_base_mounts_no_release(site: Settings, project: Project) -> None:
    without = project.model_copy(update={"bases": []})
    targets = [mount["target"] for mount in sessions.mounts(CLAIRE, without, site)]
    assert not [target for target in targets if target.startswith(layout.RELEASES)]


def test_the_container_is_locked_up(site: Settings, project: Project) -> None:
    config = sessions.host_config(site.profiles[0], CLAIRE, project, site)
    assert config["group_add"] == ["1500", "1601"], "analysts, and the project"
    assert config["cap_drop"] == ["ALL"]
    assert config["security_opt"] == ["no-new-privileges"]
    assert config["read_only"] is True
    assert config["memswap_limit"] == 2 << 30, "as much as the memory: no swap"
    assert config["pids_limit"] == 512
    assert "nosuid" in config["tmpfs"]["/tmp"]
    assert not {"privileged", "devices", "binds", "network_mode"} & set(config)


def test_identity_files_name_the_user(site: Settings, project: Project) -> None:
    sessions.write_identity(CLAIRE, project, site)
    place = Path(site.run)
    assert "claire:x:20001:20001::/home/claire:/bin/bash" in (place / "passwd.claire").read_text()
    groups = (place / "group.claire").read_text()
    assert "analysts:x:1500:claire" in groups
    assert "projet-parcours:x:1601:claire" in groups
    assert "variations" not in groups
    assert (place / "passwd.claire").stat().st_mode & 0o777 == 0o644
    assert not list(place.glob(".passwd*")), "nothing half-written stays"


@pytest.mark.parametrize(("minutes", "seconds"), [(60, 300), (2, 20), (1, 10)])
def test_a_session_reports_well_before_it_would_be_culled(
    site_json: Callable[..., Path], minutes: float, seconds: int
) -> None:
    idle = {"cull_after_minutes": minutes, "greatest_age_hours": 24}
    site = load_settings(site_json(idle=idle))
    found = variables(site, site.projects[1])
    assert found["JUPYTERHUB_ACTIVITY_INTERVAL"] == str(seconds)


def test_a_session_is_told_its_project(site: Settings, project: Project) -> None:
    found = variables(site, project)
    assert found["OPENCHRONIC_PROJECT"] == "parcours"
    assert list(json.loads(found["OPENCHRONIC_PROJECTS"])) == ["variations", "parcours"]


@pytest.mark.parametrize(("cpus", "threads"), [(0.5, "1"), (1, "1"), (2.5, "2"), (12, "12")])
def test_programs_make_as_many_threads_as_the_profile_has_processors(
    site: Settings, project: Project, cpus: float, threads: str
) -> None:
    found = variables(site, project, cpus=cpus)
    assert {found[name] for name in sessions.COUNTS} == {threads}


def test_a_session_knows_when_it_ends_at_the_latest(site: Settings, project: Project) -> None:
    assert variables(site, project)["OPENCHRONIC_SESSION_ENDS"] == "2026-03-09T12:00:00+00:00"


def test_shared_memory_goes_with_the_profile(site: Settings, project: Project) -> None:
    profile = site.profiles[0]
    assert sessions.host_config(profile, CLAIRE, project, site)["shm_size"] == 2**29
    more = profile.model_copy(update={"shm_gb": 1.5})
    assert sessions.host_config(more, CLAIRE, project, site)["shm_size"] == 3 * 2**29


def test_the_image_is_read_at_each_start(site: Settings) -> None:
    profile = site.profiles[0]
    assert sessions.image_reference(profile, site) == "openchronic/jupyter:abc"
    Path(site.images_file).write_text('{"jupyter": "openchronic/jupyter:def"}')
    assert sessions.image_reference(profile, site) == "openchronic/jupyter:def"
    for broken in ("{}", "", "[]"):
        Path(site.images_file).write_text(broken)
        with pytest.raises(SessionRefused, match="pas encore prête"):
            sessions.image_reference(profile, site)


def _world(monkeypatch: pytest.MonkeyPatch, *, uid: int, gids: list[int]) -> None:
    """Make the account lookups find the group analysts (1500) and one account."""

    def account(login: str) -> pwd.struct_passwd:
        if login != "claire":
            raise KeyError(login)
        return pwd.struct_passwd(
            (login, "x", uid, 20001, "", f"{layout.HOMES}/claire", "/bin/false")
        )

    def group(name: str) -> grp.struct_group:
        if name != "analysts":
            raise KeyError(name)
        return grp.struct_group(("analysts", "x", 1500, ["claire"]))

    monkeypatch.setattr(pwd, "getpwnam", account)
    monkeypatch.setattr(grp, "getgrnam", group)
    monkeypatch.setattr(os, "getgrouplist", lambda login, gid: [gid, *gids])


def test_an_analyst_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    _world(monkeypatch, uid=20001, gids=[1500])
    person = sessions.find_person("claire", analysts_group="analysts", uids=UIDS)
    assert person is not None
    assert (person.uid, person.gid, person.analysts_gid) == (20001, 20001, 1500)


@pytest.mark.parametrize(
    ("login", "uid", "gids", "why"),
    [
        ("claire", 20001, [], "no analyst"),
        ("claire", 0, [1500], "root under another name"),
        ("claire", 999, [1500], "a system user"),
        ("claire", 61184, [1500], "a dynamic user of systemd"),
        ("absent", 20001, [1500], "no account"),
    ],
)
def test_all_others_are_not(
    monkeypatch: pytest.MonkeyPatch, login: str, uid: int, gids: list[int], why: str
) -> None:
    _world(monkeypatch, uid=uid, gids=gids)
    assert sessions.find_person(login, analysts_group="analysts", uids=UIDS) is None, why
