"""The pages of the steps at a real hub: a new user is led through them, and nothing gets past one that is left."""

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pyotp
import pytest

from tests.jupyterhub_conf.step_hub import FIRST, OWN, StepHub, serving
from tests.smoke.hub import Hub

TWICE = {"new": OWN, "again": OWN}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StepHub]:
    with serving(tmp_path_factory.mktemp("hub"), second_factor=True) as found:
        yield found


@pytest.fixture
def hub(running: StepHub) -> StepHub:
    running.forget()
    return running


def led_to(browser: Hub, path: str = "/hub/home") -> str:
    return str(browser.get(path, allow_redirects=False).headers.get("Location", ""))


def secret_on(page: str) -> str:
    found = re.search(r'<dd id="secret">([A-Z2-7 ]+)</dd>', page)
    assert found, page
    return found[1].replace(" ", "")


def enrol(browser: Hub, code: str = "") -> str:
    """Set up a second factor with the next code, or with `code`; return its secret."""
    secret = secret_on(browser.get("/hub/second-factor").text)
    browser.submit("/hub/second-factor", {"code": code or pyotp.TOTP(secret).now()})
    return secret


def later(secret: str) -> str:
    """Return a code that was not used yet, which the clock's skew allows."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30)


def test_a_new_user_is_led_through_all_steps_to_where_they_wanted_to_go(hub: StepHub) -> None:
    hub.settle(password=FIRST, first=True)
    browser = hub.browser()
    form = browser.submit("/hub/login?next=%2Fhub%2Fspawn", {"username": "demo", "password": FIRST})
    assert form.headers["Location"] == "/hub/spawn"
    first = led_to(browser, "/hub/spawn")
    assert first == "/hub/password?next=%2Fhub%2Fspawn"
    # No step may be jumped over: whoever knows the first password must not set up the second factor.
    assert led_to(browser, "/hub/second-factor").startswith("/hub/password?")
    done = browser.submit(first, {"old": FIRST, **TWICE})
    assert done.headers["Location"] == "/hub/spawn"
    second = led_to(browser, "/hub/spawn")
    assert second == "/hub/second-factor?next=%2Fhub%2Fspawn"
    secret = secret_on(browser.get(second).text)
    done = browser.submit(second, {"code": pyotp.TOTP(secret).now()})
    assert done.headers["Location"] == "/hub/spawn"
    third = led_to(browser, "/hub/spawn")
    assert third == "/hub/charter?next=%2Fhub%2Fspawn"
    done = browser.submit(third, {"version": "1", "accepted": "yes"})
    assert done.headers["Location"] == "/hub/spawn"
    assert browser.get("/hub/spawn", allow_redirects=False).status_code == 200
    line = json.loads((hub.folder / "charter.jsonl").read_text().splitlines()[-1])
    assert (line["login"], line["version"]) == ("demo", "1")


def test_no_session_starts_while_a_step_is_left_by_form_api_or_link(hub: StepHub) -> None:
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    profile = {"profile": "petite"}
    form = {**profile, "_xsrf": browser.xsrf}
    for finish in (lambda: enrol(browser), browser.accept_charter):
        assert browser.api("POST", "/users/demo/server", json=profile).status_code == 403
        browser.http.post(f"{hub.url}/hub/spawn", data=form)
        browser.get("/hub/spawn?profile=petite")
        browser.get("/hub/spawn/demo?profile=petite")
        assert not hub.started
        finish()
    browser.api("POST", "/users/demo/server", json=profile)
    assert hub.started, "no session starts with all steps done either: nothing is proven"


def test_a_code_is_asked_once_it_is_set_up_and_works_once(hub: StepHub) -> None:
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    secret = enrol(browser)
    assert not hub.browser().log_in("demo", OWN), "the password alone logs in"
    used = pyotp.TOTP(secret).now()
    assert not hub.browser().log_in("demo", OWN, code=used), "the code that confirmed it"
    assert not hub.browser().log_in("demo", f"{OWN}x", code=later(secret))
    code = later(secret)
    assert hub.browser().log_in("demo", OWN, code=f"{code[:3]} {code[3:]}")
    assert not hub.browser().log_in("demo", OWN, code=code), "a code was taken twice"


def test_a_wrong_code_sets_nothing_up(hub: StepHub) -> None:
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    secret = secret_on(browser.get("/hub/second-factor").text)
    for code in ("", "000000", "12345", "1234567", "x" * 5000, "../alix"):
        answer = browser.submit("/hub/second-factor", {"code": code})
        assert answer.status_code == 400, code
        assert 'role="alert"' in answer.text
    assert secret_on(browser.get("/hub/second-factor").text) == secret
    assert browser.step() == "second-factor"


def test_a_secret_is_shown_to_nobody_once_it_is_in_force(hub: StepHub) -> None:
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    page = browser.get("/hub/second-factor")
    assert page.headers["Cache-Control"] == "no-store"
    secret = enrol(browser)
    again = browser.get("/hub/second-factor")
    assert "/hub/charter" in again.url
    assert secret not in again.text.replace(" ", "")
    other = hub.browser()
    assert other.log_in("alix", OWN)
    assert secret_on(other.get("/hub/second-factor").text) != secret


def test_the_charter_is_accepted_by_a_mark_and_in_its_version_only(hub: StepHub) -> None:
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    enrol(browser)
    for fields in ({"version": "1"}, {"accepted": "yes"}, {"version": "2", "accepted": "yes"}, {}):
        assert browser.submit("/hub/charter", fields).status_code == 400
        assert browser.step() == "charter"
    browser.accept_charter()
    assert browser.step() == ""
    (hub.folder / "onboarding/charte.md").write_text("# Charte\n\nVersion 2\n\n1. Une.\n")
    assert browser.step() == "charter", "a new version asks again"


def test_without_a_charter_nothing_opens(hub: StepHub) -> None:
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    (hub.folder / "onboarding/charte.md").unlink()
    answer = browser.get("/hub/home")
    assert answer.status_code == 503
    assert "écrivez à l’assistance" in answer.content.decode()


def test_a_password_is_changed_at_any_time_and_other_browsers_are_logged_out(hub: StepHub) -> None:
    mine, theirs = hub.browser(), hub.browser()
    for browser in (mine, theirs):
        assert browser.log_in("demo", OWN)
        secret = "" if browser is theirs else enrol(browser)
        if secret:
            browser.accept_charter()
            (hub.folder / "second-factors/demo").unlink()
    new = "Un-autre-9-Fleuve"
    answer = mine.submit("/hub/password", {"old": OWN, "new": new, "again": new})
    assert answer.status_code == 200, answer.text
    assert 'role="status"' in answer.text
    assert mine.is_logged_in()
    assert not theirs.is_logged_in()
    assert not hub.browser().log_in("demo", OWN)


def test_a_changed_password_ends_other_browsers_ways_into_the_session(hub: StepHub) -> None:
    mine = hub.browser()
    assert mine.log_in("demo", OWN)
    enrol(mine)
    mine.accept_charter()
    (hub.folder / "second-factors/demo").unlink()
    here = next(one.value for one in mine.http.cookies if one.name == "jupyterhub-session-id")
    # As the hub keeps them once browsers have opened sessions; the last is a session's own, which has no browser.
    kept = {"mine": ("demo", here), "theirs": ("demo", "another"), "alix": ("alix", "another"), "session": ("demo", None)}  # fmt: skip
    add = (
        "INSERT INTO api_tokens (user_id, session_id, hashed, prefix, client_id, scopes) "
        "SELECT id, ?, ?, 'x', 'jupyterhub', '[]' FROM users WHERE name = ?"
    )
    assert hub.browser().log_in("alix", OWN)
    with closing(sqlite3.connect(hub.folder / "hub.sqlite")) as database:
        for name, (login, browser) in kept.items():
            database.execute(add, (browser, name, login))
        database.commit()
        new = "Encore-un-9-Fleuve"
        answer = mine.submit("/hub/password", {"old": OWN, "new": new, "again": new})
        assert 'role="status"' in answer.text
        left = {name for (name,) in database.execute("SELECT hashed FROM api_tokens")}
    assert left & set(kept) == {"mine", "alix", "session"}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"old": OWN, "new": "Un-autre-9-Fleuve", "again": "Un-autre-9-Fleuv"}, "diffèrent"),
        ({"old": "faux", "new": "Un-autre-9-Fleuve", "again": "Un-autre-9-Fleuve"}, "actuel est refusé"),
        ({"old": OWN, "new": "court", "again": "court"}, "trop court"),
        ({}, "actuel est refusé"),
    ],
)  # fmt: skip
def test_a_password_that_is_refused_stays_and_says_why(
    hub: StepHub, fields: dict[str, str], told: str
) -> None:
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    answer = browser.submit("/hub/password", fields)
    assert answer.status_code == 400
    assert told in answer.text
    assert (hub.folder / "password-demo").read_text() == OWN


def test_guesses_of_the_old_password_on_the_page_must_wait(hub: StepHub) -> None:
    browser = hub.browser()
    assert browser.log_in("alix", OWN)
    fields = {"old": "faux", **TWICE}
    told = [browser.submit("/hub/password", fields).text for _ in range(7)]
    assert "actuel est refusé" in told[0]
    assert "Trop d’essais" in told[-1]


@pytest.mark.parametrize("page", ["password", "second-factor", "charter"])
def test_a_page_is_for_whom_is_logged_in_and_its_form_from_itself(hub: StepHub, page: str) -> None:
    stranger = hub.browser()
    assert led_to(stranger, f"/hub/{page}").startswith("/hub/login?next=")
    assert stranger.http.post(f"{hub.url}/hub/{page}", allow_redirects=False).status_code == 403
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    forged = browser.http.post(f"{hub.url}/hub/{page}", data={"code": "1"}, allow_redirects=False)
    assert forged.status_code == 403


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_on_leads_nowhere_else(hub: StepHub, place: str) -> None:
    browser = hub.browser()
    assert browser.log_in("demo", OWN)
    enrol(browser)
    browser.submit("/hub/charter", {"version": "1"})
    done = browser.http.post(
        f"{hub.url}/hub/charter",
        params={"next": place},
        data={"version": "1", "accepted": "yes", "_xsrf": browser.xsrf},
        allow_redirects=False,
    )
    assert done.status_code == 302
    assert re.match(r"/(?![/\\])", done.headers["Location"]), done.headers["Location"]
