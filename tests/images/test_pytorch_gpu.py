"""Tests that the image of PyTorch must pass: on a processor, since the machine that builds it has no card."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.images.conftest import RunIn

Inside = Callable[[str], str]
LOCK = Path("images/pytorch-gpu/requirements.txt")


@pytest.fixture(scope="module")
def found(run_in: RunIn, image: str) -> dict[str, object]:
    said = run_in(image, "python -m openchronic.selftest gpu --json")
    assert said.status == 0, said
    answer: dict[str, object] = json.loads(said.out)
    return answer


def test_pytorch_computes_right_and_says_that_there_is_no_card(found: dict[str, object]) -> None:
    assert (found["ok"], found["device"], found["cards"]) == (True, "cpu", [])


def test_its_pytorch_is_that_of_the_lock_and_has_cuda(found: dict[str, object]) -> None:
    versions = found["versions"]
    assert isinstance(versions, dict)
    assert f"torch=={versions['PyTorch'].partition('+')[0]} " in LOCK.read_text()
    assert versions["CUDA de PyTorch"] != "aucun"


def test_a_required_card_that_is_not_there_fails(run_in: RunIn, image: str) -> None:
    said = run_in(image, "python -m openchronic.selftest gpu --require-gpu")
    assert (said.status, "aucune carte graphique" in said.out) == (1, True), said


def test_sequences_are_read_by_workers_within_a_session(
    run_in: RunIn, image: str, inside: Inside
) -> None:
    said = run_in(image, "python -", stdin=inside("sequences.py"), options=("--shm-size", "256m"))
    assert said.status == 0, said
    answer = json.loads(said.out.splitlines()[-1])
    assert answer["examples"] > 50
    assert answer["seen"] == {workers: list(range(answer["examples"])) for workers in ("0", "2")}
