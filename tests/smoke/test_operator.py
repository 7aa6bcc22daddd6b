"""An operator's regular checks: services, timers, certificate, disks, releases, updates."""

import datetime
import itertools
import json
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from cryptography import x509

from infra.settings import layout
from infra.settings.any_site import AnySite
from infra.settings.image_graph import GRAPH
from infra.settings.site import Site
from tests.server.machine import Machine
from tests.smoke.report import STAND_IN
from tests.smoke.updates import missing_security_updates

SERVICES = (
    *("ssh", "site-firewall", "containerd", "docker", "nginx"),
    *("jupyterhub-proxy", "jupyterhub", "jupyterhub-culler"),
)
TIMERS = ("apt-daily", "apt-daily-upgrade")
CERTIFICATE_DAYS = 14
DISK_PERCENT = 90
RSERVER = "/usr/lib/rstudio-server/bin/rserver"
IMAGE_DAYS = 14
UTC = datetime.UTC


def test_services_run(server: Machine) -> None:
    """every service runs, and comes back after a reboot

    `systemctl status <unit>` and `journalctl --unit=<unit>` on the server
    """
    probed = server.execute(f"systemctl is-active {' '.join(SERVICES)} no-such-unit").out.split()
    assert probed.pop() == "inactive", "the probe sees what is not there"
    states = dict(zip(SERVICES, probed, strict=True))
    wrong = {name: state for name, state in states.items() if state != "active"}
    assert not wrong, f"not active: {wrong}"
    enabled = server.execute(f"systemctl is-enabled {' '.join(SERVICES)}").out.split()
    disabled = [name for name, state in zip(SERVICES, enabled, strict=True) if state != "enabled"]
    assert not disabled, f"not enabled at boot: {disabled}"


def test_nothing_has_failed(server: Machine) -> None:
    """no unit of the server has failed

    `systemctl --failed` on the server
    """
    failed = server.succeed("systemctl list-units --failed --plain --no-legend | cut -d' ' -f1")
    assert failed == "", f"failed: {failed.split()}"


def test_timers_are_scheduled(server: Machine, site: Site) -> None:
    """builds and security updates have their next run scheduled

    `systemctl list-timers` on the server
    """
    timers = [*TIMERS, *(layout.build_unit(slug) for slug in site.bases)]
    listed = json.loads(server.succeed("systemctl list-timers --output=json"))
    due = {row["unit"] for row in listed if row["next"]}
    missing = [f"{name}.timer" for name in timers if f"{name}.timer" not in due]
    assert not missing, f"no next run: {missing}"


def test_the_certificate_lasts(
    site: AnySite, trust: Path, record_property: Callable[[str, object], None]
) -> None:
    """the certificate is good for two weeks or more

    the site's [tls] table; a deploy renews what the site's own authority signed
    """
    address = urlsplit(site.url).hostname or ""
    end = _end_of_certificate(address)
    left = end - datetime.datetime.now(UTC)
    assert left.total_seconds() > 0, f"the certificate ended on {end:%F}, {(-left).days} days ago"
    context = ssl.create_default_context(cafile=str(trust))
    with (
        socket.create_connection((address, 443), timeout=15) as plain,
        context.wrap_socket(plain, server_hostname=address) as connection,
    ):
        assert connection.version() in ("TLSv1.2", "TLSv1.3")
    assert left.days >= CERTIFICATE_DAYS, f"the certificate ends in {left.days} days"
    record_property("measured", f"{left.days} days left")


def test_only_https_is_served(site: Site, trust: Path) -> None:
    """plain HTTP only redirects to HTTPS, and browsers are told to use HTTPS only

    nginx's configuration on the server: @NGINX_CONFIGURATION@ and @NGINX_SITE@
    """
    plain = site.url.replace("https://", "http://")
    client = requests.Session()
    client.trust_env = False
    redirect = client.get(plain, timeout=15, allow_redirects=False)
    assert redirect.status_code in (301, 308), f"plain HTTP answers {redirect.status_code}"
    assert redirect.headers["Location"].startswith("https://")
    page = client.get(site.url, timeout=15, verify=str(trust))
    assert "max-age=" in page.headers.get("Strict-Transport-Security", ""), "no HSTS"
    assert page.headers.get("X-Content-Type-Options") == "nosniff"


