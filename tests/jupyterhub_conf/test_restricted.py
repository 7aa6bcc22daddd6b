"""Typed source tables are readable in sessions of the site's groups; other sessions have neither mount nor group."""

import asyncio
import dataclasses
import grp
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sessions
from sessions import Person, SessionRefused
from settings import Settings, SettingsError, load_settings

from infra.settings import layout

READER = Person(
    login="rose", uid=20002, gid=20002, groups=frozenset({"analysts", "sources"}), analysts_gid=1500
)
OTHER = dataclasses.replace(READER, groups=frozenset({"analysts", "calcul"}))
# An account that was put into the system group by hand: only the site's list gives the right.
INSIDER = dataclasses.replace(READER, groups=frozenset({"analysts", "openchronic-source"}))
GID = 990


@pytest.fixture
def site(site_json: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Settings:
    def group(name: str) -> grp.struct_group:
        if name != "openchronic-source":
            raise KeyError(name)
        return grp.struct_group((name, "x", GID, []))

    monkeypatch.setattr(grp, "getgrnam", group)
    return load_settings(site_json())


def restricted_mounts(person: Person, site: Settings) -> list[dict[str, Any]]:
    return [mount for mount in sessions.mounts(person, site) if "restricted" in str(mount)]


def test_a_reader_gets_the_bases_that_are_theirs_read_only(site: Settings) -> None:
    assert restricted_mounts(READER, site) == [
        {
            "type": "bind",
            "source": "/srv/restricted-of-the-site/demo/openchronic-demo-store",
            "target": f"{layout.RESTRICTED}/demo/openchronic-demo-store",
            "read_only": True,
        }
    ]
    config = sessions.host_config(site.profiles[0], READER, site)
    assert config["group_add"] == ["1500", str(GID)]
    assert f"openchronic-source:x:{GID}:rose\n" in sessions.group(READER, site)


@pytest.mark.parametrize("person", [OTHER, INSIDER])
def test_nobody_else_gets_the_mount_or_the_group(person: Person, site: Settings) -> None:
    assert restricted_mounts(person, site) == []
    assert sessions.host_config(site.profiles[0], person, site)["group_add"] == ["1500"]
    assert "openchronic-source" not in sessions.group(person, site)


def test_a_group_that_is_taken_away_closes_the_next_session(
    site: Settings, site_json: Callable[..., Path]
) -> None:
    assert restricted_mounts(READER, site)
    closed = site.restricted.model_dump()
    for store in closed["stores"]:
        store["readers"] = []
    assert restricted_mounts(READER, load_settings(site_json(restricted=closed))) == []
    assert restricted_mounts(OTHER, site) == []


def test_a_server_without_the_group_says_so_to_readers_alone(
    site: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> grp.struct_group:
        raise KeyError(name)

    monkeypatch.setattr(grp, "getgrnam", missing)
    with pytest.raises(SessionRefused, match=r"groupe openchronic-source manque.*l'assistance"):
        sessions.host_config(site.profiles[0], READER, site)
    assert sessions.host_config(site.profiles[0], OTHER, site)["group_add"] == ["1500"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("place", "../homes/alix"), ("place", "/etc"), ("place", ""), ("readers", [""])],
)
def test_an_odd_place_or_group_is_refused(
    site_json: Callable[..., Path], site: Settings, field: str, value: object
) -> None:
    odd = site.restricted.model_dump()
    odd["stores"][0][field] = value
    with pytest.raises(SettingsError, match=rf"restricted\.stores\.0\.{field}"):
        load_settings(site_json(restricted=odd))


def test_what_is_opened_is_logged_before_the_session_starts(
    site: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("dockerspawner", reason="JupyterHub is installed on servers")
    import spawner as module

    said: list[list[str]] = []

    async def nothing(*_: object) -> None:
        return None

    async def start(_: object) -> tuple[str, int]:
        said.append([record.getMessage() for record in caplog.records])
        caplog.clear()
        return "192.0.2.2", layout.SESSION_PORT

    monkeypatch.setattr(module.SessionSpawner, "settings", site, raising=False)
    monkeypatch.setattr(module.SessionSpawner, "_still_running", nothing)
    monkeypatch.setattr(module.SessionSpawner, "_until_it_answers", nothing)
    monkeypatch.setattr("dockerspawner.DockerSpawner.start", start)
    for person in (READER, OTHER):
        monkeypatch.setattr(module, "find_person", lambda *_, found=person, **__: found)
        one = module.SessionSpawner(user=type("User", (), {"name": "rose", "url": "/user/rose"})())
        one.name_template = "session-{raw_username}"
        one.log = logging.getLogger("hub")
        one.apply_user_options(one, {})
        with caplog.at_level(logging.INFO):
            asyncio.run(one.start())
    told = "Restricted zone: the typed tables of the base demo are open to rose in session-rose"
    opens = "A session of rose opens: session-rose"
    assert said == [[opens, told], [opens]]
