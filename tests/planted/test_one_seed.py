"""One delivery with a law: every truth is found again, and a wrong reading of the same release is not taken for one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from openchronic.releases import Release
from openchronic.synth.law import read_law
from openchronic.synth.truths import truths
from tests.openchronic.front_door import openchronic
from tests.planted.deliveries import made
from tests.planted.estimates import Curve, estimates, persistence
from tests.planted.judging import judge

Made = tuple[Release, Mapping[str, float]]


def _run(*words: object) -> None:
    answer = openchronic(*words)
    assert answer.status == 0, answer.text


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("planted"), 1, _run)


def test_a_delivery_says_what_is_true(one: Made) -> None:
    assert one[1] == dict(truths(read_law()))


def test_every_truth_is_found_again(one: Made) -> None:
    release, told = one
    missed = [
        found.name for found in judge(told, [estimates(release, read_law())]) if not found.is_right
    ]
    assert not missed


def test_an_end_of_sight_taken_for_a_stop_is_caught(one: Made) -> None:
    release, told = one

    def as_stops(curve: Curve) -> Curve:
        return [(days, True) for days, _ in curve]

    wrong = persistence(release, read_law(), read=as_stops)
    verdicts = judge({name: told[name] for name in wrong}, [wrong])
    assert [found.is_right for found in verdicts] == [False, False]
