"""The smoke test's codes: each is used once, by all logins together."""

import time

import pyotp
import pytest

from tests.smoke.codes import STEP_S, Codes, codes_of, fresh_code

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_no_code_is_used_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        waited.append(seconds)
        now += seconds

    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(time, "sleep", sleep)
    mine = Codes(SECRET)
    first, second = mine.fresh(), mine.fresh()
    assert first == pyotp.TOTP(SECRET).at(1_000_000)
    assert second == pyotp.TOTP(SECRET).at(int(now))
    assert first != second
    assert 0 < sum(waited) <= STEP_S


def test_a_code_of_the_next_step_needs_no_wait_and_one_of_a_later_step_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_000_000.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(time, "sleep", sleep)
    mine = Codes(SECRET)
    first, second = mine.fresh(ahead=True), mine.fresh(ahead=True)
    assert now == 1_000_000
    assert [first, second] == [pyotp.TOTP(SECRET).at(now + later) for later in (0, STEP_S)]
    third = mine.fresh(ahead=True)
    assert third == pyotp.TOTP(SECRET).at(int(now) + STEP_S)
    assert third not in (first, second)
    assert mine.fresh() == pyotp.TOTP(SECRET).at(int(now))


def test_all_logins_of_a_process_share_them() -> None:
    assert codes_of(SECRET) is codes_of(SECRET)
    assert fresh_code("") == ""
