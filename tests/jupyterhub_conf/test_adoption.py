"""Which running containers the hub takes over as their user's session."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adoption import adoptable, token
from sessions import Person, mounts
from settings import Settings, load_settings

from infra.settings import layout

CLAIRE = Person(login="claire", uid=20001, gid=20001, analysts_gid=1500)
ENV = ["A=b", "OPENCHRONIC_PROJECT=parcours"]


@pytest.fixture
def settings(site_json: Callable[..., Path]) -> Settings:
    return load_settings(site_json())


@pytest.fixture
def container(settings: Settings) -> dict[str, Any]:
    """Give the output of `docker inspect` for claire's session."""
    return {
        "State": {"Running": True, "Paused": False},
        "Config": {"User": "20001:20001", "Env": [*ENV, "JUPYTERHUB_API_TOKEN=abc=="]},
        "NetworkSettings": {"Networks": {"sessions": {}}},
        "HostConfig": {
            "ReadonlyRootfs": True,
            "Privileged": False,
            "CapDrop": ["ALL"],
            "CapAdd": None,
            "SecurityOpt": ["no-new-privileges"],
            "GroupAdd": ["1500", "1601"],
            "Memory": 2 << 30,
            "NanoCpus": 0,
            "CpuPeriod": 100_000,
            "CpuQuota": 100_000,
            "PidsLimit": 512,
            "DeviceRequests": None,
        },
        "Mounts": [
            {
                "Type": "bind",
                "Source": mount["source"],
                "Destination": mount["target"],
                "RW": not mount["read_only"],
            }
            for mount in mounts(CLAIRE, settings.projects[1], settings)
        ],
    }


def adopted(container: dict[str, Any], settings: Settings) -> str | None:
    found = adoptable(container, person=CLAIRE, mine=settings.projects[1:], settings=settings)
    return f"{found[0].slug}, {found[1].slug}" if found else None


def test_her_own_session_is_taken_up_again(container: dict[str, Any], settings: Settings) -> None:
    assert adopted(container, settings) == "parcours, petite"
    assert token(container) == "abc=="


CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    "stopped": {"State": {"Running": False}},
    "paused": {"State": {"Paused": True}},
    "another user's": {"Config": {"User": "20002:20002"}},
    "root's": {"Config": {"User": ""}},
    "without a token": {"Config": {"Env": ENV}},
    "of no project": {"Config": {"Env": ["JUPYTERHUB_API_TOKEN=abc=="]}},
    "of a project of others": {
        "Config": {"Env": ["OPENCHRONIC_PROJECT=variations", "JUPYTERHUB_API_TOKEN=abc=="]}
    },
    "with the group of another project": {"HostConfig": {"GroupAdd": ["1500", "1600"]}},
    "on another network": {"NetworkSettings": {"Networks": {"bridge": {}}}},
    "on one more network": {"NetworkSettings": {"Networks": {"sessions": {}, "bridge": {}}}},
    "writable": {"HostConfig": {"ReadonlyRootfs": False}},
    "privileged": {"HostConfig": {"Privileged": True}},
    "with a capability": {"HostConfig": {"CapAdd": ["SYS_ADMIN"]}},
    "with every capability": {"HostConfig": {"CapDrop": []}},
    "able to gain privileges": {"HostConfig": {"SecurityOpt": None}},
    "without a memory limit": {"HostConfig": {"Memory": 0}},
    "of a profile of others": {
        "HostConfig": {"Memory": int(4.5 * 2**30), "CpuQuota": 200_000, "PidsLimit": 2048}
    },
    "with more processors": {"HostConfig": {"CpuQuota": 200_000}},
    "with one more group": {"HostConfig": {"GroupAdd": ["1500", "1601", "990"]}},
    "without its groups": {"HostConfig": {"GroupAdd": None}},
    "with a card": {"HostConfig": {"DeviceRequests": [{"DeviceIDs": ["nvidia.com/gpu=0"]}]}},
    "without a process limit": {"HostConfig": {"PidsLimit": None}},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_container_that_the_hub_would_not_start_is_not(
    container: dict[str, Any], settings: Settings, name: str
) -> None:
    changed = copy.deepcopy(container)
    for part, values in CHANGES[name].items():
        changed[part].update(values)
    assert adopted(changed, settings) is None


def test_one_mount_more_or_another_is_refused(
    container: dict[str, Any], settings: Settings
) -> None:
    more = copy.deepcopy(container)
    more["Mounts"].append({"Type": "bind", "Source": "/", "Destination": "/host", "RW": True})
    assert adopted(more, settings) is None
    other = copy.deepcopy(container)
    other["Mounts"][0]["Source"] = f"{layout.HOMES}/alix"
    assert adopted(other, settings) is None
    writable = copy.deepcopy(container)
    releases = [one for one in writable["Mounts"] if one["Destination"].startswith(layout.RELEASES)]
    releases[0]["RW"] = True
    assert adopted(writable, settings) is None
    another = copy.deepcopy(container)
    another["Mounts"].append({**releases[0], "Destination": f"{layout.RELEASES}/demo", "RW": False})
    assert adopted(another, settings) is None, "it reads a base that is not the project's"
