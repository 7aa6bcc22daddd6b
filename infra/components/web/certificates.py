"""Provides the server's certificate: the operator's files, or one signed by the site's own CA in the operator's state
folder.
"""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra.components.web.given import given_certificate
from infra.settings.site import Tls

CA_DAYS = 3650
DAYS = 365
RENEW_DAYS = 30


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain, and its private key, both PEM."""

    chain: bytes
    key: bytes


def site_certificate(
    tls: Tls, *, names: Sequence[str], state: Path, domain: str | None = None
) -> Certificate:
    """Return the certificate to install; one of the site's own CA is renewed 30 days before its end, or for new names.

    Raises DeployRefused for a given certificate that browsers would not accept today for the server or for the sessions'
    hosts."""
    if tls.authority == "files":
        now = datetime.datetime.now(datetime.UTC)
        chain_given, key_given = given_certificate(tls, now=now, domain=domain)
        return Certificate(chain=chain_given, key=key_given)
    authority, authority_key = _authority(state)
    chain, key = state / "server.pem", state / "server.key"
    if not (chain.exists() and key.exists() and _serves(chain.read_bytes(), names, authority)):
        made = _issue(authority, authority_key, names)
        _write(key, made.key, mode=0o600)
        _write(chain, made.chain, mode=0o644)
    return Certificate(chain=chain.read_bytes(), key=key.read_bytes())


def _serves(pem: bytes, names: Sequence[str], authority: x509.Certificate) -> bool:
    certificate = x509.load_pem_x509_certificate(pem)
    there = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    return (
        set(there) == set(_alternative_names(names))
        and left > datetime.timedelta(days=RENEW_DAYS)
        and certificate.issuer == authority.subject
    )


def _authority(state: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate, key = state / "ca.pem", state / "ca.key"
    if not (certificate.exists() and key.exists()):
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        private = ec.generate_private_key(ec.SECP256R1())
        # A unique name: a browser must not confuse the CAs of two sites.
        common = f"Big Data server {state.name} {x509.random_serial_number():x}"[:64]
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        usage = _usage(signs_certificates=True)
        public = private.public_key()
        made = (
            _builder(subject=name, issuer=name, days=CA_DAYS)
            .public_key(public)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(private, hashes.SHA256())
        )
        _write(key, _private_pem(private), mode=0o600)
        _write(certificate, made.public_bytes(serialization.Encoding.PEM), mode=0o644)
    loaded = serialization.load_pem_private_key(key.read_bytes(), password=None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey), f"{key} is not a key that this wrote"
    return x509.load_pem_x509_certificate(certificate.read_bytes()), loaded


def _issue(
    authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> Certificate:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    certificate = (
        _builder(subject=subject, issuer=authority.subject, days=DAYS)
        .public_key(private.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_alternative_names(names)), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    return Certificate(
        chain=certificate.public_bytes(serialization.Encoding.PEM), key=_private_pem(private)
    )


def _builder(*, subject: x509.Name, issuer: x509.Name, days: int) -> x509.CertificateBuilder:
    # Valid from an hour ago, since the server's clock may be behind the operator's.
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative_names(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, *, mode: int) -> None:
    partial = path.with_name(f".{path.name}")
    partial.touch(mode=mode)
    partial.chmod(mode)
    partial.write_bytes(content)
    partial.rename(path)
