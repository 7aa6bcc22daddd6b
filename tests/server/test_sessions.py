"""A session's walls and limits: as Docker was told, and as code inside meets them."""

import json
from typing import Any

import pytest

from infra.site import Profile, Site
from tests.server.analyst import PROFILE, Analyst
from tests.server.machine import Machine
from tests.smoke.session import Session


@pytest.fixture
def told(demo: Analyst, server: Machine, session: Session) -> dict[str, Any]:
    """What Docker was told about demo's session."""
    inspected: list[dict[str, Any]] = json.loads(server.succeed(f"docker inspect {demo.container}"))
    return inspected[0]


@pytest.fixture
def profile(site: Site) -> Profile:
    return site.profiles[PROFILE]


def test_a_session_has_the_limits_of_its_profile(told: dict[str, Any], profile: Profile) -> None:
    host = told["HostConfig"]
    memory = int(profile.memory_gb * 2**30)
    assert (host["Memory"], host["MemorySwap"]) == (memory, memory)
    cpus = host["NanoCpus"] / 1e9 or host["CpuQuota"] / (host["CpuPeriod"] or 100_000)
    assert cpus == profile.cpus
    assert host["PidsLimit"] == profile.pids


def test_a_session_has_no_privilege(told: dict[str, Any], demo: Analyst, server: Machine) -> None:
    host = told["HostConfig"]
    ids = server.succeed(f"id -u {demo.login}; id -g {demo.login}").split()
    assert told["Config"]["User"] == ":".join(ids)
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert host["ReadonlyRootfs"]
    assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"])
    assert not [option for option in host["SecurityOpt"] if "unconfined" in option]
    assert list(told["NetworkSettings"]["Networks"]) == ["sessions"]
    assert not host["PortBindings"]
    assert (host["PidMode"], host["IpcMode"] in ("", "private")) == ("", True)


def test_a_session_mounts_its_home_and_nothing_else_to_write(
    told: dict[str, Any], site: Site, demo: Analyst
) -> None:
    mounts = {mount["Source"]: mount["RW"] for mount in told["Mounts"]}
    home = f"{site.storage.homes}/{demo.login}"
    assert [source for source, writable in mounts.items() if writable] == [home]
    assert mounts[site.storage.releases] is False
    assert not [source for source in mounts if source.startswith(site.storage.data)]
    assert not [source for source in mounts if "docker" in source]


def test_a_session_reads_the_release_with_one_line(session: Session, site: Site) -> None:
    session.run("import openchronic as oc")
    assert (
        session.value("int(oc.connect().sql('select count(*) from patient').fetchall()[0][0])") > 0
    )
    said = session.write(f"/srv/openchronic/{next(iter(site.bases))}/current/x")
    assert said == "Read-only file system"


def test_a_group_profile_is_for_its_group_alone(alix: Analyst, site: Site) -> None:
    """`grande` is for the group `calcul`: alix is not in it, and asking for it by hand does not help."""
    assert site.profiles["grande"].groups
    alix.log_in()
    page = alix.hub.get("/hub/spawn").text
    assert 'value="petite"' in page
    assert 'value="grande"' not in page
    answer = alix.hub.submit("/hub/spawn", {"profile": "grande"})
    assert answer.status_code != 302 or not alix.hub.is_running()
    assert not alix.hub.is_running()


def test_the_session_speaks_french_and_brings_no_news(session: Session, demo: Analyst) -> None:
    settings = demo.hub.get(
        "/user/demo/lab/api/settings/@jupyterlab/translation-extension:plugin",
        headers={"Authorization": f"token {demo.hub.token}"},
    )
    assert settings.status_code == 200
    assert "fr_FR" in settings.text
