"""Attacks on the hub: its API with others' names, its secrets, its proxy, its login page."""

import secrets

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.escapes.attack import bring, record
from tests.server.escapes.conftest import NETWORK
from tests.server.machine import Machine
from tests.smoke.hub import Hub
from tests.smoke.session import Session

REFUSED = {403, 404, 405}
OWN = "os.environ['JUPYTERHUB_API_TOKEN']"


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "web")


ASKED = (
    ("GET", "/users"),
    ("GET", "/users/alix"),
    ("GET", "/users/alix/tokens"),
    ("POST", "/users/alix/tokens"),
    ("POST", "/users/alix/server"),
    ("DELETE", "/users/alix/server"),
    ("GET", "/users/alix/server/progress"),
    ("POST", "/users/alix/activity"),
    ("POST", "/users/intruder"),
    ("PATCH", "/users/demo"),
    ("GET", "/users/demo/tokens"),
    ("POST", "/users/demo/tokens"),
    ("POST", "/users/demo/servers/second"),
    ("GET", "/groups"),
    ("GET", "/services"),
    ("GET", "/proxy"),
    ("PATCH", "/proxy"),
    ("POST", "/shutdown"),
    ("POST", "/shares/demo"),
    ("POST", "/shares/alix"),
    ("GET", "/info"),
)


def test_a_session_asks_the_hub_nothing_but_whose_it_is(attacker: Session, victim: Session) -> None:
    """At the port for sessions, the web server forwards four kinds of requests to the hub, however a path is written."""
    assert attacker.value(f"api('GET', '/user', {OWN})") == 200
    paths = [
        *ASKED,
        *(("GET", f"/..{path}") for path in ("/login", "/home", "/../user/alix/", "/../hub/token")),
        *(("GET", path) for path in ("/%2e%2e/login", "/..%2flogin", "/user/../users", "/user%2f..%2fusers", "//users", "/user;/../users", "/users/demo/activity/../tokens")),
        ("POST", "/authorizations/token"),
    ]  # fmt: skip
    answers = {
        f"{method} {path}": attacker.value(f"api({method!r}, {path!r}, {OWN}, {{}})")
        for method, path in paths
    }
    assert set(answers.values()) <= {400, 404}, answers
    assert victim.value("1 + 1") == 2, "alix's session was stopped"
    record(
        "the hub's API from a session",
        tried=f"{len(answers)} requests: others' sessions, tokens, users, proxy, shutdown, odd paths",
        answer=", ".join(map(str, sorted(set(answers.values())))),
        stopped_by="nginx: four requests pass",
    )


def test_a_sessions_token_has_no_power_over_others(
    attacker: Session, victim: Session, demo: Analyst
) -> None:
    """The token is used outside the session, with the hub's public API."""
    token = {"Authorization": f"token {attacker.value(OWN)}"}
    url = f"{demo.hub.url}/hub/api"

    def ask(method: str, path: str) -> int:
        stranger = Hub(demo.hub.url, trust=demo.trust).http
        answer = stranger.request(
            method, url + path, headers=token, json={"admin": True}, timeout=patience(30)
        )
        return int(answer.status_code)

    assert ask("GET", "/user") == 200
    answers = {f"{method} {path}": ask(method, path) for method, path in ASKED}
    assert set(answers.values()) <= REFUSED, answers
    assert 403 in answers.values()
    assert victim.value("1 + 1") == 2, "alix's session was stopped"
    record(
        "the hub's public API with a session's token",
        tried=f"{len(answers)} requests: others' sessions, tokens, users, proxy, shutdown",
        answer=", ".join(map(str, sorted(set(answers.values())))),
        stopped_by="scopes of the token",
    )


def test_an_analysts_own_login_has_no_power_over_others(demo: Analyst, victim: Session) -> None:
    """demo's login has demo's widest rights; it cannot create tokens, a second session or shares."""
    assert demo.hub.api("GET", "/users/demo").status_code == 200
    answers = {
        f"{method} {path}": demo.hub.api(method, path, json={"admin": True}).status_code
        for method, path in ASKED
        if path != "/users"
    }
    listed = demo.hub.api("GET", "/users")
    assert listed.status_code == 403 or {user["name"] for user in listed.json()} <= {"demo"}
    assert set(answers.values()) <= REFUSED, answers
    for page in ("/hub/token", "/hub/admin"):
        assert demo.hub.get(page).status_code in REFUSED, page
    assert "/hub/token" not in demo.hub.get("/hub/home").text
    invented = {"Authorization": f"token {secrets.token_hex(16)}"}
    stranger = Hub(demo.hub.url, trust=demo.trust)
    assert stranger.get("/hub/api/users/alix", headers=invented).status_code in REFUSED
    record(
        "the hub's API with an analyst's login",
        tried=f"{len(answers)} requests about alix, the hub or tokens; one with an invented token; 2 pages",
        answer=", ".join(map(str, sorted(set(answers.values())))),
        stopped_by="scopes of the role user",
    )


def test_anothers_token_is_nowhere_to_be_read(
    attacker: Session, victim: Session, alix: Analyst
) -> None:
    """The same search finds the attacker's own token, in every place where the other's could be."""
    search = """
import glob
def places_of(secret):
    found = []
    for place in [*glob.glob('/proc/[0-9]*/environ'), *glob.glob('/proc/[0-9]*/cmdline'), *glob.glob('/tmp/**', recursive=True),
                  *glob.glob('/run/**', recursive=True), *glob.glob(os.path.expanduser('~/.*/**'), recursive=True), *glob.glob('/etc/*')]:
        try:
            if os.path.isfile(place) and secret.encode() in open(place, 'rb').read(1_000_000):
                found.append(place)
        except OSError:
            pass
    return found
"""
    attacker.run(search)
    assert attacker.value(f"places_of({OWN})"), "the search does not even find its own"
    theirs = victim.value(OWN)
    found = [
        *attacker.value(f"places_of({theirs!r})"),
        *attacker.value(f"places_of({alix.hub.xsrf!r})"),
    ]
    assert found == []
    record(
        "another user's token",
        tried="a search of /proc, /tmp, /run, /etc and the home for the tokens of alix's session and page",
        answer="0 places (the own one: found)",
        stopped_by="namespaces; tokens live in their own session",
    )


