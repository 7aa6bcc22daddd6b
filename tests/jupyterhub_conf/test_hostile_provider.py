"""What a provider, or somebody in its place, may send to the real hub: only a token for this very login logs anybody in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from infra.components.web.certificates import site_certificate
from infra.settings.site import Tls
from tests.jupyterhub_conf.step_hub import StepHub, serving
from tests.provider.at_work import oidc
from tests.provider.hostile import (
    ELLIPTIC,
    RSA,
    SECRET,
    STRANGERS,
    WEAK,
    FromNow,
    Hostile,
    encoded,
    hashed,
    hostile,
    public,
    public_pem,
)
from tests.smoke.hub import Hub

Place = tuple[StepHub, Hostile]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("hub")
    with hostile() as provider:
        settings = oidc(folder, issuer=provider.issuer, secret=SECRET)
        with serving(folder, second_factor=False, oidc=settings) as hub:
            yield hub, provider


@pytest.fixture
def place(running: Place) -> Place:
    running[0].forget()
    running[1].forget()
    return running


def logs_in(hub: StepHub) -> tuple[bool, int]:
    """Whether a new browser gets in, and the status of the last page."""
    browser = hub.browser()
    page = browser.get("/hub/oauth_login")
    return browser.is_logged_in(), page.status_code


def signed(key: Any, algorithm: str, **header: Any) -> Any:
    return lambda claims: jwt.encode(claims, key, algorithm, headers=header)


def altered(claims: dict[str, Any]) -> str:
    """Return a good token of somebody else, whose claims were then replaced."""
    head, _, tail = jwt.encode(
        {**claims, "preferred_username": "x"}, RSA, "RS256", headers={"kid": "rsa"}
    ).split(".")
    return f"{head}.{encoded(claims)}.{tail}"


GOOD: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "with an elliptic key": {"sign": signed(ELLIPTIC, "ES256", kid="ec")},
    "with PSS": {"sign": signed(RSA, "PS256", kid="rsa")},
    "for several, of whom we asked": {"claims": {"aud": ["x", "bigdata"], "azp": "bigdata"}},
    "with claims from the user information": {
        "claims": {"preferred_username": None, "groups": None},
        "userinfo": {"preferred_username": "demo", "groups": ["analystes"]},
    },
    "from a clock that is a little behind": {"claims": {"exp": FromNow(-5)}},
}
BAD: dict[str, dict[str, Any]] = {
    "of another issuer": {"claims": {"iss": "http://127.0.0.1:1"}},
    "of our issuer with a slash": {"claims": {"iss": "SLASH"}},
    "for another client": {"claims": {"aud": "other"}},
    "for others than us": {"claims": {"aud": ["other", "another"]}},
    "for several, of whom another asked": {"claims": {"aud": ["x", "bigdata"], "azp": "x"}},
    "for several, of whom none says who asked": {"claims": {"aud": ["x", "bigdata"]}},
    "for us, asked by another": {"claims": {"azp": "x"}},
    "for nobody": {"claims": {"aud": None}},
    "of another login": {"claims": {"nonce": "of-another-login"}},
    "of no login": {"claims": {"nonce": None}},
    "of a login that is no text": {"claims": {"nonce": ["x"]}},
    "expired": {"claims": {"iat": FromNow(-900), "exp": FromNow(-600)}},
    "without an end": {"claims": {"exp": None}},
    "from tomorrow": {"claims": {"iat": FromNow(86400), "exp": FromNow(90000)}},
    "not valid yet": {"claims": {"nbf": FromNow(3600)}},
    "without a subject": {"claims": {"sub": None}},
    "without a signature": {"sign": lambda claims: jwt.encode(claims, None, "none")},
    "without a signature, in capitals": {
        "sign": lambda claims: f"{encoded({'alg': 'NONE'})}.{encoded(claims)}."
    },
    "with the signature left out": {
        "sign": lambda claims: f"{encoded({'alg': 'RS256', 'kid': 'rsa'})}.{encoded(claims)}."
    },
    "signed with the client's secret": {
        "sign": lambda claims: hashed({"alg": "HS256"}, claims, SECRET.encode())
    },
    "signed with the public key": {
        "sign": lambda claims: hashed({"alg": "HS256", "kid": "rsa"}, claims, public_pem())
    },
    "signed with a stranger's key": {"sign": signed(STRANGERS, "RS256", kid="rsa")},
    "signed with a key that nobody knows": {"sign": signed(STRANGERS, "RS256", kid="new")},
    "signed with a key that it brings along": {
        "sign": signed(STRANGERS, "RS256", kid="rsa", jwk=public(STRANGERS, "own"))
    },
    "signed with a key that is too short": {"sign": signed(WEAK, "RS256", kid="weak")},
    "signed with the key of another type": {"sign": signed(RSA, "RS256", kid="ec")},
    "altered after its signature": {"sign": altered},
    "not a token": {"sign": lambda claims: "a.b.c"},
    "not a text": {"sign": lambda claims: 7},
    "with the information of somebody else": {
        "claims": {"preferred_username": None},
        "userinfo": {"sub": "other", "preferred_username": "demo"},
    },
    "which the provider refuses": {"status": 400, "answer": {"error": "invalid_grant"}},
    "that does not come": {"answer": {"id_token": None}},
    "sent back with another state": {"back": {"state": "another"}},
    "sent back without a state": {"back": {"state": ""}},
    "sent back by another issuer": {"back": {"iss": "http://127.0.0.1:1"}},
    "sent back with an error": {"back": {"error": "access_denied"}},
    "sent back without a code": {"back": {"code": ""}},
}


@pytest.mark.parametrize("how", GOOD)
def test_a_good_token_logs_in(place: Place, how: str) -> None:
    hub, provider = place
    vars(provider).update(GOOD[how])
    assert logs_in(hub) == (True, 200)


@pytest.mark.parametrize("how", BAD)
def test_a_login_is_refused_with_a_token(place: Place, how: str) -> None:
    hub, provider = place
    vars(provider).update(completed(BAD[how], provider.issuer))
    inside, status = logs_in(hub)
    assert not inside
    assert status in (400, 403)
    provider.forget()
    assert logs_in(hub) == (True, 200), "nor does a good one: nothing is proven"


def completed(twist: dict[str, Any], issuer: str) -> dict[str, Any]:
    """Return the twist, with the issuer that is known only now."""
    claims = twist.get("claims", {})
    return {**twist, "claims": {k: f"{issuer}/" if v == "SLASH" else v for k, v in claims.items()}}


def test_a_broken_provider_is_away_and_its_answers_reach_no_page_and_no_journal(
    place: Place,
) -> None:
    hub, provider = place
    provider.status, provider.answer = 500, {"x": "<script>of a broken provider"}
    page = hub.browser().get("/hub/oauth_login")
    assert page.status_code == 503
    assert "ne répond pas" in page.content.decode()
    for place_of_it in (page.text, (hub.folder / "log").read_text()):
        assert "of a broken provider" not in place_of_it


def test_an_error_of_the_provider_is_repeated_on_no_page(place: Place) -> None:
    hub, provider = place
    provider.back = {"error": "x", "error_description": "<b>appelez le 0800</b>"}
    page = hub.browser().get("/hub/oauth_login")
    assert page.status_code == 403
    assert "0800" not in page.text


def test_a_state_that_the_provider_sends_twice_exchanges_one_code(place: Place) -> None:
    hub, provider = place
    browser: Hub = hub.browser()
    way = browser.get("/hub/oauth_login", allow_redirects=False).headers["Location"]
    cookies = browser.http.cookies.copy()
    backs = [browser.http.get(way, allow_redirects=False).headers["Location"] for _ in range(2)]
    assert browser.http.get(backs[0]).status_code == 200
    again = hub.browser()
    again.http.cookies = cookies
    assert again.http.get(backs[1]).status_code == 400
    assert not again.is_logged_in()
    assert provider.exchanged == 1


def test_no_secret_and_no_token_is_in_the_journal(place: Place) -> None:
    hub, provider = place
    sent: list[str] = []
    good = signed(RSA, "RS256", kid="rsa")

    def sign(claims: dict[str, Any]) -> str:
        sent.append(good(claims))
        return sent[-1]

    provider.sign = sign
    assert logs_in(hub) == (True, 200)
    provider.claims = {"nonce": "x"}
    assert logs_in(hub)[0] is False
    said = (hub.folder / "log").read_text()
    assert "its nonce is that of another login" in said
    assert SECRET not in said
    assert len(sent) == 2
    assert not [one for one in sent if one in said]


# As on a server with a session domain, whose pages are at HTTPS.
HOSTS = """
from provider_authenticator import ProviderAuthenticator

