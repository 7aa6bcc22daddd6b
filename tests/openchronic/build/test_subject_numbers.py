"""The number of a subject is made of the first bits of a keyed hash, and no two persons share one."""

from __future__ import annotations

from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from tests.openchronic.build.beneficiaries import OWN
from tests.openchronic.front_door import build, built, rows
from tests.openchronic.small_delivery import Row, person, plain, write

# Numbers of four bits instead of 53, so that they collide.
FEW = (
    "import openchronic.runtime.database as engine\n"
    "whole = engine.sql\n"
    "engine.sql = lambda name: whole(name).replace('>> 3', '>> 52')\n"
)
KEY = "k" * 64


def full(identity: str) -> str:
    """Returns the hash of a subject's number."""
    key = sha256(KEY.encode()).hexdigest()
    return sha256(f"{key}|subject|{identity}".encode()).hexdigest()


def test_a_number_is_the_first_53_bits_of_the_keyed_hash_whatever_the_build(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    names = [f"N{number}" for number in range(20)]
    people: list[Row] = [person(f"{one:A>17}", identity=one) | OWN for one in names]
    numbers = []
    for order in (people, people[::-1]):
        delivery = write(tmp_path / "delivery", plain() | {"IR_BEN_R.CSV": order})
        release = built(delivery, tmp_path / "releases", "--key", tmp_path / "key", "--rebuild")
        numbers.append({number for (number,) in rows(release, "SELECT subject_id FROM patient")})
    assert numbers[0] == numbers[1] == {int(full(one), 16) >> (256 - 53) for one in names}
    assert all(number < 2**53 for number in numbers[0])


def draw(first: str, after: str = "0123456789abcdef", *, place: int = 0) -> str:
    """Returns an identity whose hash begins with ``first`` and whose next bits are among ``after``."""
    for number in count(place * 100_000):
        hashed = full(f"N{number}")
        if hashed[0] == first and hashed[14] in after:
            return f"N{number}"
    raise AssertionError


def collide(tmp_path: Path, identities: list[str]) -> tuple[int, str, set[int]]:
    """Builds with short numbers; returns status, message and the subjects' numbers."""
    (tmp_path / "key").write_text(KEY)
    people = [person(chr(65 + n) * 17, identity=one) | OWN for n, one in enumerate(identities)]
    delivery = write(tmp_path / "delivery", plain() | {"IR_BEN_R.CSV": people})
    answer = build(delivery, tmp_path / "releases", "--key", tmp_path / "key", before=FEW)
    current = tmp_path / "releases" / "snds" / "current"
    found = rows(current, "SELECT subject_id FROM patient") if answer.status == 0 else []
    return answer.status, answer.err, {number for (number,) in found}


def test_of_persons_with_the_same_first_bits_all_but_one_take_their_next(tmp_path: Path) -> None:
    three = [draw("7", "1"), draw("7", "2", place=1), draw("7", "3", place=2)]
    status, message, numbers = collide(tmp_path, three)
    assert status == 0, message
    first, *others = sorted(full(one) for one in three)
    assert numbers == {int(first[0], 16), *(int(one[14], 16) for one in others)}


@pytest.mark.parametrize("third", [draw("7", "1", place=2), draw("1", place=3)])
def test_next_bits_that_somebody_has_are_refused(tmp_path: Path, third: str) -> None:
    both = [draw("7", "1"), draw("7", "1", place=1)]
    status, message, _ = collide(tmp_path, [*both, third])
    assert status == 1
    assert "shared by two persons: choose another site key" in message
