"""The hub: its API with others' names, its secrets, its proxy, its login page."""

import secrets

import pytest

from infra.site import Site
from tests.server.analyst import Analyst
from tests.server.escapes.attack import bring, record
from tests.server.machine import Machine
from tests.smoke.session import Session

REFUSED = {403, 404, 405}
OWN = "os.environ['JUPYTERHUB_API_TOKEN']"


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "web")


def test_a_sessions_token_has_no_power_over_others(attacker: Session, victim: Session) -> None:
    assert attacker.value(f"api('GET', '/user', {OWN})") == 200
    asked = [
        ("GET", "/users"),
        ("GET", "/users/alix"),
        ("GET", "/users/alix/tokens"),
        ("POST", "/users/alix/tokens"),
        ("POST", "/users/alix/server"),
        ("DELETE", "/users/alix/server"),
        ("POST", "/users/alix/activity"),
        ("POST", "/users/intruder"),
        ("PATCH", "/users/demo"),
        ("POST", "/users/demo/tokens"),
        ("POST", "/users/demo/servers/second"),
        ("GET", "/groups"),
        ("GET", "/services"),
        ("GET", "/proxy"),
        ("PATCH", "/proxy"),
        ("POST", "/shutdown"),
        ("POST", "/shares/demo"),
        ("GET", "/info"),
    ]
    answers = {
        f"{method} {path}": attacker.value(f"api({method!r}, {path!r}, {OWN}, {{}})")
        for method, path in asked
    }
    answers["PATCH /users/demo (admin)"] = attacker.value(
        f"api('PATCH', '/users/demo', {OWN}, {{'admin': True}})"
    )
    assert set(answers.values()) <= REFUSED, answers
    assert victim.value("1 + 1") == 2, "alix's session was stopped"
    record(
        "the hub's API with a session's token",
        tried=f"{len(answers)} requests: others' sessions, tokens, users, proxy, shutdown",
        answer=", ".join(map(str, sorted(set(answers.values())))),
        stopped_by="scopes of the token",
    )


def test_an_analysts_own_token_has_no_power_over_others(demo: Analyst, victim: Session) -> None:
    """The widest that demo can have: of the token page, with all of demo's rights."""
    token = {"Authorization": f"token {demo.hub.token}"}
    call = demo.hub.http.request
    url = f"{demo.hub.url}/hub/api"
    assert call("GET", f"{url}/users/demo", headers=token, timeout=30).status_code == 200
    asked = [
        ("GET", "/users/alix"),
        ("POST", "/users/alix/tokens"),
        ("DELETE", "/users/alix/server"),
        ("POST", "/users/alix/server"),
        ("GET", "/users/alix/server/progress"),
        ("PATCH", "/users/demo"),
        ("POST", "/shares/alix"),
        ("GET", "/proxy"),
        ("POST", "/shutdown"),
    ]
    answers = {
        call(method, url + path, headers=token, json={"admin": True}, timeout=30).status_code
        for method, path in asked
    }
    assert answers <= REFUSED, answers
    invented = {"Authorization": f"token {secrets.token_hex(16)}"}
    answers.add(call("GET", f"{url}/users/alix", headers=invented, timeout=30).status_code)
    assert answers <= REFUSED
    record(
        "the hub's API with an analyst's token",
        tried=f"{len(asked)} requests about alix or the hub, and one with an invented token",
        answer=", ".join(map(str, sorted(answers))),
        stopped_by="scopes of the user",
    )


def test_anothers_token_is_nowhere_to_be_read(
    attacker: Session, victim: Session, alix: Analyst
) -> None:
    """The own token is found by the same search, in every place where the other's might be."""
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
        *attacker.value(f"places_of({alix.hub.token!r})"),
    ]
    assert found == []
    record(
        "another user's token",
        tried="a search of /proc, /tmp, /run, /etc and the home for alix's two tokens",
        answer="0 places (the own one: found)",
        stopped_by="namespaces; tokens live in their own session",
    )


def test_the_hubs_database_and_secrets_are_not_there(attacker: Session, server: Machine) -> None:
    places = [
        "/var/lib/jupyterhub/jupyterhub.sqlite",
        "/var/lib/jupyterhub/cookie_secret",
        "/var/lib/secrets/proxy.env",
        "/var/lib/secrets/culler.env",
        "/var/lib/secrets/gate.env",
        "/etc/jupyterhub/site.json",
        "/etc/shadow",
        "/etc/ssh/ssh_host_ed25519_key",
        "/etc/nginx/site/key.pem",
    ]
    for place in places:
        server.succeed(f"test -s {place}")
    # /etc/shadow of the image has no password in it, and is not to be read either.
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
        "curl --silent --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8001/api/routes"
    )
    assert said == "403", "the proxy's API does not listen: nothing is proven"
    answers = {attacker.reach(host, port) for host in addresses.values() for port in (8000, 8001)}
    assert "open" not in answers
    by_web = {
        demo.hub.get(path).status_code
        for path in ("/api/routes", "/hub/..%2f..%2fapi/routes", "/user/demo/..%2f..%2fapi/routes")
    }
    assert 200 not in by_web, by_web
    record(
        "the proxy's API",
        tried="ports 8000 and 8001 of 3 addresses; /api/routes by the web server",
        answer=f"{', '.join(sorted(answers))}; {', '.join(map(str, sorted(by_web)))}",
        stopped_by="loopback only; nftables; a token",
    )


def test_passwords_cannot_be_tried_from_inside(
    attacker: Session, alix: Analyst, server: Machine
) -> None:
    """On the hub's own port there is neither the web server's limit of tries nor a true sender's address."""
    assert alix.can_log_in(), "alix's password does not log in at all: nothing is proven"
    guess = f"""
import urllib.parse
def guess(sender):
    who = {{'User-Agent': 'attacker', 'X-Forwarded-For': sender, 'X-Real-IP': sender}}
    page = http('GET', 'http://172.30.0.1:8081/hub/login', who)
    cookie = page['headers']['set-cookie'].partition(';')[0]
    form = {{'username': 'alix', 'password': {alix.password!r}, '_xsrf': cookie.partition('=')[2]}}
    who |= {{'Cookie': cookie, 'Content-Type': 'application/x-www-form-urlencoded'}}
    return http('POST', 'http://172.30.0.1:8081/hub/login', who, urllib.parse.urlencode(form))['status']
tries = [guess(sender) for sender in ('127.0.0.1', '172.30.0.1', '198.51.100.7')]
"""
    since = server.succeed("date '+%F %T'")
    attacker.run(guess)
    tries = attacker.value("tries")
    assert set(tries) == {403}, tries
    server.succeed(
        f"journalctl --unit=jupyterhub --since='{since}' --output=cat | grep 'past the web server'"
    )
    record(
        "passwords tried at the hub's port",
        tried="alix's right password, 3 times, under forged addresses",
        answer=", ".join(map(str, tries)),
        stopped_by="the hub takes passwords from its proxy alone",
    )


def test_no_login_is_had_by_asking_for_anothers_client(attacker: Session, demo: Analyst) -> None:
    """OAuth: demo, logged in, asks the hub for a code of alix's session."""
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
