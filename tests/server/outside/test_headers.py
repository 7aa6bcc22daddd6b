"""Security headers of every answer, of pages, errors, redirects and sessions, and headers that must be absent."""

import re
from collections.abc import Iterator

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.escapes.conftest import address_of
from tests.server.outside.conftest import Note
from tests.server.outside.door import Answer, Door
from tests.smoke.hub import Hub

WANTED = {
    "Strict-Transport-Security": r"max-age=\d{8,}",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY|SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": r".*camera=\(\).*",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": r".*frame-ancestors '(none|self)'.*",
}
CSP = "Content-Security-Policy"
ONCE = (*WANTED, "Server", "Content-Type", "Date", "Content-Length", "Location")
HIDDEN = ("X-JupyterHub-Version", "X-Powered-By", "Via", "Service-Worker-Allowed")
OF_NGINX = {"/": 200, "/style.css": 200, "/charte.html": 200, "/nothing": 404, "/404.html": 404}
OF_THE_HUB = {
    "/hub/login": 200,
    "/hub/": 302,
    "/hub/home": 302,
    "/hub/nothing": 404,
    "/hub/api/user": 403,
    "/hub/api/": 404,
    "/hub/health": 200,
    "/user/demo/": 302,
}
OF_A_SESSION = {
    "/user/demo/lab": 200,
    "/user/demo/api/status": 200,
    "/user/demo/static/nothing": 404,
    "/user/demo/api/contents/nothing": 404,
    "/user/demo/static/favicons/favicon.ico": 200,
}
# Sources that make a policy worthless, by the first rules of CSP Evaluator.
WORTHLESS = ("'unsafe-eval'", "'unsafe-inline'", "*", "http:", "https:")


def assert_headers(answer: Answer, path: str) -> None:
    wrong = {
        name: answer.header(name)
        for name, pattern in WANTED.items()
        if not re.fullmatch(pattern, answer.header(name))
    }
    assert not wrong, f"{path}: {wrong}"
    # A session's own Content-Security-Policy is sent besides the web server's.
    once = [name for name in ONCE if name != CSP or not path.startswith("/user/")]
    twice = {name: answer.every(name) for name in once if len(answer.every(name)) > 1}
    assert not twice, f"{path} says twice: {twice}"
    told = {name: answer.header(name) for name in HIDDEN if answer.header(name)}
    assert not told, f"{path} tells {told}"
    assert answer.header("Server") in ("", "nginx"), f"{path} tells {answer.header('Server')}"


@pytest.mark.parametrize("path", OF_NGINX)
def test_static_pages_carry_every_header(path: str, door: Door) -> None:
    answer = door.ask(path)
    assert answer.status == OF_NGINX[path]
    assert_headers(answer, path)
    policy = answer.header("Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert not [word for word in WORTHLESS if word in policy.split()]


@pytest.mark.parametrize("path", OF_THE_HUB)
def test_the_hubs_pages_carry_every_header(path: str, door: Door) -> None:
    answer = door.ask(path)
    assert answer.status == OF_THE_HUB[path], answer.header("Location")
    assert_headers(answer, path)
    assert answer.header("X-Frame-Options") == (
        "SAMEORIGIN" if path.startswith("/user/") else "DENY"
    )


def test_the_hubs_scripts_are_its_own_alone(door: Door) -> None:
    policy = door.ask("/hub/login").header("Content-Security-Policy")
    # JupyterHub's default policy only forbids frames.
    for rule in ("default-src 'none'", "script-src 'sha256-", "frame-ancestors 'none'"):
        assert rule in policy, policy
    assert not [word for word in WORTHLESS if word in policy.replace(";", "").split()]


@pytest.fixture(scope="module")
def at_work(demo: Analyst) -> Iterator[dict[str, str]]:
    """Give the cookies of a browser that has opened a session."""
    session = demo.open_session()
    yield {"Cookie": demo.hub.cookies_for("/user/demo/")}
    session.kernel.close()


@pytest.mark.parametrize("path", OF_A_SESSION)
def test_a_sessions_pages_carry_every_header(
    path: str, door: Door, at_work: dict[str, str]
) -> None:
    answer = door.ask(path, headers=at_work)
    assert answer.status == OF_A_SESSION[path]
    assert_headers(answer, path)
    # The web server's policy, besides the session's own.
    policy = answer.every("Content-Security-Policy")[-1]
    for rule in ("default-src 'self'", "connect-src 'self'", "form-action 'self'"):
        assert rule in policy, path


def test_a_session_speaks_for_its_own_path_alone(demo: Analyst, door: Door, note: Note) -> None:
    """A user's own server in the session answers under our host name; it is requested directly and through nginx."""
    session = demo.open_session()
    home = f"/home/{demo.login}"
    evil = {
        "Service-Worker-Allowed": "/",
        "Clear-Site-Data": '"*"',
        "X-Frame-Options": "ALLOWALL",
        "Strict-Transport-Security": "max-age=0",
        "X-Accel-Redirect": "/charte.html",
    }
    settings = f"c.ServerApp.tornado_settings = {{'headers': {evil!r}}}\n"
    place = f"{home}/.jupyter/jupyter_server_config.py"
    try:
        session.run(
            f"os.makedirs('{home}/.jupyter', exist_ok=True); open('{place}', 'w').write({settings!r})"
        )
        demo.hub.stop()
        demo.start("petite")
        path = f"/user/{demo.login}/api/status"
        inside = demo.server.succeed(
            f"curl --silent --include http://{address_of(demo.server, demo)}:{layout.SESSION_PORT}{path}"
        )
        assert "max-age=0" in inside, f"the session does not say it, nothing is proven: {inside}"
        demo.hub.enter()
        answer = door.ask(path, headers={"Cookie": demo.hub.cookies_for(path)})
        assert answer.status == 200
        assert_headers(answer, path)
        assert not answer.header("Clear-Site-Data")
        assert b"kernels" in answer.body, "nginx followed the session's redirect"
    finally:
        demo.server.execute(f"rm -f {demo.home}/.jupyter/jupyter_server_config.py")
        demo.hub.stop()
    note(
        "a session's headers for the whole site",
        tried=", ".join(evil),
        answer="ours alone",
        by="nginx: proxy_hide_header, proxy_ignore_headers",
    )


def test_errors_carry_every_header(door: Door) -> None:
    """So do errors that nginx sends before it has parsed the path."""
    for sent, status in (
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"POST /hub/login HTTP/1.1\r\nHost: %s\r\nContent-Length: 999999\r\n\r\n", 413),
        (b"GET /%s HTTP/1.1\r\nHost: %%s\r\n\r\n" % (b"a" * 40_000), 414),
        (b"TRACE / HTTP/1.1\r\nHost: %s\r\n\r\n", 405),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    ):
        raw = sent.replace(b"%s", door.address.encode())
        answer = door.send(raw)
        assert answer.status == status, raw[:80]
        assert_headers(answer, str(status))


