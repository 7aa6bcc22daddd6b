"""The name under which an operator's work is on record."""

import os
import pwd

import pytest

from infra.operations.who import operator


def test_the_operator_is_who_uses_the_machine_and_not_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody")
    monkeypatch.setenv("USER", "somebody")
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert operator() == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setenv("SUDO_USER", "durand")
    assert operator() == "durand as root"