server = ProviderAuthenticator.site
ProviderAuthenticator.site = server.model_copy(
    update={"url": "https://big-data.example/", "session_domain": "big-data.example"}
)
c.JupyterHub.public_url = "https://big-data.example/"
c.ProviderAuthenticator.oauth_callback_url = "https://big-data.example/hub/oauth_callback"
"""


def test_no_page_of_a_session_can_replace_a_login_that_was_begun(tmp_path: Path) -> None:
    with hostile() as provider:
        settings = oidc(tmp_path, issuer=provider.issuer, secret=SECRET)
        with serving(tmp_path, second_factor=False, oidc=settings, more=HOSTS) as hub:
            begun = hub.browser().get("/hub/oauth_login", allow_redirects=False)
            kept = next(
                one
                for one in begun.raw.headers.getlist("Set-Cookie")
                if one.startswith("__Host-provider-login=")
            )
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=900"} <= set(
                kept.split("; ")
            )
            assert "Domain" not in kept
            # The second half of a logout, after the session's own host: nobody is logged in any more.
            left = hub.browser().get("/hub/logout", allow_redirects=False).headers["Location"]
            assert left.startswith(f"{provider.issuer}/end?client_id=bigdata&")
            assert (
                "post_logout_redirect_uri=https%3A%2F%2Fbig-data.example%2Fhub%2Fsigned-out" in left
            )


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_provider_with_a_certificate_that_the_server_trusts_is_asked(
    tmp_path: Path, trusted: bool
) -> None:
    for name in ("its", "another"):
        made = site_certificate(
            Tls(authority="own"), names=("127.0.0.1",), state=tmp_path / f"authority-{name}"
        )
        (tmp_path / f"{name}.pem").write_bytes(made.chain + made.key)
    with hostile(tmp_path / "its.pem") as provider:
        authority = tmp_path / f"authority-{'its' if trusted else 'another'}" / "ca.pem"
        settings = oidc(tmp_path, issuer=provider.issuer, secret=SECRET, trusted=str(authority))
        with serving(tmp_path, second_factor=False, oidc=settings) as hub:
            assert logs_in(hub) == ((True, 200) if trusted else (False, 503))