def test_the_disks_have_room(server: Machine, site: Site) -> None:
    """a tenth of every disk is free

    `df` on the server; `docker system df` for images that nothing uses
    """
    places = ["/", *site.storage.places]
    rows = server.succeed(f"df --output=pcent,target {' '.join(places)} | tail -n +2").splitlines()
    assert len(rows) == len(places)
    full = [row.strip() for row in rows if int(row.split("%")[0]) >= DISK_PERCENT]
    assert not full, f"nearly full: {full}"


def test_every_base_is_up_to_date(server: Machine, site: Site) -> None:
    """every base has a release, no older than its schedule promises, and its last build went well

    `journalctl --unit=openchronic-build-<base>` on the server
    """
    for slug, base in site.bases.items():
        manifest = f"{site.storage.releases}/{slug}/current/manifest.json"
        made = server.execute(f"stat --format=%Y {manifest}")
        assert made.status == 0, f"the base {slug} has no release yet"
        age = int(server.succeed("date +%s")) - int(made.out)
        period = _period(server, base.schedule)
        # A missed build is a failure; the build itself may take a day.
        assert age < period + 86400, (
            f"{slug}: {age // 86400} days old, built every {period // 86400}"
        )
        result = server.unit_property(f"{layout.build_unit(slug)}.service", "Result")
        assert result == "success", f"the last build of {slug} ended with {result}"


def test_images_have_their_security_updates(server: Machine, images: dict[str, str]) -> None:
    """no session image has lacked a security update for two weeks

    deploy again: an image is built anew when one of its packages has a newer version
    """
    for name, image in images.items():
        made = server.succeed(f"docker image inspect --format '{{{{.Created}}}}' {image}")
        age = datetime.datetime.now(UTC) - datetime.datetime.fromisoformat(made[:19] + "+00:00")
        missing = missing_security_updates(server, image)
        assert age.days < IMAGE_DAYS or not missing, (
            f"{name} is {age.days} days old and lacks: {', '.join(missing)}"
        )


def test_rstudio_is_there(
    server: Machine,
    images: dict[str, str],
    site: Site,
    record_property: Callable[[str, object], None],
) -> None:
    """sessions with RStudio have the package that the site gives

    [packages] of the site's file; `docker image inspect` and @IMAGES_UNIT@ in the journal of the server
    """
    takers = {
        profile.image
        for profile in site.profiles.values()
        if GRAPH.takes(profile.image, "rstudio-server")
    }
    if not takers:
        pytest.skip("no profile of this site has RStudio")
    for name in sorted(takers):
        label = server.succeed(
            "docker image inspect --format '{{index .Config.Labels \"openchronic.rstudio-server\"}}' "
            + images[name]
        )
        helped = server.succeed(
            f"docker run --rm --network none --cap-drop ALL --read-only {images[name]} {RSERVER} --help"
        )
        assert (label == STAND_IN) == (STAND_IN in helped), f"{name} is labelled {label}"
        wanted = site.packages.rstudio_sha256 if site.packages.has_rstudio else STAND_IN
        assert label == wanted, f"{name} has {label}, the site gives {wanted}: deploy again"
        if label == STAND_IN:
            record_property(STAND_IN, True)
            record_property("measured", f"{name}: a page in its place, the site gives no package")


def _end_of_certificate(address: str) -> datetime.datetime:
    """Return the end date of the server's certificate, also of one that browsers do not accept."""
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((address, 443), timeout=15) as plain,
        unchecked.wrap_socket(plain, server_hostname=address) as connection,
    ):
        shown = connection.getpeercert(binary_form=True)
    assert shown, "the server shows no certificate"
    return x509.load_der_x509_certificate(shown).not_valid_after_utc


def _period(server: Machine, calendar: str) -> int:
    """Return the seconds between two runs of a schedule."""
    said = server.succeed(
        f"LC_ALL=C TZ=UTC systemd-analyze calendar --iterations=3 '{calendar}' "
        "| sed -nE 's/.*(Next elapse|Iteration #[0-9]+): \\w+ (.*) UTC.*/\\2/p'"
    )
    runs = [datetime.datetime.fromisoformat(line) for line in said.splitlines()]
    assert len(runs) >= 2, f"the schedule « {calendar} » has no two runs"
    return int(max(later - sooner for sooner, later in itertools.pairwise(runs)).total_seconds())
