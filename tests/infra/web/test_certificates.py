import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from infra.site import Tls
from infra.web import certificates
from infra.web.certificates import Certificate, site_certificate

OWN = Tls(authority="own")
NAMES = ("big-data.example", "192.0.2.7")


def leaf(certificate: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.chain)


def test_a_browser_that_trusts_the_sites_authority_accepts_every_name(tmp_path: Path) -> None:
    made = site_certificate(OWN, names=NAMES, state=tmp_path)
    authority = x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes())
    policy = PolicyBuilder().store(Store([authority]))
    policy.build_server_verifier(x509.DNSName(NAMES[0])).verify(leaf(made), [])
    names = leaf(made).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == [NAMES[1]]


def test_the_certificate_stays_the_same_until_something_asks_for_another(tmp_path: Path) -> None:
    first = site_certificate(OWN, names=NAMES, state=tmp_path)
    assert site_certificate(OWN, names=NAMES, state=tmp_path) == first
    assert site_certificate(OWN, names=("other.example",), state=tmp_path) != first


def test_it_is_renewed_a_month_before_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "DAYS", certificates.RENEW_DAYS - 1)
    old = site_certificate(OWN, names=NAMES, state=tmp_path)
    monkeypatch.undo()
    new = site_certificate(OWN, names=NAMES, state=tmp_path)
    assert leaf(new).not_valid_after_utc > leaf(old).not_valid_after_utc
    left = leaf(new).not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    assert left > datetime.timedelta(days=300)


def test_keys_are_the_operators_alone(tmp_path: Path) -> None:
    site_certificate(OWN, names=NAMES, state=tmp_path)
    for key in ("ca.key", "server.key"):
        assert (tmp_path / key).stat().st_mode & 0o777 == 0o600


def test_a_given_certificate_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_bytes(b"chain")
    (tmp_path / "k.pem").write_bytes(b"key")
    tls = Tls(authority="files", certificate=tmp_path / "c.pem", key=tmp_path / "k.pem")
    assert site_certificate(tls, names=NAMES, state=tmp_path) == Certificate(b"chain", b"key")
    assert not (tmp_path / "ca.key").exists()
