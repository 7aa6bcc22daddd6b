"""A graphics card is one session's at a time, and comes back with its container."""

import asyncio
import datetime
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cards
import ledger
import pytest
import shares
from docker import APIClient
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from ledger import Holding, Ledger
from settings import Profile, load_settings
from shares import NoRoom

GIB = 2**30
LASTS = datetime.timedelta(hours=6)
SINCE = datetime.datetime(2026, 3, 2, 11, 40, tzinfo=datetime.UTC)
TWO = ["nvidia.com/gpu=0", "nvidia.com/gpu=1"]


def profile(gpus: int) -> Profile:
    given = {"slug": "gpu", "title": "GPU", "description": "", "image": "jupyter", "pids": 512}
    return Profile.model_validate({**given, "memory_gb": 1, "cpus": 1, "gpus": gpus})


def holding(*gpus: str, project: str = "autre", later_h: int = 0) -> Holding:
    return Holding(
        container="session-rose",
        user="20002:20002",
        project=project,
        memory=GIB,
        gpus=gpus,
        since=SINCE + datetime.timedelta(hours=later_h),
    )


def take(gpus: int, *holdings: Holding, devices: list[str] = TWO) -> tuple[str, ...]:
    held = Ledger(holdings, 64 * GIB)
    return cards.take(profile(gpus), devices=devices, project="parcours", ledger=held, lasts=LASTS)


def refusal(gpus: int, *holdings: Holding) -> str:
    with pytest.raises(NoRoom) as refused:
        take(gpus, *holdings)
    return str(refused.value).replace("\u00a0", " ")


def test_each_session_gets_another_card() -> None:
    assert take(1) == ("nvidia.com/gpu=0",)
    assert take(1, holding("nvidia.com/gpu=0")) == ("nvidia.com/gpu=1",)
    assert take(1, holding("nvidia.com/gpu=1")) == ("nvidia.com/gpu=0",)
    assert take(2) == tuple(TWO)
    assert take(0, holding(*TWO)) == ()


def test_a_slice_is_a_card_and_not_given_with_the_card_around_it() -> None:
    devices = ["nvidia.com/gpu=0", "nvidia.com/gpu=1:0", "nvidia.com/gpu=1:1"]
    assert take(1, holding("nvidia.com/gpu=0"), devices=devices) == ("nvidia.com/gpu=1:0",)
    assert take(1, holding("nvidia.com/gpu=0"), holding("nvidia.com/gpu=1:0"), devices=devices) == (
        "nvidia.com/gpu=1:1",
    )
    with pytest.raises(NoRoom):
        take(1, holding("nvidia.com/gpu=0:3"), holding("nvidia.com/gpu=1"), devices=devices)
    assert take(1, holding("nvidia.com/gpu=10"), devices=["nvidia.com/gpu=1"])


def test_a_full_house_says_when_a_card_comes_free_at_the_latest() -> None:
    said = refusal(1, holding(TWO[0], later_h=2), holding(TWO[1]))
    assert "Les 2 GPU du serveur sont pris, et le profil « GPU » en demande 1." in said
    assert (
        "2 sessions les utilisent, et la plus ancienne s’arrête au plus tard le "
        "02/03/2026 à 18 h 40." in said
    )
    alone = refusal(2, holding(TWO[0]))
    assert "Il reste 1 GPU sur 2" in alone
    assert "La session qui s’en sert s’arrête au plus tard le" in alone


def test_a_full_house_tells_nothing_of_other_projects() -> None:
    said = refusal(1, holding(*TWO, project="secret"))
    assert not [word for word in ("secret", "rose", "20002", "projet") if word in said]


def test_a_full_house_says_if_a_colleague_has_one() -> None:
    ours = holding(TWO[0], project="parcours")
    assert "L’une d’elles est de votre projet." in refusal(1, ours, holding(TWO[1]))


def test_docker_is_asked_for_cards_by_name_and_never_by_count(
    site_json: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three sessions start at once, two cards: through the spawner and the host configuration that Docker would get."""
    import spawner as module

    site = load_settings(site_json(gpu_devices=TWO))
    made: list[Holding] = []

    async def create(self: Any) -> dict[str, str]:
        config = self._render_templates(self.extra_host_config)
        host = APIClient(version="1.45").create_host_config(**config)
        assert all(one["Count"] == 0 for one in host["DeviceRequests"])
        await asyncio.sleep(0.01)
        made.append(holding(*ledger.devices(host)))
        return {"Id": "x"}

    monkeypatch.setattr(ledger, "read", lambda network: Ledger(tuple(made), 64 * GIB))
    monkeypatch.setattr(DockerSpawner, "create_object", create)
    monkeypatch.setattr(module.SessionSpawner, "settings", site, raising=False)
    monkeypatch.setattr(shares, "ONE_AT_A_TIME", asyncio.Lock())

    def spawner(login: str) -> Any:
        one = module.SessionSpawner(
            user=SimpleNamespace(name=login, url=f"/user/{login}"),
            orm_spawner=SimpleNamespace(user_options=None, server=None, name=""),
        )
        one.profile, one.user_options = profile(1), {"project": "parcours"}
        one.extra_create_kwargs = {"user": "20001:20001"}
        one.extra_host_config = {"pids_limit": 512}
        return one

    async def at_once() -> list[Any]:
        starts = (spawner(login).create_object() for login in ("a", "b", "c"))
        return await asyncio.gather(*starts, return_exceptions=True)

    ended = asyncio.run(at_once())
    assert sorted(gpu for one in made for gpu in one.gpus) == TWO
    assert [type(one) for one in ended].count(SpawnException) == 1
