"""A session starts only if its memory limit fits beside those of the others."""

import asyncio
import datetime
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ledger
import pytest
import shares
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from ledger import Holding, Ledger
from settings import Profile, Sessions, Settings, load_settings
from shares import NoRoom

GIB = 2**30
NOW = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
LIMITS = Sessions(memory_overcommit=1, reserved_gb=4, user_gb=None)
HERS = "20001:20001"


def holding(memory: float, *, user: str = "20009:20009", **more: Any) -> Holding:
    given: dict[str, Any] = {"container": "session-x", "project": "parcours", "gpus": ()}
    return Holding(**given | {"user": user, "memory": int(memory * GIB), "since": NOW} | more)


def full(*memory: float, total: float = 16) -> Ledger:
    return Ledger(tuple(holding(one) for one in memory), int(total * GIB))


@pytest.fixture
def site(site_json: Callable[..., Path]) -> Settings:
    return load_settings(site_json())


@pytest.fixture
def big(site: Settings) -> Profile:
    return site.profiles[1]


def refuse(profile: Profile, held: Ledger, *, limits: Sessions = LIMITS, **more: Any) -> None:
    given: dict[str, Any] = {"user": HERS, "others": ()} | more
    shares.refuse_memory(profile, ledger=held, limits=limits, **given)


def test_the_last_byte_may_be_taken_and_not_one_more(big: Profile) -> None:
    refuse(big, full(7.5))
    with pytest.raises(NoRoom):
        refuse(big, full(7.5 + 1 / GIB))


def test_the_memory_of_builds_and_of_the_system_is_nobodys(big: Profile) -> None:
    refuse(big, full(11.5), limits=LIMITS.model_copy(update={"reserved_gb": 0}))
    with pytest.raises(NoRoom):
        refuse(big, full(11.5))
    with pytest.raises(NoRoom):
        refuse(big, full(), limits=LIMITS.model_copy(update={"reserved_gb": 99}))


@pytest.mark.parametrize(("overcommit", "fits"), [(1, False), (1.5, True), (0.5, False)])
def test_the_site_says_how_often_memory_may_be_promised(
    big: Profile, overcommit: float, fits: bool
) -> None:
    limits = LIMITS.model_copy(update={"memory_overcommit": overcommit})
    if fits:
        refuse(big, full(8), limits=limits)
    else:
        with pytest.raises(NoRoom):
            refuse(big, full(8), limits=limits)


def test_a_refusal_has_the_figures_and_what_fits(site: Settings, big: Profile) -> None:
    with pytest.raises(NoRoom) as refused:
        refuse(big, full(8.77), others=site.profiles)
    said = str(refused.value).replace("\u00a0", " ")
    assert "Il reste 3,2 Gio de mémoire" in said, "rounded down: 3.23"
    assert "en demande 4,5 Gio" in said
    assert "plus petit peut s’ouvrir tout de suite : « Petite » (2 Gio)." in said
    with pytest.raises(NoRoom, match="Réessayez quand une session se sera arrêtée"):
        refuse(big, full(11), others=site.profiles)


def test_a_refusal_names_nobody(site: Settings, big: Profile) -> None:
    with pytest.raises(NoRoom) as refused:
        refuse(big, full(8), others=site.profiles)
    assert "session-x" not in str(refused.value)
    assert "parcours" not in str(refused.value)


def test_a_users_sessions_together_have_a_limit_too(big: Profile) -> None:
    limits = LIMITS.model_copy(update={"user_gb": 6})
    refuse(big, Ledger((holding(1, user=HERS),), 16 * GIB), limits=limits)
    refuse(big, Ledger((holding(3),), 16 * GIB), limits=limits)
    with pytest.raises(NoRoom, match="Une même personne"):
        refuse(big, Ledger((holding(3, user=HERS),), 16 * GIB), limits=limits)


def test_ten_log_ins_at_once_never_take_more_than_there_is(
    site_json: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each start looks at what is free, and the container that takes it exists only a moment later."""
    import spawner as module

    site = load_settings(site_json())
    small = site.profiles[0].model_copy(update={"memory_gb": 0.5})
    made: list[Holding] = []
    most: list[float] = []

    def read(*, network: str) -> Ledger:
        assert network == site.network
        return Ledger(tuple(made), int((4 + 2.2) * GIB))

    async def create(self: Any) -> dict[str, str]:
        await asyncio.sleep(0.01)
        made.append(holding(0.5))
        most.append(sum(one.memory for one in made) / GIB)
        return {"Id": "x"}

    monkeypatch.setattr(ledger, "read", read)
    monkeypatch.setattr(DockerSpawner, "create_object", create)
    monkeypatch.setattr(module.SessionSpawner, "settings", site, raising=False)
    monkeypatch.setattr(shares, "ONE_AT_A_TIME", asyncio.Lock())

    def spawner(number: int) -> Any:
        login = f"analyste{number}"
        one = module.SessionSpawner(
            user=SimpleNamespace(name=login, url=f"/user/{login}"),
            orm_spawner=SimpleNamespace(user_options=None, server=None, name=""),
        )
        one.profile, one.user_options = small, {"project": "parcours"}
        one.extra_create_kwargs = {"user": f"{20000 + number}:{20000 + number}"}
        return one

    async def all_at_once() -> list[Any]:
        starts = (spawner(number).create_object() for number in range(10))
        return await asyncio.gather(*starts, return_exceptions=True)

    ended = asyncio.run(all_at_once())
    refused = [one for one in ended if isinstance(one, SpawnException)]
    assert max(most) <= 2.2
    assert len(made) == 4, "all that fits is given"
    assert len(refused) == 6
    assert all(one.status_code == 503 for one in refused)
