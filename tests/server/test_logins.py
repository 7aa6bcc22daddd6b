"""Logins at the running hub: who may log in, for how long, and with which rights."""

import email.utils
import json
import secrets
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.machine import Machine
from tests.smoke.hub import Hub

# Allowed difference between two readings of a clock.
SLACK_S = 300
LOGIN_COOKIE = "jupyterhub-hub-login"
# Signs a login cookie as the hub does, with another date.
SIGN = f"""
import json, sys, time
from tornado.web import create_signed_value, decode_signed_value
cookie, age_s = json.load(sys.stdin)
secret = bytes.fromhex(open("{layout.HUB_STATE}/cookie_secret").read().strip())
value = decode_signed_value(secret, "jupyterhub-hub-login", cookie.strip('"'))
print(create_signed_value(secret, "jupyterhub-hub-login", value, clock=lambda: time.time() - age_s).decode())
"""


@pytest.fixture
def lea(server: Machine, site: Site) -> Iterator[Analyst]:
    """Make an account without a home, for logins only."""
    server.succeed(
        "useradd --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --user-group "
        "--key UID_MIN=20000 --key UID_MAX=59999 --groups analysts lea"
    )
    yield Analyst("lea", site=site, server=server)
    server.execute("userdel lea")


@pytest.fixture
def logged_in(demo: Analyst) -> Analyst:
    demo.be_logged_in()
    return demo


def test_a_wrong_password_opens_nothing(lea: Analyst) -> None:
    assert lea.can_log_in()
    hub = Hub(lea.site.url, trust=lea.trust)
    assert not hub.log_in(lea.login, f"{lea.password}x")


@pytest.mark.parametrize("close", ["usermod --expiredate 1970-01-02", "usermod --lock"])
def test_an_account_that_is_closed_logs_in_no_more(
    close: str, lea: Analyst, server: Machine
) -> None:
    assert lea.can_log_in()
    server.succeed(f"{close} lea")
    assert not lea.can_log_in()


def test_who_is_no_analyst_has_no_login(lea: Analyst, server: Machine) -> None:
    assert lea.can_log_in()
    server.succeed("gpasswd --delete lea analysts")
    assert not lea.can_log_in()


def test_a_login_is_in_the_browser_for_a_day(demo: Analyst) -> None:
    """All cookies of the hub, and the session's pass, end after a day."""
    demo.open_session().kernel.close()
    hub = Hub(demo.site.url, trust=demo.trust)
    said: list[str] = []
    form = hub.submit("/hub/login", {"username": demo.login, "password": demo.password})
    for answer in (
        form,
        hub.get("/hub/home", allow_redirects=False),
        hub.get(f"/hub/gate/user/{demo.login}/", allow_redirects=False),
    ):
        said += answer.raw.headers.getlist("Set-Cookie")
    ends = {}
    for line in said:
        for name, cookie in SimpleCookie(line).items():
            if cookie["max-age"]:
                ends[name] = float(cookie["max-age"])
            elif cookie["expires"]:
                ends[name] = (
                    email.utils.parsedate_to_datetime(cookie["expires"]).timestamp() - time.time()
                )
    assert {LOGIN_COOKIE, "session_gate"} <= set(ends), ends
    assert not {
        name: seconds for name, seconds in ends.items() if seconds > layout.LOGIN_S + SLACK_S
    }


def test_a_login_of_two_days_ago_opens_nothing(logged_in: Analyst, server: Machine) -> None:
    """The hub checks the age itself, whatever end date the browser keeps."""
    cookie = next(one.value for one in logged_in.hub.http.cookies if one.name == LOGIN_COOKIE)

    def status(age_s: int) -> int:
        signed = server.succeed(
            f"{layout.HUB_VENV}/bin/python -c " + _quoted(SIGN), stdin=json.dumps([cookie, age_s])
        )
        stranger = Hub(logged_in.site.url, trust=logged_in.trust)
        answer = stranger.get(
            "/hub/home", headers={"Cookie": f"{LOGIN_COOKIE}={signed}"}, allow_redirects=False
        )
        return int(answer.status_code)

    assert status(3600) == 200, "a cookie signed here opens nothing at all: nothing is proven"
    assert status(2 * layout.LOGIN_S) == 302


def test_a_login_has_one_session(logged_in: Analyst) -> None:
    """With named servers, a user could start any number of sessions, each with the profile's memory."""
    # The user has the right to start sessions: only the setting refuses a second one.
    assert logged_in.hub.api("GET", "/users/demo").json()["name"] == logged_in.login
    name = f"second-{secrets.token_hex(4)}"
    answer = logged_in.hub.api("POST", f"/users/demo/servers/{name}", json={"profile": "petite"})
    logged_in.hub.api("DELETE", f"/users/demo/servers/{name}")
    assert answer.status_code == 400, answer.text
    assert "Named servers are not enabled" in answer.text


def test_nobody_is_an_administrator(logged_in: Analyst) -> None:
    seen = logged_in.hub.api("GET", "/users/demo").json()
    assert not seen.get("admin")
    assert logged_in.hub.get("/hub/admin").status_code in (403, 404)
    assert logged_in.hub.api("GET", "/users/alix").status_code in (403, 404)
    assert logged_in.hub.api("GET", "/users").status_code in (403, 404)


def test_the_hub_looks_at_accounts_and_sessions_often(server: Machine) -> None:
    """The settings that decide how soon a removed right ends; waiting for it would take minutes."""
    read = (
        "from traitlets.config import PyFileConfigLoader as Loader; import json; "
        f"c = Loader('jupyterhub_config.py', path='{layout.HUB_CONFIGURATION}').load_config(); "
        "print(json.dumps([c.Authenticator.auth_refresh_age, c.Authenticator.auth_refresh_strict, "
        "c.Authenticator.refresh_pre_spawn, c.Spawner.poll_interval]))"
    )
    refresh_s, strict, before_start, poll_s = json.loads(
        server.succeed(f"{layout.HUB_VENV}/bin/python -B -c " + _quoted(read))
    )
    assert refresh_s <= 300
    assert (strict, before_start) == (True, True)
    # At least twice a minute.
    assert poll_s <= 30


def _quoted(program: str) -> str:
    return "'" + program.replace("'", "'\\''") + "'"
