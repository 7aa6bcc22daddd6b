"""Whether an account is open, as its line of the shadow file says it."""

import subprocess

import accounts
import pytest


@pytest.mark.parametrize(
    ("field", "by_password", "at_a_provider"),
    [
        ("$y$j9T$x", False, False),
        ("!$y$j9T$x", True, True),
        ("*$y$j9T$x", True, True),
        # Never had a password: at a provider, that is how accounts are.
        ("!", True, False),
        ("!!", True, False),
        ("*", True, False),
        ("", False, False),
    ],
)
def test_an_account_without_a_password_is_locked_where_one_logs_in_by_passwords_only(
    monkeypatch: pytest.MonkeyPatch, field: str, by_password: bool, at_a_provider: bool
) -> None:
    line = f"demo:{field}:20000:0:99999:7::$:\n"
    found = subprocess.CompletedProcess([], 0, stdout=line)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: found)
    assert accounts.is_locked("demo", passwords=True) is by_password
    assert accounts.is_locked("demo", passwords=False) is at_a_provider
