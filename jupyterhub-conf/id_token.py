"""Verifies an ID token of OpenID Connect: who signed it, for whom, for which login, and until when."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import jwt

# Signatures with a public key, by the type of that key. `none` proves nothing, and with HMAC anybody who knows the
# client's secret, or can pass a public key off as one, could sign.
KINDS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
ALGORITHMS = tuple(one for kind in KINDS.values() for one in kind)
SHORTEST_RSA_BITS = 2048
# How far the provider's clock may be off.
LEEWAY_S = 60


class TokenRefused(Exception):
    """The token proves nothing; the message is for the journal."""


class UnknownKey(TokenRefused):
    """No key of the provider fits: it may have a new one."""


def verified(
    token: str, *, keys: Sequence[Mapping[str, Any]], issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """Return the claims of a token that the issuer signed with one of `keys` (JWK) for this client and this login.

    Raises TokenRefused."""
    try:
        header = jwt.get_unverified_header(token)
        algorithm = str(header.get("alg"))
        if algorithm not in ALGORITHMS:
            raise TokenRefused(f"it is signed by {algorithm!r}, which proves nothing")
        claims: dict[str, Any] = jwt.decode(
            token,
            key=_key(header.get("kid"), algorithm, keys),
            algorithms=[algorithm],
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY_S,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise TokenRefused(f"{type(error).__name__}: {error}") from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise TokenRefused("it was made for another client (azp)")
    if not isinstance(claims.get("nonce"), str):
        raise TokenRefused("it has no nonce")
    if not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise TokenRefused("its nonce is that of another login")
    return claims


def _key(kid: Any, algorithm: str, keys: Sequence[Mapping[str, Any]]) -> Any:
    """Return the one key that may have signed: of the token's name if it has one, of its type, and for signatures."""
    fitting = [
        key
        for key in keys
        if algorithm in KINDS.get(str(key.get("kty")), ())
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fitting) != 1:
        raise UnknownKey(
            f"{len(fitting)} keys of the provider fit {algorithm} and the name {kid!r}"
        )
    made = jwt.PyJWK(dict(fitting[0]), algorithm=algorithm).key
    if algorithm in KINDS["RSA"] and made.key_size < SHORTEST_RSA_BITS:
        raise TokenRefused(f"the provider's key has {made.key_size} bits only")
    return made
