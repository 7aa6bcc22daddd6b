"""Without a login, every route that JupyterHub declares is refused, except those listed here."""

import json
import re
import secrets

import pytest

from infra.settings import layout
from tests.server.analyst import Analyst
from tests.server.machine import Machine
from tests.server.outside.conftest import Note
from tests.server.outside.door import Answer, Door

# Routes that are open without a login, with their statuses.
PUBLIC = {
    ("GET", "/hub/login"): 200,
    ("GET", "/hub/health"): 200,
    ("GET", "/hub/api/health"): 200,
    ("GET", "/hub/logo"): 200,
    ("GET", "/hub/static/css/style.min.css"): 200,
    # The error page that the proxy requests.
    ("GET", "/hub/error/404"): 200,
    # It redirects everybody, also without a login.
    ("GET", "/hub/logout"): 302,
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSED = (401, 403, 404, 405)
LIST = r"""
import json
from jupyterhub import apihandlers, handlers
from jupyterhub.handlers import login
routes = [*handlers.default_handlers, *apihandlers.default_handlers, *login.default_handlers]
print(json.dumps(sorted({route[0] for route in routes})))
"""
MORE = (
    "/gate/user/demo/lab",
    "/logo",
    "/static/",
    "/static/css/style.min.css",
    "/api/nothing",
    "/oauth_login",
    "/signup",
)


@pytest.fixture(scope="module")
def routes(server: Machine) -> list[str]:
    """Give the paths of the hub's own list of routes, with values for their parameters."""
    patterns = json.loads(server.succeed(f"{layout.HUB_VENV}/bin/python -", stdin=LIST))
    found = []
    for pattern in patterns:
        path = example(pattern)
        assert re.fullmatch(pattern, path), f"{path} is no example of {pattern}"
        found.append(f"/hub{path}")
    assert len(found) > 40, "JupyterHub's list has another place now"
    return sorted({*found, *(f"/hub{path}" for path in MORE)})


def example(pattern: str) -> str:
    """Return a path that matches the pattern of a route."""
    path = pattern.removesuffix("$")
    path = path.replace(r"(\d+)", "404").replace("(?P<user_name>[^/]+)", "demo")
    path = path.replace("(?P<user_path>/.*)?", "/lab").replace("(?:/([^/]+))?", "/x")
    path = path.replace("(.*)?", "lab").replace("/?", "/")
    return re.sub(r"\(\[\^/\][+*]\)", "demo", path)


def refused(answer: Answer) -> bool:
    if answer.status in (301, 302):
        # A redirect to the login form, or to another route of the list.
        path = re.sub(r"^https://[^/]+", "", answer.header("Location"))
        return bool(
            re.match(r"/hub/(login|home|spawn|user/demo/lab|gate/user/demo/\S*)?(\?|$)", path)
        )
    return answer.status in REFUSED


def test_every_route_of_the_hub_asks_for_a_login(routes: list[str], door: Door, note: Note) -> None:
    open_ones, seen = {}, set()
    for path in routes:
        for method in METHODS:
            answer = door.patiently(path, method=method)
            seen.add(answer.status)
            if answer.status != PUBLIC.get((method, path)) and not refused(answer):
                open_ones[f"{method} {path}"] = answer.status
            assert b"Traceback" not in answer.body, path
    assert open_ones == {}, f"open without a login: {open_ones}"
    assert {302, 403} <= seen, "nothing was refused: the probe is broken"
    tried = f"{len(routes)} routes, {len(METHODS)} methods"
    note("paths without a login", tried=tried, answer="login, 403, 404, 405", by="JupyterHub")


def test_the_same_routes_answer_whom_they_know(
    routes: list[str], logged_in: Analyst, door: Door
) -> None:
    """The control: with a login, some of the routes are open."""
    assert "/hub/api/user" in routes
    authorized = {"Cookie": logged_in.hub.cookies_for("/hub/")}
    assert door.patiently("/hub/api/user", headers=authorized).status == 200
    assert door.patiently("/hub/home", headers=authorized).status == 200


@pytest.fixture(scope="module")
def at_work(demo: Analyst, door: Door) -> str:
    """Give the login of a running session, after checking that its owner can open it."""
    demo.open_session().kernel.close()
    cookies = {"Cookie": demo.hub.cookies_for(f"/user/{demo.login}/")}
    assert door.patiently(f"/user/{demo.login}/api/contents", headers=cookies).status == 200
    return demo.login


def test_a_stranger_is_led_to_the_gate_not_to_the_session(at_work: str, door: Door) -> None:
    """The session's server would also ask for a login, but its user controls it."""
    for page in ("", "lab", "api/status", "api/contents"):
        answer = door.patiently(f"/user/{at_work}/{page}")
        assert answer.status == 302, page
        assert answer.header("Location").endswith(f"/hub/gate/user/{at_work}/{page}")


@pytest.mark.parametrize(
    "authorization",
    ["token ", "token x", "Bearer x", "token " + "0" * 32, "Basic ZGVtbzpkZW1v", "token %00"],
)
def test_made_up_tokens_open_nothing(authorization: str, door: Door, at_work: str) -> None:
    for path in (
        "/hub/api/user",
        "/hub/api/users",
        "/hub/metrics",
        f"/user/{at_work}/api/contents",
    ):
        answer = door.patiently(path, headers={"Authorization": authorization})
        assert answer.status in (302, 400, 401, 403), f"{path}: {answer}"


@pytest.mark.parametrize("cookie", ["jupyterhub-hub-login=x", "jupyterhub-session-id=x; _xsrf=x"])
def test_made_up_cookies_open_nothing(cookie: str, door: Door, at_work: str) -> None:
    for path in ("/hub/home", "/hub/token", "/hub/admin", f"/user/{at_work}/lab"):
        answer = door.patiently(path, headers={"Cookie": cookie})
        assert refused(answer), f"{path}: {answer}"


def test_no_token_in_an_address_is_logged(server: Machine, door: Door, note: Note) -> None:
    """Some tools put tokens into URLs, and more people may read the logs than may use the tokens."""
    token, page = secrets.token_hex(16), f"probe-{secrets.token_hex(4)}"
    for path in (f"/user/demo/{page}?token={token}", f"/hub/{page}?token={token}"):
        door.patiently(path, headers={"Referer": f"https://{door.address}/?token={token}"})
    logged = "journalctl --namespace='*' --since=-1min --output=cat --no-pager"
    server.wait_until_succeeds(f"{logged} | grep -q {page}")
    assert token not in server.succeed(logged)
    note("token in an address", tried="?token=, Referer", answer="not logged", by="nginx, hub")


def test_what_is_not_for_browsers_is_not_there(door: Door, note: Note) -> None:
    """The proxy's API, services, metrics and versions are closed to browsers."""
    assert door.patiently("/hub/health").status == 200
    for path in (
        "/api/routes",
        "/services/",
        "/services/culler/",
        "/metrics",
        "/hub/api",
        "/hub/api/",
    ):
        assert door.patiently(path).status == 404, path
    for path in ("/hub/metrics", "/hub/api/metrics", "/hub/api/info", "/hub/api/services"):
        assert door.patiently(path).status in (401, 403), path
    note("metrics, version, proxy's API", tried="10 paths", answer="403, 404", by="nginx, hub")


def test_a_refusal_names_no_software(door: Door) -> None:
    for path in ("/hub/login", "/hub/api/user", "/hub/nothing", "/nothing", "/user/demo/"):
        answer = door.patiently(path)
        said = (answer.body + str(answer.headers).encode()).lower()
        assert not re.search(rb"(jupyterhub|tornado|python|nginx)[/ ]v?\d", said), path
