"""Runs the provider, and goes through its forms as a browser does."""

import html
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from infra.components.web.certificates import Certificate
from tests.infra.components.web.front import free_port, running
from tests.npm import installed, node
from tests.pace import patience
from tests.smoke.hub import Hub

HERE = Path(__file__).parent
CLIENT = "bigdata"
TIMEOUT_S = 30


@dataclass(frozen=True)
class AtWork:
    issuer: str
    oidc: dict[str, Any]
    """The settings of the hub that say so (class Oidc of jupyterhub-conf/settings.py)."""


def oidc(folder: Path, *, issuer: str, secret: str, **changes: Any) -> dict[str, Any]:
    """Return the hub's settings of a provider, and write the hub's secret there."""
    (folder / "secret").write_text(secret)
    return {
        "issuer": issuer,
        "client_id": CLIENT,
        "secret_file": str(folder / "secret"),
        "trusted": "/etc/ssl/certs/ca-certificates.crt",
        "username_claim": "preferred_username",
        "group_claim": "groups",
        "groups": ["analystes", "statisticiens"],
        "acr": [],
        "amr": [],
        "scopes": ["profile"],
        "logout": True,
        "refused_logins": ["smoke-test"],
        **changes,
    }


@contextmanager
def providing(
    folder: Path,
    *,
    hub: str,
    people: dict[str, dict[str, Any]],
    strengths: dict[str, dict[str, Any]] | None = None,
    address: str = "127.0.0.1",
    certificate: Certificate | None = None,
    port: int | None = None,
    secret: str = "",
    name: str = "",
) -> Iterator[AtWork]:
    """Run the provider for the hub at that URL. `people` has the claims of each, `strengths` how they log in (acr, amr)."""
    port = port or free_port()
    issuer = f"http{'s' if certificate else ''}://{name or address}:{port}"
    # With signs that have a meaning in a form, so that they must be encoded.
    secret = secret or f"{secrets.token_urlsafe(16)}+%&="
    settings = {
        "issuer": issuer,
        "port": port,
        "packages": str(installed(HERE, "oidc-provider") / "node_modules"),
        "client_id": CLIENT,
        "client_secret": secret,
        "callback": f"{hub}/hub/oauth_callback",
        "signed_out": f"{hub}/hub/signed-out",
        "people": people,
        "strengths": strengths or {},
        "address": address,
    }
    if certificate:
        for name, content in (("certificate", certificate.chain), ("key", certificate.key)):
            (folder / f"{name}.pem").write_bytes(content)
            settings[name] = str(folder / f"{name}.pem")
    place = folder / "provider.json"
    place.write_text(json.dumps(settings))
    command = [str(node()), str(HERE / "provider.mjs"), str(place)]
    with running(command, port=port, address=address, log=folder / "provider.log"):
        yield AtWork(issuer, oidc(folder, issuer=issuer, secret=secret))


def log_in(browser: Hub, login: str, *, path: str = "/hub/login") -> requests.Response:
    """Press the login page's button, go through the provider, and return the page where this ends."""
    page = browser.get(path)
    button = re.search(r'id="login_provider" class="button" href="([^"]+)"', page.text)
    assert button, page.text
    browser.login = login
    return through_forms(browser.http, f"{browser.url}{html.unescape(button[1])}", login)


def told(page: requests.Response) -> str:
    """Return what a page of the hub says in its alert; empty without one."""
    found = re.search(r'(?s)role="alert">(.*?)</p>', page.content.decode())
    return found[1] if found else ""


def through_forms(http: requests.Session, url: str, login: str) -> requests.Response:
    """Follow links and fill in the provider's forms (login, consent, logout) until a page has none of its forms; return it."""
    page = http.get(url, timeout=patience(TIMEOUT_S))
    for _ in range(6):
        form = re.search(
            r'(?s)<form[^>]*action="([^"]+)"[^>]*method="post"', page.text
        ) or re.search(r'(?s)<form[^>]*method="post"[^>]*action="([^"]+)"', page.text)
        if not form or "/hub/" in page.url:
            return page
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        if 'name="login"' in page.text:
            fields |= {"login": login, "password": "any"}
        if 'name="logout"' in page.text:
            fields["logout"] = "yes"
        page = http.post(
            urljoin(page.url, html.unescape(form[1])), data=fields, timeout=patience(TIMEOUT_S)
        )
    raise AssertionError(f"the forms of {url} have no end: {page.text[:500]}")
