"""The start page says what is free now, and which profiles are not ready, with the reason."""

import asyncio
import datetime
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import room
from docker.errors import DockerException
from profiles import form
from room import Room
from settings import Profile, Settings, load_settings

from tests import typography
from tests.jupyterhub_conf.test_ledger import FakeDocker, container
from tests.pace import patience

GIB = 2**30
IMAGE = "openchronic/jupyter:abc"
TWO = ["nvidia.com/gpu=0", "nvidia.com/gpu=1"]


class Docker(FakeDocker):
    def images(self) -> list[dict[str, Any]]:
        return [{"RepoTags": [IMAGE]}, {"RepoTags": None}]


@pytest.fixture
def site(site_json: Callable[..., Path]) -> Settings:
    return load_settings(site_json(gpu_devices=TWO))


def look(site: Settings, docker: FakeDocker) -> Room | None:
    return asyncio.run(room.look(site, client=lambda: docker))


def page(site: Settings, now: Room | None, *, gpus: int = 0) -> str:
    some: list[Profile] = [site.profiles[0], site.profiles[1].model_copy(update={"gpus": gpus})]
    return form(some, projects=site.projects, now=now).replace("\u00a0", " ")


def test_what_is_free_is_what_the_containers_leave(site: Settings) -> None:
    found = look(site, Docker(container("session-a", memory=9 * GIB, gpus=(TWO[0],))))
    assert found is not None
    assert (found.memory, found.memory_of_all) == (3 * GIB, 12 * GIB)
    assert (found.gpus, found.gpus_of_all) == (1, 2)
    said = page(site, found)
    assert "Libre en ce moment : 3 Gio de mémoire sur 12 Gio, 1 GPU sur 2." in said
    assert said.count(">Pas assez de mémoire libre en ce moment.</p>") == 1
    assert "disabled" not in said, "memory may come free before the form is sent"


def test_a_full_house_says_when_a_card_comes_free(site: Settings) -> None:
    found = look(site, Docker(container("session-a", memory=GIB, gpus=tuple(TWO))))
    said = page(site, found, gpus=1)
    assert "0 GPU sur 2. Un GPU se libère au plus tard le 09/03/2026 à 12 h 00." in said
    assert "<dt>GPU</dt><dd>1</dd>" in said
    assert said.count("Pas assez de GPU libres") == 1


def test_a_server_without_cards_does_not_speak_of_them(site_json: Callable[..., Path]) -> None:
    site = load_settings(site_json())
    assert "GPU" not in page(site, look(site, Docker()))


def test_a_docker_that_hangs_is_waited_for_no_longer_than_said(
    site: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, answered = threading.Event(), threading.Event()

    class Hanging(Docker):
        def containers(self, **asked: Any) -> list[dict[str, Any]]:
            answers.wait(patience(60))
            answered.set()
            return []

    monkeypatch.setattr(room, "LIMIT_S", 0.2)
    try:
        assert look(site, Hanging()) is None
        assert not answered.is_set()
    finally:
        answers.set()


@pytest.mark.parametrize("record", ['{"jupyter": "openchronic/jupyter:newer"}', "{}", "", "[]"])
def test_a_profile_whose_image_is_absent_cannot_be_chosen_and_says_why(
    site: Settings, record: str
) -> None:
    Path(site.images_file).write_text(record)
    said = page(site, look(site, Docker()))
    assert said.count(" disabled>") == 2
    assert " checked" not in said
    assert said.count('data-projects=""') == 2, "the page's script must not offer it again"
    assert said.count("Pas prêt : l’image « jupyter » n’est pas encore sur le serveur") == 2


def test_without_docker_the_page_is_there_and_says_so(site: Settings) -> None:
    class Away(Docker):
        def containers(self, **asked: Any) -> list[dict[str, Any]]:
            raise DockerException("away")

    assert look(site, Away()) is None
    said = page(site, None)
    assert "Docker ne répond pas" in said
    assert said.count(" checked>") == 1


def test_the_page_follows_french_typography(site: Settings) -> None:
    now = Room(GIB, 12 * GIB, 0, 2, datetime.datetime(2026, 3, 9, tzinfo=datetime.UTC), frozenset())
    said = form(site.profiles, projects=site.projects, now=now)
    assert [fault for text in typography.texts_of_page(said) for fault in typography.faults(text)] == []  # fmt: skip
