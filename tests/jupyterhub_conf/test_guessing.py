"""Guesses of passwords: after a few free attempts, each must wait; other users do not wait."""

from guessing import FORGOTTEN_AFTER_S, FREE, LONGEST_S, REMEMBERED, Guesses, shown

from tests.jupyterhub_conf.conftest import CONFIGURATION


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def attack(guesses: Guesses, tries: int, *, address: str = "192.0.2.1") -> list[float]:
    return [guesses.wait_s(login="demo", address=address) for _ in range(tries)]


def test_a_few_failures_cost_nothing_then_each_waits() -> None:
    assert CONFIGURATION.is_dir()
    waits = attack(Guesses(Clock()), FREE + 3)
    assert waits[:FREE] == [0.0] * FREE
    assert all(wait > 0 for wait in waits[FREE:])


def test_the_wait_grows_and_has_an_end() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    waits = []
    for _ in range(FREE + 12):
        while wait := guesses.wait_s(login="demo", address="192.0.2.1"):
            waits.append(wait)
            clock.now += wait
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] == LONGEST_S


def test_impatience_makes_no_wait_longer() -> None:
    """Otherwise a user with the attacker's address could never log in."""
    clock = Clock()
    guesses = Guesses(clock)
    attack(guesses, 500)
    clock.now += LONGEST_S
    assert guesses.wait_s(login="demo", address="192.0.2.1") == 0


def test_neither_another_address_nor_another_account_waits() -> None:
    guesses = Guesses(Clock())
    attack(guesses, 50)
    assert guesses.wait_s(login="demo", address="192.0.2.2") == 0
    assert guesses.wait_s(login="alix", address="192.0.2.1") == 0


def test_the_right_password_and_time_wipe_the_slate() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    attack(guesses, FREE)
    guesses.forget(login="demo", address="192.0.2.1")
    assert attack(guesses, FREE) == [0.0] * FREE
    clock.now += FORGOTTEN_AFTER_S + 1
    assert attack(guesses, FREE) == [0.0] * FREE


def test_made_up_logins_fill_no_memory() -> None:
    guesses = Guesses(Clock())
    for number in range(REMEMBERED + 100):
        guesses.wait_s(login=f"x{number}", address="192.0.2.1")
    assert len(guesses._tries) == REMEMBERED


def test_a_login_cannot_write_lines_of_its_own_into_the_log() -> None:
    assert "\n" not in shown("demo\n[I] User logged in: demo")
    assert "\x1b" not in shown("\x1b[2J")
    assert len(shown("é" * 5000)) < 300
