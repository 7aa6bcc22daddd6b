"""A provider that signs what a test tells it to, and otherwise does what a provider does, without a form."""

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.provider.at_work import CLIENT

SECRET = "secret-of-the-hub-of-this-test-0123456789"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
STRANGERS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - to be refused


def encoded(what: Any) -> str:
    raw = what if isinstance(what, bytes) else json.dumps(what).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public(key: Any, name: str, **more: Any) -> dict[str, Any]:
    kind = jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm  # fmt: skip
    return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": name, **more}


KEYS = [public(RSA, "rsa"), public(ELLIPTIC, "ec"), public(WEAK, "weak")]


def hashed(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """Return a token that HMAC signs, by hand: libraries refuse a public key as its secret."""
    text = f"{encoded(header)}.{encoded(claims)}"
    return f"{text}.{encoded(hmac.new(secret, text.encode(), 'sha256').digest())}"


def public_pem() -> bytes:
    return RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class FromNow:
    """The value of a claim: a time, as seconds after the token is made."""

    seconds: int


@dataclass
class Hostile:
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """In the place of those of a good ID token; None leaves one out."""
    sign: Any = None
    """Makes the token of its claims, in the place of a good signature."""
    userinfo: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    """In the place of what the token endpoint answers."""
    back: dict[str, str] = field(default_factory=dict)
    """In the place of what leads back to the hub."""
    status: int = 200
    exchanged: int = 0
    _asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def begin(self, asked: dict[str, str]) -> str:
        code = secrets.token_urlsafe(8)
        self._asked[code] = asked
        sent = {"code": code, "state": asked["state"], "iss": self.issuer, **self.back}
        return f"{asked['redirect_uri']}?{urlencode({k: v for k, v in sent.items() if v})}"

    def exchange(self, fields: dict[str, str], authorization: str) -> dict[str, Any]:
        self.exchanged += 1
        asked = self._asked.pop(fields["code"])
        challenge = encoded(hashlib.sha256(fields["code_verifier"].encode()).digest())
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        assert challenge == asked["code_challenge"]
        assert [unquote_plus(part) for part in given] == [CLIENT, SECRET]
        assert fields["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "subject",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "demo",
            "groups": ["analystes"],
            **self.claims,
        }
        claims = {
            name: now + value.seconds if isinstance(value, FromNow) else value
            for name, value in claims.items()
            if value is not None
        }
        sign = self.sign or (lambda good: jwt.encode(good, RSA, "RS256", headers={"kid": "rsa"}))
        given_out = {"access_token": "a", "token_type": "Bearer", "id_token": sign(claims)}
        return {**given_out, **self.answer}

    def forget(self) -> None:
        self.claims, self.userinfo, self.answer, self.back = {}, {}, {}, {}
        self.sign, self.status, self.exchanged = None, 200, 0


@contextmanager
def hostile(certificate: Path | None = None) -> Iterator[Hostile]:
    """Run it, by HTTPS with a certificate (PEM, with its key)."""
    provider = Hostile()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            asked = {name: value[0] for name, value in parse_qs(place.query).items()}
            if place.path in ("/auth", "/end"):
                self.send_response(302)
                to = asked.get("post_logout_redirect_uri") or provider.begin(asked)
                self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            found: dict[str, Any] = {
                "/.well-known/openid-configuration": {
                    "issuer": provider.issuer,
                    "authorization_endpoint": f"{provider.issuer}/auth",
                    "token_endpoint": f"{provider.issuer}/token",
                    "jwks_uri": f"{provider.issuer}/keys",
                    "userinfo_endpoint": f"{provider.issuer}/me",
                    "end_session_endpoint": f"{provider.issuer}/end",
                },
                "/keys": {"keys": KEYS},
                "/me": {"sub": "subject", **provider.userinfo},
            }
            self._say(found[place.path])

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {name: value[0] for name, value in parse_qs(text).items()}
            self._say(
                provider.exchange(fields, self.headers["Authorization"]), status=provider.status
            )

        def _say(self, found: dict[str, Any], *, status: int = 200) -> None:
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
