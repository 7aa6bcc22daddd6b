"""An expired certificate: browsers refuse it, the plan and the smoke test report it, and a deploy replaces it."""

import datetime
import time
from pathlib import Path

import pytest
import requests
from cryptography import x509

from infra.components.web.certificates import Certificate, site_certificate
from infra.operate.state import state_folder
from infra.settings import layout
from infra.settings.site import Site, Tls
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.deployment import deploy, plan, variant
from tests.server.faults.conftest import Fault
from tests.server.machine import Machine
from tests.server.operator_check import smoke_test

INSTALLED = layout.NGINX_SITE
ENDED_DAYS_AGO = 3
HALF_A_YEAR_S = 180 * 24 * 3600
RENEWS = {"Web | Install the certificate", "Web | Serve the web"}


def issue_expired(site: Site, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """Make a certificate of the site's own CA as of a year ago, in the place of the current one."""
    state = state_folder(site)
    for file in ("server.pem", "server.key"):
        (state / file).unlink()
    now = datetime.datetime.now(datetime.UTC)

    def in_the_past(*, subject: x509.Name, issuer: x509.Name, days: int) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=days + ENDED_DAYS_AGO))
            .not_valid_after(now - datetime.timedelta(days=ENDED_DAYS_AGO))
        )

    with monkeypatch.context() as patched:
        patched.setattr("infra.components.web.certificates._builder", in_the_past)
        names = (site.server.address, *site.server.names)
        made = site_certificate(Tls(authority="own"), names=names, state=state)
    end = x509.load_pem_x509_certificate(made.chain).not_valid_after_utc
    assert end < now, "it has not expired: nothing is tested"
    return made


def install(server: Machine, certificate: Certificate) -> None:
    for name, content in (("certificate.pem", certificate.chain), ("key.pem", certificate.key)):
        server.succeed(f"cat > {INSTALLED}/{name}", stdin=content.decode())
    server.succeed("nginx -t && systemctl reload nginx")


def test_an_expired_certificate_is_refused_told_and_renewed(
    server: Machine, site: Site, demo: Analyst, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fault("certificate expired", state="idle"):
        install(server, issue_expired(site, monkeypatch))
        wait_until_refused(site, demo)
        said = check_of_the_operator()
        assert "the certificate ended on " in said
        assert f"{ENDED_DAYS_AGO} days ago" in said
        planned = plan()
        assert any("certificate" in name.lower() for name in planned), "the plan does not say so"
        assert set(planned) <= RENEWS, "earlier faults left something to change"
        healed = deploy()
        assert healed.status == 0, str(healed)
    # That the operator's check passes again, the smoke test after the power cut shows (test_power.py).
    server.succeed(f"openssl x509 -checkend {HALF_A_YEAR_S} -noout -in {INSTALLED}/certificate.pem")


def wait_until_refused(site: Site, analyst: Analyst) -> None:
    """Wait until the certificate is refused: during a reload, nginx's old workers still use the old one."""
    said = ""
    for _ in range(120):
        try:
            requests.get(
                site.url, verify=str(analyst.trust), timeout=patience(15), proxies={"https": ""}
            )
        except requests.exceptions.SSLError as error:
            said = str(error)
            break
        time.sleep(0.25)
    assert "certificate has expired" in said, "the expired certificate is accepted"


def check_of_the_operator() -> str:
    """Return what `make smoke-test` prints about the certificate."""
    return smoke_test("the_certificate_lasts").stdout


def test_a_given_certificate_that_has_expired_is_never_installed(
    server: Machine, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = state_folder(site)
    kept = {name: (state / name).read_bytes() for name in ("server.pem", "server.key")}
    try:
        made = issue_expired(site, monkeypatch)
    finally:
        for name, content in kept.items():
            (state / name).write_bytes(content)
    (tmp_path / "given.pem").write_bytes(made.chain)
    (tmp_path / "given.key").write_bytes(made.key)
    before = server.succeed(f"sha256sum {INSTALLED}/*.pem")
    files = (
        f'authority = "files"\ncertificate = "{tmp_path}/given.pem"\nkey = "{tmp_path}/given.key"'
    )
    with variant({'authority = "own"': files}, name="expired") as name:
        refused = deploy(name)
    assert refused.status != 0
    assert "expired on " in refused.output
    assert f"{ENDED_DAYS_AGO} days ago" in refused.output
    assert "Traceback" not in refused.output, refused.output[-1500:]
    assert server.succeed(f"sha256sum {INSTALLED}/*.pem") == before


@pytest.mark.long
def test_afterwards_a_deploy_has_nothing_to_change() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