def test_cookies_are_for_this_site_alone(site: Site, demo: Analyst, note: Note) -> None:
    hub = Hub(site.url, trust=demo.trust)
    answer = hub.submit("/hub/login", {"username": demo.login, "password": demo.password})
    said = answer.raw.headers.getlist("Set-Cookie")
    said += hub.get("/hub/login", allow_redirects=False).raw.headers.getlist("Set-Cookie")
    said += hub.get("/hub/home", allow_redirects=False).raw.headers.getlist("Set-Cookie")
    names = {cookie.partition("=")[0] for cookie in said}
    assert "jupyterhub-hub-login" in names, names
    for cookie in said:
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        name = cookie.partition("=")[0]
        assert {"secure", "samesite=lax"} <= flags, cookie[:40] + str(flags)
        # Scripts of pages must read this cookie, to send the token in a header.
        assert name == "_xsrf" or "httponly" in flags, name
        assert cookie.lower().count("samesite") == 1, name
        assert not [flag for flag in flags if flag.startswith("domain=")], name
    note("stolen cookie", tried=", ".join(sorted(names)), answer="flags set", by="hub and nginx")


def test_an_unknown_host_is_not_repeated(door: Door, note: Note) -> None:
    assert door.ask("/x", port=80).header("Location") == f"https://{door.address}/x"
    for port in (80, 443):
        for host in ("evil.example", f"{door.address}.evil.example", f"x@{door.address}", ""):
            answer = door.ask("/hub/", host=host, port=port)
            assert answer.status in (400, 421), f"{host!r} on {port}: {answer}"
            assert b"evil" not in answer.body
            assert "evil" not in str(answer.headers)
    whole = b"GET http://evil.example/hub/ HTTP/1.1\r\nHost: %s\r\n\r\n" % door.address.encode()
    assert door.send(whole).status == 421
    for extra in ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL"):
        answer = door.ask("/hub/home", headers={extra: "host=evil.example"})
        assert answer.status == 302
        assert "evil" not in str(answer.headers)
    note(
        "Host of another site",
        tried="4 names, 4 headers",
        answer="421, 400",
        by="nginx: server_name",
    )


def test_redirects_stay_on_the_site(site: Site, door: Door, demo: Analyst, note: Note) -> None:
    """After a login, the parameter `next` does not redirect to another site."""
    for place in ("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example"):
        hub = Hub(site.url, trust=demo.trust)
        page = hub.submit(
            f"/hub/login?next={place}", {"username": demo.login, "password": demo.password}
        )
        assert page.status_code == 302, "the login failed: nothing is proven"
        assert re.match(r"/(?![/\\])", page.headers["Location"]), page.headers["Location"]
    for path in ("//evil.example/%2f..", "/\\evil.example", "/%5cevil.example/", "//evil.example"):
        answer = door.ask(path)
        assert not re.match(r"(https?:)?[/\\]{2}(?!198\.)", answer.header("Location")), path
    note("redirect elsewhere", tried="next=, //host", answer="own paths", by="JupyterHub")


def test_other_sites_read_nothing(door: Door, note: Note) -> None:
    for path in ("/hub/login", "/hub/api/user", "/"):
        for method in ("GET", "OPTIONS"):
            answer = door.ask(path, method=method, headers={"Origin": "https://evil.example"})
            assert not answer.header("Access-Control-Allow-Origin"), path
            assert not answer.header("Access-Control-Allow-Credentials"), path
    note("CORS", tried="Origin: elsewhere", answer="no permission", by="JupyterHub's default")
