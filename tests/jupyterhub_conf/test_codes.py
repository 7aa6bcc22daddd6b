"""Guesses of codes by somebody who knows the password: slowed down across addresses, and the owner is not locked out."""

import asyncio

from codes import ADDRESSES, FORGOTTEN_AFTER_S, FREE, KNOWN_FOR_S, LONGEST_S, CodeGuesses

from tests.jupyterhub_conf.conftest import CONFIGURATION
from tests.jupyterhub_conf.test_guessing import Clock


async def wrong() -> bool:
    return False


async def right() -> bool:
    return True


def guess(codes: CodeGuesses, tries: int, *, address: str = "") -> None:
    async def attack() -> None:
        for number in range(tries):
            source = address or f"198.51.100.{number % 250}"
            await codes.check(login="demo", address=source, ask=wrong)

    asyncio.run(attack())


def passes(codes: CodeGuesses, *, address: str) -> bool:
    return asyncio.run(codes.check(login="demo", address=address, ask=right))


def test_guesses_from_many_addresses_wait_together() -> None:
    assert CONFIGURATION.is_dir()
    codes = CodeGuesses(Clock())
    guess(codes, FREE - 1)
    assert codes.wait_s(login="demo", address="203.0.113.9") == 0
    guess(codes, 1)
    assert codes.wait_s(login="demo", address="203.0.113.9") > 0
    assert codes.wait_s(login="alix", address="203.0.113.9") == 0


def test_a_year_of_guesses_finds_a_code_with_a_small_chance() -> None:
    clock = Clock()
    codes = CodeGuesses(clock)
    day, looked_at = clock.now + 86400, 0
    while clock.now < day:
        clock.now += codes.wait_s(login="demo", address="198.51.100.1")
        guess(codes, 1, address="198.51.100.1")
        looked_at += 1
    # Three codes of a million are right at a time.
    assert looked_at > FREE
    assert looked_at * 365 * 3 / 1e6 < 0.15


def test_a_hundred_guesses_at_once_are_counted_one_by_one() -> None:
    looked_at = 0

    async def slowly() -> bool:
        nonlocal looked_at
        looked_at += 1
        await asyncio.sleep(0)
        return False

    async def attack() -> None:
        codes = CodeGuesses(Clock())
        checks = (codes.check(login="demo", address=f"a{n}", ask=slowly) for n in range(100))
        await asyncio.gather(*checks)

    asyncio.run(attack())
    assert looked_at == FREE


def test_the_owner_does_not_wait_where_a_code_was_right() -> None:
    clock = Clock()
    codes = CodeGuesses(clock)
    assert passes(codes, address="192.0.2.1")
    guess(codes, 1000)
    assert codes.wait_s(login="demo", address="192.0.2.1") == 0
    assert passes(codes, address="192.0.2.1")
    assert not passes(codes, address="192.0.2.2"), "a right code during a wait is not looked at"
    clock.now += KNOWN_FOR_S + 1
    guess(codes, FREE)
    assert codes.wait_s(login="demo", address="192.0.2.1") > 0


def test_nobody_is_locked_out_for_ever() -> None:
    clock = Clock()
    codes = CodeGuesses(clock)
    guess(codes, 1000)
    assert codes.wait_s(login="demo", address="192.0.2.9") <= LONGEST_S
    clock.now += LONGEST_S
    assert passes(codes, address="192.0.2.9")


def test_a_right_code_gives_the_attacker_no_new_guesses_and_a_quiet_day_does() -> None:
    clock = Clock()
    codes = CodeGuesses(clock)
    guess(codes, FREE)
    clock.now += LONGEST_S
    assert passes(codes, address="192.0.2.1")
    guess(codes, 1)
    assert codes.wait_s(login="demo", address="203.0.113.9") > 0
    clock.now += FORGOTTEN_AFTER_S + 1
    guess(codes, FREE - 1)
    assert codes.wait_s(login="demo", address="203.0.113.9") == 0


def test_addresses_fill_no_memory() -> None:
    codes = CodeGuesses(Clock())
    for number in range(ADDRESSES + 50):
        assert passes(codes, address=f"2001:db8::{number:x}")
    assert len(codes._of["demo"].known) == ADDRESSES
