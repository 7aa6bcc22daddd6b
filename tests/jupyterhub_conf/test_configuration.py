"""The whole configuration, loaded by JupyterHub's own classes if they are installed."""

import asyncio
import datetime
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound, NotFound
from jupyterhub.spawner import SpawnException
from requests.exceptions import ConnectionError as Refused
from sessions import Person
from settings import load_settings
from traitlets.config import PyFileConfigLoader

from infra.settings import layout
from tests.jupyterhub_conf.conftest import CONFIGURATION, EVER, SITE

CLAIRE = Person(login="claire", uid=20001, gid=20001, analysts_gid=1500)


@pytest.fixture
def config(site_json: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("JUPYTERHUB_SITE", str(site_json()))
    monkeypatch.setenv("CULLER_API_TOKEN", "0" * 32)
    return PyFileConfigLoader("jupyterhub_config.py", path=str(CONFIGURATION)).load_config()


@pytest.fixture
def spawner(config: Any, site_json: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Any:
    import spawner as module

    monkeypatch.setattr(module, "find_person", lambda login, analysts_group, uids: CLAIRE)
    hers = {**SITE["projects"][1], "members": {"claire": EVER}}
    module.SessionSpawner.settings = load_settings(site_json(projects=[hers]))
    return module.SessionSpawner(
        config=config,
        user=SimpleNamespace(name="claire", url="/user/claire"),
        orm_spawner=SimpleNamespace(user_options=None, server=None),
    )


def test_sessions_outlive_the_hub(config: Any) -> None:
    assert config.JupyterHub.cleanup_servers is False
    assert config.JupyterHub.cleanup_proxy is False
    assert config.ConfigurableHTTPProxy.should_start is False


def test_nobody_is_an_administrator(config: Any) -> None:
    assert "admin_users" not in config.Authenticator
    roles = {role["name"]: role["scopes"] for role in config.JupyterHub.load_roles}
    assert set(roles) == {"user", "culler"}
    # No tokens, which outlive a login, no shares of sessions, and no rights on other users.
    assert all(scope.endswith("!user") for scope in roles["user"])
    assert not [scope for scope in roles["user"] if "token" in scope or "share" in scope]


def test_a_profile_sets_every_limit(spawner: Any) -> None:
    spawner.apply_user_options(spawner, {"profile": "petite"})
    assert spawner.image == "openchronic/jupyter:abc"
    assert spawner.mem_limit == 2 << 30
    assert spawner.cpu_limit == 1
    assert spawner.object_name == "session-claire"
    assert spawner.extra_create_kwargs["user"] == "20001:20001"


@pytest.mark.parametrize("options", [{"profile": "grande"}, {"image": "x"}, {"mem_limit": "9G"}])
def test_no_option_widens_a_limit(spawner: Any, options: dict[str, str]) -> None:
    with pytest.raises(SpawnException) as refused:
        spawner.apply_user_options(spawner, options)
    assert refused.value.status_code == 400


@pytest.mark.parametrize("away", [Refused("restarting"), APIError("busy")])
def test_a_docker_that_restarts_ends_no_session(
    spawner: Any, monkeypatch: pytest.MonkeyPatch, away: Exception
) -> None:
    async def docker(*_: object, **__: object) -> object:
        raise away

    monkeypatch.setattr(spawner, "docker", docker)
    assert asyncio.run(spawner.poll()) is None


def test_a_session_that_ended_for_lack_of_memory_leaves_its_user_a_word(
    spawner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import endings

    async def docker(*_: object, **__: object) -> object:
        raise NotFound("no such container")

    at = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
    monkeypatch.setattr(spawner, "docker", docker)
    monkeypatch.setattr(endings, "out_of_memory_at", lambda name: at)
    spawner.user_options = {"profile": "petite"}
    assert asyncio.run(spawner.poll()) == 0
    found = spawner.notices.read("claire")
    assert (found.message, found.why, found.at) == ("2\u00a0Gio", "memory", at)
    # Its user opens another one: the same end is not told again.
    spawner.notices.forget("claire")
    asyncio.run(spawner.poll())
    assert spawner.notices.read("claire") is None


def test_a_container_that_is_gone_is_gone(spawner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def docker(*_: object, **__: object) -> object:
        raise NotFound("no such container")

    monkeypatch.setattr(spawner, "docker", docker)
    assert asyncio.run(spawner.poll()) == 0


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (ImageNotFound("no such image"), "image des sessions manque"),
        (
            APIError(f"mkdir {layout.DOCKER_ROOT}/…: no space left on device"),
            "disque du serveur est plein",
        ),
        (
            APIError("no available IPv4 addresses on this network's address pools: sessions"),
            "Toutes les places du serveur sont prises",
        ),
    ],
)
def test_a_user_is_told_in_french_why_docker_starts_nothing(said: Exception, told: str) -> None:
    from failures import explained

    refused = explained(said)
    assert refused is not None
    assert told in refused.message
    assert told in refused.jupyterhub_message
    assert refused.status_code == 503
    assert explained(APIError("something else")) is None


def test_a_token_that_the_database_lost_is_made_known_again_once(
    spawner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import recognition

    told: list[tuple[str, set[str]]] = []
    known = {"known"}
    monkeypatch.setattr(
        recognition, "APIToken", SimpleNamespace(find=lambda _, own: own if own in known else None)
    )
    spawner.user.db = SimpleNamespace(commit=lambda: None)
    spawner.user.new_api_token = lambda own, **said: told.append((own, said["scopes"]))
    spawner.orm_spawner = SimpleNamespace(server=None, oauth_client=SimpleNamespace(secret="old"))
    for own in ("known", "forgotten"):
        env = {"Config": {"Env": [f"JUPYTERHUB_API_TOKEN={own}"]}}
        recognition.recognise(env, spawner)
    assert told == [("forgotten", {"users:activity!user", "access:servers!server=claire/"})]
    assert spawner.orm_spawner.oauth_client.secret != "old"


def test_cookies_in_the_browser_end_with_the_login(config: Any) -> None:
    assert config.JupyterHub.cookie_max_age_days * 24 * 3600 == layout.LOGIN_S
    assert config.JupyterHub.tornado_settings["cookie_options"] == {
        "max_age": layout.LOGIN_S,
        "expires_days": None,
    }
    import gate

    assert gate.SessionGate.lasts_s == gate.HostGate.lasts_s == layout.LOGIN_S


def container(
    *mounts: dict[str, Any],
    groups: tuple[str, ...] = ("1500", "1601"),
    project: str = "parcours",
) -> dict[str, Any]:
    """Return Docker's description of a running session."""
    found = [
        {
            "Type": "bind",
            "Source": mount["source"],
            "Destination": mount["target"],
            "RW": not mount["read_only"],
        }
        for mount in mounts
    ]
    return {
        "State": {"Running": True},
        "Mounts": found,
        "HostConfig": {"GroupAdd": list(groups)},
        "Id": "abc",
        "Config": {"Env": [f"OPENCHRONIC_PROJECT={project}"]},
    }


@pytest.mark.parametrize(
    ("extra", "groups", "project", "ends"),
    [
        ([], ("1500", "1601"), "parcours", False),
        (
            [{"source": "/x/store", "target": f"{layout.RESTRICTED}/x", "read_only": True}],
            ("1500", "1601"),
            "parcours",
            True,
        ),
        ([], ("1500", "1601", "1600"), "parcours", True),
        ([], ("1500", "1601"), "variations", True),
    ],
)
def test_a_right_that_is_taken_away_ends_the_session_at_the_second_look(
    spawner: Any,
    monkeypatch: pytest.MonkeyPatch,
    extra: list[dict[str, Any]],
    groups: tuple[str, ...],
    project: str,
    ends: bool,
) -> None:
    from sessions import mounts

    hers = mounts(CLAIRE, spawner.settings.projects[0], spawner.settings)
    told = container(*hers, *extra, groups=groups, project=project)
    stopped: list[str] = []

    async def docker(*_: object, **__: object) -> object:
        return told

    async def refresh(*_: object) -> bool:
        return True

    async def stop(now: bool = False) -> None:
        stopped.append("now" if now else "later")

    spawner.authenticator = SimpleNamespace(refresh_user=refresh)
    spawner.recognised = True
    monkeypatch.setattr(spawner, "docker", docker)
    monkeypatch.setattr(spawner, "stop", stop)
    asyncio.run(spawner.poll_and_notify())
    # A directory service that fails for a moment ends no session.
    assert stopped == []
    asyncio.run(spawner.poll_and_notify())
    assert stopped == (["now"] if ends else [])


def test_a_session_that_dies_while_it_starts_is_told_in_french(
    spawner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error comes at once: JupyterHub alone would wait for minutes, then show an error 500."""
    looks = iter([None, None, "ExitCode=1"])

    async def poll() -> str | None:
        return next(looks)

    monkeypatch.setattr(spawner, "poll", poll)
    with pytest.raises(SpawnException) as refused:
        asyncio.run(spawner._until_it_answers("127.0.0.1", 1))
    assert "arrêtée pendant son démarrage" in refused.value.message
    assert refused.value.status_code == 503
