"""The settings of systemd-timesyncd and chrony: they use the site's time servers and no others."""

import tomllib

import pytest
from pydantic import ValidationError

from infra.components import clock
from infra.settings.site import Hardening, Time
from infra.settings.site_file import SITES

SERVERS = ("ntp1.example", "10.0.0.1")


def test_the_sites_servers_are_asked_and_no_others() -> None:
    assert clock.timesyncd_text(SERVERS) == "[Time]\nNTP=ntp1.example 10.0.0.1\nFallbackNTP=\n"
    chrony = clock.chrony_text(SERVERS).splitlines()
    assert chrony[:2] == ["server ntp1.example iburst", "server 10.0.0.1 iburst"]
    assert not [line for line in chrony if line.startswith("pool")]


def test_without_servers_debians_own_are_asked() -> None:
    assert "NTP" not in clock.timesyncd_text(())
    assert clock.chrony_text(()).splitlines()[0].startswith("pool ")


def test_one_program_keeps_the_clock() -> None:
    assert clock.keeper(Hardening()) == "systemd-timesyncd"
    assert clock.keeper(Hardening(packages=("aide", "chrony"))) == "chrony"


def test_this_server_gives_the_time_to_nobody() -> None:
    assert {"port 0", "cmdport 0", "rtcsync"} <= set(clock.chrony_text(SERVERS).splitlines())


def test_what_is_no_name_of_a_server_is_refused() -> None:
    with pytest.raises(ValidationError):
        Time(servers=("ntp1.example; rm -rf /",))
    with pytest.raises(ValidationError):
        Time(servers=("ntp1\nserver evil",))


def test_the_example_names_the_sites_servers() -> None:
    raw = tomllib.loads((SITES / "drees.example.toml").read_text())
    assert Time.model_validate(raw["time"]).servers
