"""Somebody knows a password and guesses the codes, from as many addresses as they like: they wait, the owner does not."""

import re
from collections.abc import Iterator

import pytest

from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.machine import Machine
from tests.server.outside.conftest import Note
from tests.server.outside.strangers import browser
from tests.server.stepping import change_password, good_password, hub_settings, newcomer
from tests.smoke.codes import codes_of

# More than jupyterhub-conf/codes.py lets through, fewer an address than guessing.py does.
TRIES = 12
TRIES_AN_ADDRESS = 3


@pytest.fixture(scope="module")
def enrolled(site: Site, server: Machine) -> Iterator[tuple[Analyst, str]]:
    """Give an analyst with a second factor, who logged in with it from here, and its secret."""
    with (
        hub_settings(server, second_factor=True),
        newcomer("xena", site=site, server=server) as person,
    ):
        assert person.hub.log_in(person.login, person.password)
        assert change_password(person.hub, person, good_password()) == 302
        shown = re.search(r'id="secret">([A-Z2-7 ]+)<', person.hub.get("/hub/second-factor").text)
        assert shown
        secret = shown[1].replace(" ", "")
        code = codes_of(secret).fresh(ahead=True)
        assert person.hub.submit("/hub/second-factor", {"code": code}).status_code == 302
        person.hub.http.cookies.clear()
        assert person.hub.log_in(
            person.login, person.password, code=codes_of(secret).fresh(ahead=True)
        )
        yield person, secret


def test_guesses_of_codes_wait_across_addresses_and_the_owner_gets_in(
    enrolled: tuple[Analyst, str],
    site: Site,
    server: Machine,
    addresses: tuple[str, ...],
    note: Note,
) -> None:
    person, secret = enrolled
    fields = {"username": person.login, "password": person.password}
    answers = []
    for number in range(TRIES):
        source = addresses[1 + number // TRIES_AN_ADDRESS]
        answer = browser(site, person, source=source).submit(
            "/hub/login", {**fields, "otp": f"{number:06}"}
        )
        answers.append(answer.status_code)
    assert set(answers[:8]) == {403}, answers
    assert answers[-1] == 429, answers
    fresh = browser(site, person, source=addresses[0])
    code = codes_of(secret).fresh(ahead=True)
    late = fresh.submit("/hub/login", {**fields, "otp": code})
    assert late.status_code == 429, "a new address is let through"
    # The wait says nothing of the password.
    wrong = fresh.submit("/hub/login", {**fields, "password": "wrong", "otp": code})
    assert wrong.status_code == 429
    assert browser(site, person).log_in(person.login, person.password, code=code), (
        "the owner is locked out where they logged in before"
    )
    said = server.succeed("journalctl --unit=jupyterhub --since=-5min --output=cat --no-pager")
    assert f"Wrong code of '{person.login}' from " in said
    note(
        "guessing codes with a known password",
        tried=f"{TRIES} codes from 4 addresses, then one more address",
        answer=f"429 from the {answers.index(429) + 1}th on; the owner gets in",
        by="the hub: codes.py",
    )


def test_no_form_of_a_code_gets_by(enrolled: tuple[Analyst, str], site: Site, note: Note) -> None:
    """At the owner's own address, where the wait of codes does not hold and that of guesses does."""
    person, secret = enrolled
    fields = {"username": person.login, "password": person.password}
    code = codes_of(secret).fresh(ahead=True)
    forms = ("", "abcdef", f"000000\0{code}", "０００００１")
    for form in forms:
        answer = browser(site, person).submit("/hub/login", {**fields, "otp": form})
        assert answer.status_code in (400, 403), (form, answer.status_code)
    assert browser(site, person).log_in(person.login, person.password, code=code)
    note("odd codes", tried="empty, letters, NUL, wide digits", answer="403", by="the hub")
