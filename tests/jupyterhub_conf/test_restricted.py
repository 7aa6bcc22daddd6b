"""Typed source tables are readable in sessions of projects that may; others have neither mount nor group."""

import asyncio
import datetime
import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sessions
from sessions import Person, SessionRefused
from settings import Project, Settings, SettingsError, load_settings

from infra.settings import layout

ROSE = Person(login="rose", uid=20002, gid=20002, analysts_gid=1500)
GID = 990
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def site(site_json: Callable[..., Path]) -> Settings:
    return load_settings(site_json())


@pytest.fixture
def reader(site: Settings) -> Project:
    return site.projects[0]


@pytest.fixture
def other(site: Settings) -> Project:
    return site.projects[1]


def restricted_mounts(project: Project, site: Settings) -> list[dict[str, Any]]:
    return [mount for mount in sessions.mounts(ROSE, project, site) if "restricted" in str(mount)]


def groups_of(project: Project, site: Settings) -> list[str]:
    added: list[str] = sessions.host_config(site.profiles[0], ROSE, project, site)["group_add"]
    return added


def test_a_project_reads_the_typed_tables_of_its_bases_read_only(
    site: Settings, reader: Project
) -> None:
    assert restricted_mounts(reader, site) == [
        {
            "type": "bind",
            "source": "/srv/restricted-of-the-site/demo/openchronic-demo-store",
            "target": f"{layout.RESTRICTED}/demo/openchronic-demo-store",
            "read_only": True,
        }
    ]
    assert groups_of(reader, site) == ["1500", "1600", str(GID)]
    assert f"openchronic-source:x:{GID}:rose\n" in sessions.group(
        ROSE, sessions.supplementary(ROSE, reader, site)
    )


def test_another_project_of_the_same_user_has_neither_mount_nor_group(
    site: Settings, other: Project
) -> None:
    assert restricted_mounts(other, site) == []
    assert groups_of(other, site) == ["1500", "1601"]
    assert "openchronic-source" not in sessions.group(
        ROSE, sessions.supplementary(ROSE, other, site)
    )


def test_a_right_that_is_taken_away_closes_the_next_session(
    site: Settings, reader: Project
) -> None:
    assert restricted_mounts(reader, site)
    closed = reader.model_copy(update={"source_tables": False})
    assert restricted_mounts(closed, site) == []
    assert restricted_mounts(reader.model_copy(update={"bases": []}), site) == []


def test_a_server_without_the_group_says_so_to_its_readers_alone(
    site: Settings, reader: Project, other: Project, server_groups: dict[str, int]
) -> None:
    del server_groups["openchronic-source"]
    with pytest.raises(SessionRefused, match=r"groupe openchronic-source manque.*l’assistance"):
        groups_of(reader, site)
    assert groups_of(other, site) == ["1500", "1601"]
    del server_groups["projet-parcours"]
    with pytest.raises(SessionRefused, match="groupe projet-parcours manque"):
        groups_of(other, site)


@pytest.mark.parametrize(
    ("field", "value"),
    [("place", "../homes/alix"), ("place", "/etc"), ("place", ""), ("base", "")],
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
    monkeypatch.setattr(module, "find_person", lambda *_, **__: ROSE)
    user = SimpleNamespace(name="rose", url="/user/rose")
    for project in ("variations", "parcours"):
        one = module.SessionSpawner(
            user=user, orm_spawner=SimpleNamespace(user_options=None, server=None)
        )
        one.name_template = "session-{raw_username}"
        one.log = logging.getLogger("hub")
        one.apply_user_options(one, {"project": project})
        with caplog.at_level(logging.INFO):
            asyncio.run(one.start())
        assert one.orm_spawner.user_options == {"project": project, "profile": "petite"}
        noted = (Path(site.uses) / f"rose@{project}").read_text().strip()
        assert datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(noted) < HOUR
    told = "Restricted zone: the typed tables of the base demo are open to rose in session-rose"
    opens = "A session of rose opens for the project {}: session-rose"
    assert said == [[opens.format("variations"), told], [opens.format("parcours")]]
