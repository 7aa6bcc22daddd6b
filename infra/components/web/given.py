"""Checks a certificate of the operator's on their machine, before a deploy installs it."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyinfra import logger

from infra.operations.errors import DeployRefused
from infra.settings.site import Tls

WARN_DAYS = 30
TELL = "Ask who issued it for a new one, and put it there"


def given_certificate(
    tls: Tls, *, now: datetime.datetime, domain: str | None = None
) -> tuple[bytes, bytes]:
    """Return the chain and the key (PEM) if browsers accept them at `now`, also for the hosts below `domain`.

    Raises DeployRefused otherwise; warns 30 days before the end.
    """
    assert tls.certificate, "the site's settings promise it"
    assert tls.key, "the site's settings promise it"
    try:
        chain, key = tls.certificate.read_bytes(), tls.key.read_bytes()
        certificate = x509.load_pem_x509_certificates(chain)[0]
    except OSError as error:
        raise DeployRefused(f"tls: {error.filename}: {error.strerror}.") from error
    except (ValueError, IndexError) as error:
        raise DeployRefused(
            f"tls.certificate: {tls.certificate} is no certificate (PEM)."
        ) from error
    _refuse_another_key(tls, certificate, key)
    if domain:
        _refuse_other_hosts(tls, certificate, domain)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if end <= now:
        raise DeployRefused(
            f"tls.certificate: {tls.certificate} expired on {end:%Y-%m-%d}, {(now - end).days} days "
            f"ago: no browser would let anybody in. {TELL}; the server keeps the one that it has."
        )
    if start > now:
        raise DeployRefused(
            f"tls.certificate: {tls.certificate} is good from {start:%Y-%m-%d %H:%M} UTC on, and it is "
            f"{now:%Y-%m-%d %H:%M} UTC: deploy it then (or look at this machine's clock)."
        )
    if (left := end - now) < datetime.timedelta(days=WARN_DAYS):
        logger.warning(
            f"tls.certificate: {tls.certificate} ends in {left.days} days. {TELL} in time."
        )
    return chain, key


def _refuse_other_hosts(tls: Tls, certificate: x509.Certificate, domain: str) -> None:
    """Refuse a certificate without the domain or its wildcard. Browsers read the alternative names only, and a wildcard
    matches one label."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        there = set()
    else:
        there = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    hub = (domain, f"*.{domain.partition('.')[2]}")
    missing = [] if there & set(hub) else [domain]
    missing += [] if f"*.{domain}" in there else [f"*.{domain}"]
    if missing:
        raise DeployRefused(
            f"tls.certificate: {tls.certificate} is not for {' nor for '.join(missing)} (it is for "
            f"{', '.join(sorted(there)) or 'no name'}): with server.session_domain, browsers open both the name and "
            f"a host of each session below it. {TELL}, or drop session_domain."
        )


def _refuse_another_key(tls: Tls, certificate: x509.Certificate, key: bytes) -> None:
    public = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    try:
        private = serialization.load_pem_private_key(key, password=None)
    except (ValueError, TypeError) as error:
        raise DeployRefused(
            f"tls.key: {tls.key} is no private key that a server can read (PEM, no password)."
        ) from error
    if private.public_key().public_bytes(*public) != certificate.public_key().public_bytes(*public):
        raise DeployRefused(f"tls.key: {tls.key} is not the key of {tls.certificate}.")
