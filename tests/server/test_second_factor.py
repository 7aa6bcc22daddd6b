"""The second factor on a booted server, with codes of another library than PAM's."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from infra.operate import second_factor
from infra.settings import layout
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.server.analyst import PROFILE, Analyst
from tests.server.deployment import SITE, environment
from tests.server.machine import Machine
from tests.server.stepping import change_password, good_password, hub_settings, newcomer
from tests.smoke.codes import STEP_S, codes_of
from tests.smoke.hub import Hub


@pytest.fixture(scope="module", autouse=True)
def _asked(server: Machine) -> Iterator[None]:
    """Ask for codes; the test site's own setting asks for none."""
    with hub_settings(server, second_factor=True):
        yield


@pytest.fixture
def yann(site: Site, server: Machine) -> Iterator[Analyst]:
    with newcomer("yann", site=site, server=server) as person:
        assert person.hub.log_in(person.login, person.password)
        assert change_password(person.hub, person, good_password()) == 302
        yield person


def offered(person: Analyst) -> str:
    """Return the secret that the page offers, with its picture."""
    page = person.hub.get("/hub/second-factor").text
    shown = re.search(r'<dd id="secret">([A-Z2-7 ]+)</dd>', page)
    assert shown, person.hub.step()
    assert "<svg" in page
    return shown[1].replace(" ", "")


def confirm(person: Analyst, code: str) -> int:
    return person.hub.submit("/hub/second-factor", {"code": code}).status_code


def enrol(person: Analyst) -> str:
    """Set up a second factor on its page; return its secret."""
    secret = offered(person)
    assert confirm(person, codes_of(secret).fresh(ahead=True)) == 302
    return secret


def logs_in(person: Analyst, code: str, *, password: str = "") -> bool:
    hub = Hub(person.site.url, trust=person.trust)
    return hub.log_in(person.login, password or person.password, code=code)


def test_a_second_factor_is_set_up_then_asked_for_and_a_code_works_once(
    yann: Analyst, server: Machine
) -> None:
    assert yann.hub.step() == "second-factor"
    refused = yann.hub.api("POST", f"/users/{yann.login}/server", json={"profile": PROFILE})
    assert refused.status_code == 403, refused.text
    secret = enrol(yann)
    assert yann.hub.step() == "charter"
    assert server.succeed(f"stat -c '%U %a' {layout.SECOND_FACTORS}/{yann.login}") == "root 600"
    # At most four refusals in a row: the next attempt of an address would have to wait.
    assert not logs_in(yann, ""), "no code is asked for"
    assert not logs_in(yann, codes_of(secret).last()), "the code that confirmed it was taken again"
    assert not logs_in(yann, "000000")
    # A wrong password must not use up the code.
    code = codes_of(secret).fresh(ahead=True)
    assert not logs_in(yann, code, password=f"{yann.password}x")
    assert logs_in(yann, f"{code[:3]} {code[3:]}")
    assert not logs_in(yann, code), "a code was taken twice"
    later = pyotp.TOTP(secret).at(int(time.time()) + 10 * STEP_S)
    assert not logs_in(yann, later), "a code of five minutes later"
    assert secret not in server.succeed(
        "journalctl --namespace='*' --no-pager --output=cat --since=-10min"
    )


def early_in_a_step() -> int:
    """Return the time, once two thirds of a step are left: in the next one, every code is a step older."""
    if (begun_s := time.time() % STEP_S) > STEP_S / 3:
        time.sleep(STEP_S - begun_s + 0.1)
    return int(time.time())


def test_one_step_of_skew_is_taken_either_way_and_two_are_not(yann: Analyst) -> None:
    """A clock that is behind, then one that is ahead. What is older than the last code that was taken counts as used."""
    totp = pyotp.TOTP(offered(yann))
    assert confirm(yann, totp.at(early_in_a_step() - 2 * STEP_S)) == 400
    assert confirm(yann, totp.at(early_in_a_step() - STEP_S)) == 302
    assert not logs_in(yann, totp.at(early_in_a_step() + 2 * STEP_S))
    now = early_in_a_step()
    assert logs_in(yann, totp.at(now + STEP_S))
    assert not logs_in(yann, totp.at(now)), "an older code was taken after a newer one"


def test_a_code_at_once_in_many_browsers_opens_one(yann: Analyst) -> None:
    secret = enrol(yann)
    code = codes_of(secret).fresh(ahead=True)
    # Fewer than the attempts of an address that need no wait.
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: logs_in(yann, code), range(4)))
    assert sum(opened) == 1, opened


def test_an_operator_takes_a_lost_one_away_on_record(yann: Analyst, server: Machine) -> None:
    """The verb looks the login up in the accounts file, so its parts are asked here for an account without a line."""
    secret = enrol(yann)
    assert "last used or set up" in second_factor.state(yann.site, yann.login)
    second_factor.reset(yann.site, yann.login)
    assert second_factor.state(yann.site, yann.login) == second_factor.NONE
    noted = server.succeed(
        f"journalctl --identifier={second_factor.TAG} --no-pager --output=cat --since=-2min"
    )
    assert f'"login": "{yann.login}"' in noted
    assert '"operator": "' in noted
    yann.hub.http.cookies.clear()
    assert yann.hub.log_in(yann.login, yann.password)
    assert yann.hub.step() == "second-factor"
    assert enrol(yann) != secret


def test_the_verb_says_the_state_and_refuses_strangers(site: Site) -> None:
    def verb(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "infra.operate.second_factor", *arguments, "--site", SITE],
            cwd=ROOT, env={**os.environ, **environment()}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    said = verb("alix")
    assert said.returncode == 0, said.stderr
    assert "alix: none" in said.stdout
    assert verb("nobody").returncode == 1


def test_a_damaged_file_opens_nothing(yann: Analyst, server: Machine) -> None:
    secret = enrol(yann)
    place = f"{layout.SECOND_FACTORS}/{yann.login}"
    server.succeed(f"cp -a {place} {place}.kept; : > {place}")
    code = codes_of(secret).fresh(ahead=True)
    assert not logs_in(yann, code)
    assert not logs_in(yann, "")
    server.succeed(f"mv {place}.kept {place}")
    assert logs_in(yann, code), "it was the file alone that was damaged"


def test_a_restart_of_the_hub_forgets_no_code_and_no_second_factor(
    yann: Analyst, server: Machine
) -> None:
    secret = enrol(yann)
    code = codes_of(secret).fresh(ahead=True)
    assert logs_in(yann, code)
    server.succeed(f"systemctl restart {layout.HUB_UNIT}")
    server.wait_until_succeeds(f"curl -sf -o /dev/null {layout.PROXY_URL}/hub/health")
    assert not logs_in(yann, code)
    assert not logs_in(yann, "")
    assert logs_in(yann, codes_of(secret).fresh(ahead=True))
