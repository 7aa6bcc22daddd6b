import datetime
import logging
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from infra.components.web import certificates
from infra.components.web.certificates import Certificate, site_certificate
from infra.components.web.given import given_certificate
from infra.operations.errors import DeployRefused
from infra.settings.site import Tls

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


@pytest.fixture
def given(tmp_path: Path) -> Tls:
    """Give the settings of a certificate and key in files, as an operator receives them."""
    made = site_certificate(OWN, names=NAMES, state=tmp_path / "issuer")
    (tmp_path / "c.pem").write_bytes(made.chain)
    (tmp_path / "k.pem").write_bytes(made.key)
    return Tls(authority="files", certificate=tmp_path / "c.pem", key=tmp_path / "k.pem")


def in_days(days: int) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)


def test_a_given_certificate_is_used_as_it_is(given: Tls, tmp_path: Path) -> None:
    assert given.certificate
    assert given.key
    wanted = Certificate(given.certificate.read_bytes(), given.key.read_bytes())
    assert site_certificate(given, names=NAMES, state=tmp_path) == wanted
    assert not (tmp_path / "ca.key").exists()


@pytest.mark.parametrize(
    ("days", "said"), [(certificates.DAYS + 9, "9 days ago"), (-2, "is good from")]
)
def test_a_given_certificate_that_browsers_refuse_is_refused(
    given: Tls, days: int, said: str
) -> None:
    assert given_certificate(given, now=in_days(0))
    with pytest.raises(DeployRefused, match=said):
        given_certificate(given, now=in_days(days))


def test_the_operator_is_warned_of_a_given_certificate_that_ends_soon(
    given: Tls, caplog: pytest.LogCaptureFixture
) -> None:
    # pyinfra's logger does not propagate its messages.
    with caplog.at_level("WARNING", logger="pyinfra"):
        logging.getLogger("pyinfra").addHandler(caplog.handler)
        try:
            given_certificate(given, now=in_days(certificates.DAYS - 40))
            assert caplog.text == ""
            given_certificate(given, now=in_days(certificates.DAYS - 20))
        finally:
            logging.getLogger("pyinfra").removeHandler(caplog.handler)
    assert "ends in 19 days" in caplog.text


def test_files_that_are_no_certificate_or_not_of_one_pair_are_refused(
    given: Tls, tmp_path: Path
) -> None:
    assert given.certificate
    assert given.key
    other = site_certificate(OWN, names=NAMES, state=tmp_path / "other")
    for file, content, said in (
        (given.key, other.key, "is not the key of"),
        (given.key, b"key", "no private key"),
        (given.certificate, b"chain", "no certificate"),
    ):
        right = file.read_bytes()
        file.write_bytes(content)
        with pytest.raises(DeployRefused, match=said):
            given_certificate(given, now=in_days(0))
        file.write_bytes(right)
    given.key.unlink()
    with pytest.raises(DeployRefused, match="No such file"):
        given_certificate(given, now=in_days(0))


DOMAIN = "big-data.example"


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ((DOMAIN, f"*.{DOMAIN}"), ""),
        (("*.example", f"*.{DOMAIN}"), ""),
        ((DOMAIN,), f"is not for *.{DOMAIN} \\(it is for {DOMAIN}\\)"),
        ((f"*.{DOMAIN}",), f"is not for {DOMAIN} "),
        ((DOMAIN, f"alix.{DOMAIN}", f"*.x.{DOMAIN}", "*.example"), f"is not for *.{DOMAIN} "),
        (("192.0.2.7",), f"is not for {DOMAIN} nor for *.{DOMAIN} \\(it is for no name\\)"),
    ],
)
def test_a_given_certificate_is_for_every_sessions_host(
    tmp_path: Path, names: tuple[str, ...], missing: str
) -> None:
    made = site_certificate(OWN, names=names, state=tmp_path / "issuer")
    (tmp_path / "c.pem").write_bytes(made.chain)
    (tmp_path / "k.pem").write_bytes(made.key)
    given = Tls(authority="files", certificate=tmp_path / "c.pem", key=tmp_path / "k.pem")
    site_certificate(given, names=(), state=tmp_path)
    if not missing:
        site_certificate(given, names=(), state=tmp_path, domain=DOMAIN)
    else:
        with pytest.raises(DeployRefused, match=missing.replace("*.", r"\*.")):
            site_certificate(given, names=(), state=tmp_path, domain=DOMAIN)


def test_the_own_authority_signs_for_every_sessions_host(tmp_path: Path) -> None:
    made = site_certificate(OWN, names=(DOMAIN, f"*.{DOMAIN}", "192.0.2.7"), state=tmp_path)
    authority = x509.load_pem_x509_certificate((tmp_path / "ca.pem").read_bytes())
    verifier = PolicyBuilder().store(Store([authority]))
    for host in (DOMAIN, f"alix.{DOMAIN}", f"smoke-test.{DOMAIN}"):
        verifier.build_server_verifier(x509.DNSName(host)).verify(leaf(made), [])
