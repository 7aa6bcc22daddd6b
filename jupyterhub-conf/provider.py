"""Talks to the site's provider of OpenID Connect: its discovery document, its keys, codes for tokens, user information."""

import base64
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import id_token
from admission import AWAY, TROUBLE, LoginRefused, wanted_claims
from settings import Oidc
from tornado.httpclient import HTTPClientError

DISCOVERY = ".well-known/openid-configuration"
# How long the discovery document is kept: not for long, since it also shows that the provider is there.
DOCUMENT_S = 30.0
# How long the keys are kept; one that is unknown is looked for at most once a minute.
KEYS_S, UNKNOWN_S = 3600.0, 60.0
BROKEN = 500
LOOPBACK = ("127.0.0.1", "::1", "localhost")

Fetch = Callable[..., Awaitable[Any]]


class ProviderAway(LoginRefused):
    """The provider does not answer, or not as a provider does."""

    def __init__(self, reason: str, *, status_there: int = 0) -> None:
        super().__init__(AWAY, f"the provider: {reason}", status=503)
        self.status_there = status_there


@dataclass(frozen=True)
class Endpoints:
    """What the discovery document says, checked."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    basic: bool
    """Whether the client's secret goes into a header."""


class Provider:
    """`fetch` gets a URL and answers with the JSON that it finds there."""

    def __init__(
        self, oidc: Oidc, *, secret: str, fetch: Fetch, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.oidc = oidc
        self._secret = secret
        self._fetch = fetch
        self._clock = clock
        self._endpoints: tuple[float, Endpoints] | None = None
        self._keys: tuple[float, list[dict[str, Any]]] | None = None

    async def endpoints(self) -> Endpoints:
        """Return the checked discovery document. Raises ProviderAway."""
        if self._endpoints is None or self._clock() - self._endpoints[0] > DOCUMENT_S:
            found = await self._json(f"{self.oidc.issuer.rstrip('/')}/{DISCOVERY}")
            self._endpoints = (self._clock(), read_discovery(found, issuer=self.oidc.issuer))
        return self._endpoints[1]

    async def claims(
        self, *, code: str, verifier: str, callback: str, nonce: str
    ) -> tuple[dict[str, Any], str]:
        """Return the verified claims of who logged in, and the ID token, for a code. Raises LoginRefused."""
        places = await self.endpoints()
        given = await self._exchange(places, code=code, verifier=verifier, callback=callback)
        token = given.get("id_token")
        if not isinstance(token, str):
            raise LoginRefused(TROUBLE, "the provider gave no ID token")
        found = await self._verified(token, nonce=nonce, places=places)
        lacking = [one for one in wanted_claims(self.oidc) if one not in found]
        if lacking and places.userinfo is not None:
            told = await self._json(
                places.userinfo, headers={"Authorization": f"Bearer {given.get('access_token')}"}
            )
            # Otherwise a token of one person could be sent with the information of another.
            if told.get("sub") != found["sub"]:
                raise LoginRefused(TROUBLE, "the user information is that of another person")
            found |= {one: told[one] for one in lacking if one in told}
        return found, token

    async def _exchange(
        self, places: Endpoints, *, code: str, verifier: str, callback: str
    ) -> dict[str, Any]:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if places.basic:
            pair = f"{quote_plus(self.oidc.client_id)}:{quote_plus(self._secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            fields |= {"client_id": self.oidc.client_id, "client_secret": self._secret}
        try:
            return await self._json(
                places.token, method="POST", headers=headers, body=urlencode(fields)
            )
        except ProviderAway as error:
            if error.status_there in range(400, BROKEN):
                raise LoginRefused(TROUBLE, f"the code is refused: {error}") from error
            raise

    async def _verified(self, token: str, *, nonce: str, places: Endpoints) -> dict[str, Any]:
        expected = {
            "issuer": self.oidc.issuer,
            "client_id": self.oidc.client_id,
            "nonce": nonce,
        }
        try:
            try:
                return id_token.verified(token, keys=await self._known(places, KEYS_S), **expected)
            except id_token.UnknownKey:
                keys = await self._known(places, UNKNOWN_S)
                return id_token.verified(token, keys=keys, **expected)
        except id_token.TokenRefused as error:
            raise LoginRefused(TROUBLE, f"the ID token: {error}") from error

    async def _known(self, places: Endpoints, kept_s: float) -> list[dict[str, Any]]:
        if self._keys is None or self._clock() - self._keys[0] > kept_s:
            keys = (await self._json(places.keys)).get("keys")
            if not isinstance(keys, list):
                raise ProviderAway("its keys are no list")
            self._keys = (self._clock(), [one for one in keys if isinstance(one, dict)])
        return self._keys[1]

    async def _json(self, url: str, **options: Any) -> dict[str, Any]:
        """Return the object that a URL answers with. Raises ProviderAway."""
        place = urlsplit(url)._replace(query="").geturl()
        try:
            found = await self._fetch(url, **options)
        except HTTPClientError as error:
            raise ProviderAway(f"{place}: {error}", status_there=error.code) from error
        except (OSError, ValueError) as error:
            raise ProviderAway(f"{place}: {error}") from error
        if not isinstance(found, dict):
            raise ProviderAway(f"{place} answers with no object")
        return found


def read_discovery(found: dict[str, Any], *, issuer: str) -> Endpoints:
    """Return the endpoints of a discovery document. Raises ProviderAway unless it is the issuer's and can be used."""
    if found.get("issuer") != issuer:
        raise ProviderAway(f"it calls itself {found.get('issuer')!r}, and the site {issuer!r}")
    if "code" not in found.get("response_types_supported", ["code"]):
        raise ProviderAway("it has no authorization code flow")
    if "S256" not in found.get("code_challenge_methods_supported", ["S256"]):
        raise ProviderAway("it has no PKCE by S256")

    def place(name: str, *, needed: bool = True) -> str | None:
        url = found.get(name)
        if url is None and not needed:
            return None
        if not isinstance(url, str) or not _is_safe(url, issuer=issuer):
            raise ProviderAway(f"its {name} is {url!r}")
        return url

    methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Endpoints(
        authorization=str(place("authorization_endpoint")),
        token=str(place("token_endpoint")),
        keys=str(place("jwks_uri")),
        userinfo=place("userinfo_endpoint", needed=False),
        end_session=place("end_session_endpoint", needed=False),
        basic="client_secret_basic" in methods,
    )


def _is_safe(url: str, *, issuer: str) -> bool:
    """Whether it is https, or, for a provider on this machine, on this machine too."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    here = parts.scheme == "http" and parts.hostname in LOOPBACK
    return here and urlsplit(issuer).hostname in LOOPBACK
