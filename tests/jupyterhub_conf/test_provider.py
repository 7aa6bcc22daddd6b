"""What the hub reads of a provider: its discovery document and keys, and how strongly people have proven who they are."""

import asyncio
import time
from typing import Any

import jwt
import pytest
from admission import LoginRefused, refuse_outsiders
from cryptography.hazmat.primitives.asymmetric import rsa
from provider import DOCUMENT_S, KEYS_S, UNKNOWN_S, Provider, ProviderAway, read_discovery
from settings import Oidc

from tests.provider.hostile import public

ISSUER = "https://sso.example/realms/agents"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}
OIDC = Oidc(
    issuer=ISSUER,
    client_id="bigdata",
    secret_file="/secret",
    trusted="/trusted",
    username_claim="preferred_username",
    group_claim=None,
    groups=[],
    acr=["eidas2", "eidas3"],
    amr=["mfa", "pwd"],
    scopes=[],
    logout=True,
    refused_logins=[],
)


def test_a_discovery_document_says_where_all_is() -> None:
    found = read_discovery(DOCUMENT, issuer=ISSUER)
    assert (found.authorization, found.token) == (f"{ISSUER}/auth", f"{ISSUER}/token")
    assert (found.userinfo, found.end_session, found.basic) == (None, None, True)
    other = read_discovery(
        {
            **DOCUMENT,
            "end_session_endpoint": f"{ISSUER}/end",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        },
        issuer=ISSUER,
    )
    assert (other.end_session, other.basic) == (f"{ISSUER}/end", False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": f"{ISSUER}/"},
        {"issuer": "https://sso.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://sso.example/token"},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"token_endpoint": "/token"},
        {"token_endpoint": 7},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/passwd"},
        {"end_session_endpoint": "http://sso.example/end"},
        {"response_types_supported": ["id_token"]},
        {"code_challenge_methods_supported": ["plain"]},
    ],
)
def test_a_document_of_another_issuer_or_in_the_clear_is_not_used(wrong: dict[str, Any]) -> None:
    with pytest.raises(ProviderAway):
        read_discovery({**DOCUMENT, **wrong}, issuer=ISSUER)


def test_a_provider_on_this_machine_needs_no_https_and_stays_on_it() -> None:
    here = {name: url.replace(ISSUER, "http://127.0.0.1:9") for name, url in DOCUMENT.items()}
    assert read_discovery(here, issuer="http://127.0.0.1:9").keys == "http://127.0.0.1:9/keys"
    with pytest.raises(ProviderAway):
        read_discovery({**here, "jwks_uri": "http://sso.example/keys"}, issuer="http://127.0.0.1:9")


STRONG = {"acr": "eidas2", "amr": ["pwd", "otp", "mfa"]}


def test_who_has_proven_enough_gets_in() -> None:
    refuse_outsiders(STRONG, OIDC)


@pytest.mark.parametrize(
    "weak",
    [
        {"acr": "eidas1"},
        {"acr": None},
        {"acr": ["eidas2"]},
        {"acr": "eidas2 eidas3"},
        {"amr": ["pwd"]},
        {"amr": []},
        {"amr": None},
        {"amr": "pwd mfa"},
    ],
)
def test_who_has_proven_less_is_told_to_use_a_second_factor(weak: dict[str, Any]) -> None:
    with pytest.raises(LoginRefused) as refused:
        refuse_outsiders(STRONG | weak, OIDC)
    assert "second facteur" in refused.value.french


class Rotating:
    """A provider whose key of each generation has a name of its own."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = 1000.0
        self.generation = 0
        self.keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in "ab"]
        self.known = Provider(OIDC, secret="s", fetch=self.fetch, clock=lambda: self.now)

    async def fetch(self, url: str, **_: Any) -> Any:
        self.asked.append(url.rpartition("/")[2])
        if url.endswith("/keys"):
            return {"keys": [public(self.keys[self.generation], str(self.generation))]}
        if url.endswith("/token"):
            seconds = int(time.time())
            claims = {"iss": ISSUER, "sub": "s", "aud": "bigdata", "nonce": "n", "iat": seconds,
                      "exp": seconds + 60, "preferred_username": "demo"}  # fmt: skip
            name = str(self.generation)
            signed = jwt.encode(claims, self.keys[self.generation], "RS256", headers={"kid": name})
            return {"id_token": signed, "access_token": "a"}
        return DOCUMENT

    def log_in(self) -> list[str]:
        """Log in, and return what the provider was asked for."""
        self.asked.clear()
        asyncio.run(self.known.claims(code="c", verifier="v", callback="b", nonce="n"))
        return list(self.asked)


def test_document_and_keys_are_kept_for_a_while() -> None:
    provider = Rotating()
    assert provider.log_in() == ["openid-configuration", "token", "keys"]
    assert provider.log_in() == ["token"]
    provider.now += DOCUMENT_S + 1
    assert provider.log_in() == ["openid-configuration", "token"]
    provider.now += KEYS_S
    assert provider.log_in() == ["openid-configuration", "token", "keys"]


def test_a_new_key_is_looked_for_and_not_at_every_request() -> None:
    provider = Rotating()
    provider.log_in()
    provider.generation = 1
    with pytest.raises(LoginRefused):
        provider.log_in()
    assert provider.asked == ["token"], "an unknown key is looked for once a minute"
    provider.now += UNKNOWN_S + 1
    assert provider.log_in() == ["openid-configuration", "token", "keys"]
    assert provider.log_in() == ["token"]