def test_the_hubs_database_and_secrets_are_not_there(attacker: Session, server: Machine) -> None:
    places = [
        layout.HUB_DATABASE,
        f"{layout.HUB_STATE}/cookie_secret",
        layout.PROXY_SECRET,
        layout.CULLER_SECRET,
        layout.GATE_SECRET,
        f"{layout.HUB_CONFIGURATION}/site.json",
        "/etc/shadow",
        "/etc/ssh/ssh_host_ed25519_key",
        f"{layout.NGINX_SITE}/key.pem",
    ]
    for place in places:
        server.succeed(f"test -s {place}")
    # The image's /etc/shadow has no password, and must not be readable either.
    reads = "[p for p in {} if any(os.access(root + p, os.R_OK) for root in ('', '/proc/1/root', '/proc/self/root', '/proc/1/cwd/../..'))]"
    assert attacker.value(reads.format(["/etc/passwd"])) == ["/etc/passwd"]
    found = attacker.value(reads.format(places))
    assert found == []
    record(
        "the hub's database, cookie secret, other secrets",
        tried=f"{len(places)} files, also through /proc/1/root and /proc/1/cwd",
        answer=f"{len(found)} readable",
        stopped_by="not mounted",
    )


def test_the_proxys_api_is_closed(
    attacker: Session, server: Machine, site: Site, addresses: dict[str, str], demo: Analyst
) -> None:
    said = server.succeed(
        f"curl --silent --output /dev/null --write-out '%{{http_code}}' {layout.PROXY_API_URL}/api/routes"
    )
    assert said == "403", "the proxy's API does not listen: nothing is proven"
    answers = {
        attacker.reach(host, port)
        for host in addresses.values()
        for port in (layout.PROXY_PORT, layout.PROXY_API_PORT)
    }
    assert "open" not in answers
    by_web = {
        demo.hub.get(path).status_code
        for path in ("/api/routes", "/hub/..%2f..%2fapi/routes", "/user/demo/..%2f..%2fapi/routes")
    }
    assert 200 not in by_web, by_web
    record(
        "the proxy's API",
        tried=f"ports {layout.PROXY_PORT} and {layout.PROXY_API_PORT} of 3 addresses; /api/routes by the web server",
        answer=f"{', '.join(sorted(answers))}; {', '.join(map(str, sorted(by_web)))}",
        stopped_by="loopback only; nftables; a token",
    )


def test_passwords_cannot_be_tried_from_inside(attacker: Session, alix: Analyst) -> None:
    """The attacker tries to bypass the web server's limit through the port for sessions: with the login form, and with
    the API that exchanges a password for a token."""
    assert alix.can_log_in(), "alix's password does not log in at all: nothing is proven"
    guess = f"""
import json as _json
def guess(sender):
    who = {{'User-Agent': 'attacker', 'X-Forwarded-For': sender, 'X-Real-IP': sender}}
    asked = [('GET', '/hub/login', None), ('POST', '/hub/login', 'username=alix&password=' + {alix.password!r})]
    body = _json.dumps({{'auth': {{'username': 'alix', 'password': {alix.password!r}}}}})
    asked += [('POST', '/hub/api/users/alix/tokens', body), ('POST', '/hub/api/authorizations/token', body)]
    return [http(method, '{NETWORK.hub_url}' + path, who, data)['status'] for method, path, data in asked]
tries = [guess(sender) for sender in ('127.0.0.1', '{NETWORK.gateway}', '198.51.100.7')]
"""
    attacker.run(guess)
    tries = attacker.value("tries")
    assert {status for one in tries for status in one} == {404}, tries
    body = {"auth": {"username": "alix", "password": alix.password}}
    outside = Hub(alix.site.url, trust=alix.trust).http.post(
        f"{alix.hub.url}/hub/api/users/alix/tokens", json=body, timeout=patience(30)
    )
    assert outside.status_code in REFUSED, "a password is checked past the login's limits"
    record(
        "passwords tried past the login form",
        tried="alix's right password, by 4 requests from a session under 3 addresses, and by the public API",
        answer=f"404; {outside.status_code}",
        stopped_by="nginx: sessions have no login; the hub has no token by password",
    )


def test_no_login_is_had_by_asking_for_anothers_client(attacker: Session, demo: Analyst) -> None:
    """By OAuth, the logged-in demo asks the hub for a code of alix's session."""
    ask = (
        "/hub/api/oauth2/authorize?client_id=jupyterhub-user-{0}&response_type=code"
        "&redirect_uri=%2Fuser%2F{0}%2Foauth_callback&state=x"
    )
    own = demo.hub.get(ask.format("demo"), allow_redirects=False)
    assert own.status_code in (200, 302)
    assert own.status_code == 200 or "code=" in own.headers["Location"]
    other = demo.hub.get(ask.format("alix"), allow_redirects=False)
    assert other.status_code in REFUSED, other.headers
    record(
        "an OAuth code for another's session",
        tried="authorize?client_id=jupyterhub-user-alix as demo",
        answer=str(other.status_code),
        stopped_by="the hub: no access:servers scope",
    )
