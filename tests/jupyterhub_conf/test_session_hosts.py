"""With a session domain: each login's host, the hub's cookies and the gate, with JupyterHub's own classes."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cookies
import gate
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyterhub.handlers import BaseHandler
from jupyterhub.utils import subdomain_hook_idna
from pydantic import TypeAdapter, ValidationError
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine, parse_cookie
from tornado.web import Application, HTTPError
from traitlets.config import PyFileConfigLoader

from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGINS, Login
from tests.jupyterhub_conf.conftest import CONFIGURATION

DOMAIN = "big-data.example"
PATTERN = Login.__metadata__[0].pattern.removesuffix("$")  # type: ignore[attr-defined]


@pytest.fixture
def config(site_json: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def load(domain: str | None) -> Any:
        site = site_json(session_domain=domain, url=f"https://{domain or '192.0.2.1'}/")
        monkeypatch.setenv("JUPYTERHUB_SITE", str(site))
        monkeypatch.setenv("CULLER_API_TOKEN", "0" * 32)
        return PyFileConfigLoader("jupyterhub_config.py", path=str(CONFIGURATION)).load_config()

    return load


def test_the_hub_gives_each_session_a_host_only_where_the_site_has_the_names(
    config: Callable[..., Any],
) -> None:
    assert config(DOMAIN).JupyterHub.subdomain_host == f"https://{DOMAIN}"
    assert config(DOMAIN).JupyterHub.cookie_host_prefix_enabled is True
    assert "subdomain_host" not in config(None).JupyterHub
    # The prefix requires the path `/`: on a shared host, the cookie would be sent to all sessions.
    assert "cookie_host_prefix_enabled" not in config(None).JupyterHub


@given(st.from_regex(rf"{PATTERN}\Z", fullmatch=True).filter(lambda login: len(login) <= 31))
def test_every_login_is_the_name_of_its_host(login: str) -> None:
    """nginx and the gate use the login as the host's label; JupyterHub would encode any other login."""
    assert subdomain_hook_idna(login, DOMAIN, "user") == f"{login}.{DOMAIN}"


@pytest.mark.parametrize("login", ["a_b", "a--b", "a.b", "a-", "-a", "1", "é", "a@b"])
def test_a_login_that_is_no_name_of_a_host_is_refused_there(
    config: Callable[..., Any], login: str
) -> None:
    assert subdomain_hook_idna(login, DOMAIN, "user") != f"{login}.{DOMAIN}"
    with pytest.raises(ValidationError):
        TypeAdapter(Login).validate_python(login)
    assert not re.match(config(DOMAIN).Authenticator.username_pattern, login)


def test_the_hub_takes_the_logins_of_accounts_files(config: Callable[..., Any]) -> None:
    allowed = config(DOMAIN).Authenticator.username_pattern
    for login in ("alix", "mdupont2", "a-b-c", *SMOKE_LOGINS):
        assert re.match(allowed, login)


def handler(kind: type, uri: str, **more: Any) -> Any:
    """Return one of the hub's handlers, for a request of the logged-in user demo."""
    wire = SimpleNamespace(set_close_callback=lambda _: None, no_keep_alive=False)
    request = HTTPServerRequest(
        start_line=RequestStartLine("GET", uri, "HTTP/1.1"),
        headers=HTTPHeaders({"Host": DOMAIN}),
        connection=wire,
    )
    user = SimpleNamespace(
        escaped_name="demo", base_url="/user/demo/", host=f"https://demo.{DOMAIN}"
    )
    found = kind(Application([], hub=SimpleNamespace(base_url="/hub/"), **more), request)
    found._jupyterhub_user = user
    return found


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SESSION_GATE_SECRET", "s")
    monkeypatch.setattr(gate.HostGate, "lasts_s", layout.LOGIN_S, raising=False)
    monkeypatch.setattr(gate.HostGate, "current_user", property(lambda self: self._jupyterhub_user))


def through(uri: str, browser: str) -> str:
    found = handler(gate.HostGate, uri)
    told: list[str] = []
    found.redirect = told.append
    asyncio.run(found.get(browser, uri))
    return told[0]


BROWSER = "0123456789abcdef" * 2


def test_a_pass_is_for_one_browser_and_one_session() -> None:
    place = through(f"/hub/gate/{BROWSER}/user/demo/lab/tree/a%20b?x=//y", BROWSER)
    found = re.fullmatch(
        rf"https://demo\.{DOMAIN}/gate/(\S{{22}}\.\d+)(/user/demo/lab/tree/a%20b\?x=//y)", place
    )
    assert found, place
    expires = int(found[1].partition(".")[2])
    assert found[1] == gate.pass_for("demo", expires=expires, secret="s", browser=BROWSER)
    for other in (
        gate.pass_for("demo", expires=expires, secret="s"),
        gate.pass_for("demo", expires=expires, secret="s", browser="0" * 32),
        gate.pass_for("alix", expires=expires, secret="s", browser=BROWSER),
    ):
        assert found[1] != other
    assert through(f"/hub/gate/{BROWSER}/user/demo", BROWSER).endswith("/user/demo/")


@pytest.mark.parametrize(
    "target",
    [
        *("/user/alix/", "//evil.example/", "/user/demo.evil.example/", "/user/demox/", "/hub/"),
        *("/user/../user/alix/", "/user/%64emo/", "@evil.example/user/demo/", ""),
    ],
)
def test_nobody_gets_a_pass_for_anything_else(target: str) -> None:
    with pytest.raises(HTTPError) as refused:
        through(f"/hub/gate/{BROWSER}{target}", BROWSER)
    assert refused.value.status_code == 403


def test_the_hubs_cookies_name_no_domain() -> None:
    cookies.hold()
    found = handler(BaseHandler, "/hub/home", subdomain_host=f"https://{DOMAIN}", domain=DOMAIN, base_url="/")  # fmt: skip
    found.set_session_cookie()
    found.clear_cookie("jupyterhub-session-id", path="/", domain=DOMAIN)
    said = found._new_cookie.output()
    assert "jupyterhub-session-id" in said
    assert "domain" not in said.lower()


@pytest.mark.parametrize("before", ["", "\x85", "\xa0", "\u2000", "\u2028", "\u3000", "\ufeff"])
@pytest.mark.parametrize("after", ["\x85", "\xa0", "\u2000", "\u2028"])
def test_no_odd_name_is_read_as_one_that_only_its_host_may_set(before: str, after: str) -> None:
    """Another host may set a cookie of any name without the prefix; browsers send names in UTF-8, tornado reads bytes."""
    name = f"{before}__Host-jupyterhub-hub-login{after}"
    line = f"{name}=evil".encode().decode("latin-1")
    assert "__Host-jupyterhub-hub-login" not in parse_cookie(line)
