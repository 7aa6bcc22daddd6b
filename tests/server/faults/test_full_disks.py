"""A full disk stops only what needs it, with figures in the message; users can still work and delete files.

The operator's disk is never filled: homes are filled by a small quota or by reserved space that is not written; releases
and Docker's folders lie on a disk of some megabytes during the test.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.pace import patience
from tests.server.analyst import Analyst
from tests.server.deployment import deploy
from tests.server.faults import states
from tests.server.faults.conftest import Fault
from tests.server.faults.small_disk import small_disk
from tests.server.machine import Machine
from tests.smoke.hub import HubError
from tests.smoke.kernel import Kernel

BALLAST = "ballast.bin"
FILL = """
import os
written = 0
try:
    with open({place!r}, "wb", buffering=0) as file:
        for _ in range(64):
            written += file.write(os.urandom(1 << 20))
            os.fsync(file.fileno())
    print("no end")
except OSError as error:
    print(error.strerror)
"""


@pytest.fixture
def terminal(demo: Analyst) -> Iterator[Kernel]:
    """Give a second kernel of demo's session: the observer uses the first one."""
    kernel = demo.open_session().kernel
    yield kernel
    kernel.close()


@contextmanager
def small_quota(server: Machine, home: str, *, megabytes: int) -> Iterator[None]:
    """Reduce the home's quota to its use and some megabytes, instead of writing files."""
    show = f"btrfs qgroup show --raw -re --sync {home} | awk 'END {{ print $2, $4 }}'"
    used, limit = server.succeed(show).split()
    try:
        server.succeed(f"btrfs qgroup limit {int(used) + megabytes * 10**6} {home}")
        yield
    finally:
        server.succeed(f"rm -f {home}/{BALLAST}; btrfs qgroup limit {limit} {home}")


def fill(kernel: Kernel, login: str) -> str:
    """Write a file as an analyst until it fails, and return the error."""
    return kernel.run(FILL.format(place=f"/home/{login}/{BALLAST}"), timeout_s=120).strip()


def delete(analyst: Analyst, kernel: Kernel) -> None:
    """Delete the file as JupyterLab's file browser does: for good, without a trash folder in the full home."""
    answer = analyst.hub.http.delete(
        f"{analyst.hub.url}{kernel.path}/contents/{BALLAST}",
        headers=analyst.hub.session_headers(),
        timeout=patience(60),
    )
    assert answer.status_code == 204, f"{answer.status_code} {answer.text[:300]}"


def test_a_home_at_its_quota_can_be_worked_in_and_emptied(
    server: Machine, site: Site, demo: Analyst, terminal: Kernel, fault: Fault
) -> None:
    home = demo.home
    with (
        fault("home at its quota", state="idle") as observer,
        small_quota(server, home, megabytes=8),
    ):
        assert "quota" in fill(terminal, demo.login).lower()
        observer.wait_until_well()
        delete(demo, terminal)
        server.fail(f"test -e {home}/{BALLAST}")


def test_a_session_starts_in_a_home_at_its_quota(
    server: Machine, site: Site, alix: Analyst
) -> None:
    home = alix.home
    with small_quota(server, home, megabytes=2):
        server.execute(f"runuser -u {alix.login} -- head -c 40M /dev/urandom > {home}/{BALLAST}")
        server.succeed(f"chown {alix.login}: {home}/{BALLAST}; sync -f {home}")
        server.fail(f"runuser -u {alix.login} -- head -c 1M /dev/urandom > {home}/more")
        server.succeed(f"rm -f {home}/more")
        session = alix.open_session()
        try:
            assert session.value("1 + 1") == 2
            delete(alix, session.kernel)
            assert session.write(f"/home/{alix.login}/x") == "written"
        finally:
            session.kernel.close()
            alix.hub.stop()


def test_full_homes_can_be_worked_in_and_emptied(
    server: Machine, site: Site, demo: Analyst, terminal: Kernel, fault: Fault
) -> None:
    """The whole file system is full by reserved space, which is not written to the operator's disk."""
    homes = site.storage.homes
    reserve = f"{homes}/.set-aside"
    free = f"df --output=avail --block-size=1 {homes} | tail -n 1"
    with fault("disk of homes full", state="idle") as observer:
        try:
            server.succeed(
                f"for part in 1000000000 100000000 10000000 1000000; do "
                f"while fallocate --length $part {reserve}.$RANDOM$RANDOM 2>/dev/null; do :; done; done; "
                f"sync -f {homes}"
            )
            left = int(server.succeed(free))
            said = fill(terminal, demo.login)
            assert said == "No space left on device", f"{said}, with {left} bytes left"
            observer.wait_until_well()
            delete(demo, terminal)
        finally:
            server.succeed(f"rm -f {reserve}.* {demo.home}/{BALLAST}")


@pytest.mark.parametrize(
    ("name", "place", "left_mb"),
    [
        ("releases", f"/releases/{states.BASE}", 1),
        ("restricted", f"{layout.RESTRICTED}/{states.BASE}", 3),
    ],
)
def test_a_full_disk_of_a_build_leaves_the_old_release(
    server: Machine, site: Site, fault: Fault, *, name: str, place: str, left_mb: int
) -> None:
    root = f"{site.storage.releases}/{states.BASE}"
    over = f"{getattr(site.storage, name)}/{states.BASE}"
    before = server.succeed(f"readlink {root}/current")
    listing = f"ls -A {over} | grep -v ballast"
    whole = server.succeed(listing)
    typed = f"ls {site.storage.restricted}/{states.BASE}/*-store | sort"
    kept = server.succeed(typed)
    with fault(f"disk of {name} full", state="idle"):
        with small_disk(server, name, over=over, megabytes=60) as disk:
            disk.fill(left_mb=left_mb)
            states.build_in_vain(server)
            journal = server.succeed(
                f"journalctl --unit={states.SERVICE} --lines=30 --output=cat | tr '\\n' ' '"
            )
            assert f"the disk of {place}" in journal, journal
            assert re.search(r"about\s+\d+\s+MB\s+more\s+are\s+missing", journal), journal
            assert "Traceback" not in journal
            assert server.succeed(f"readlink {root}/current") == before
            assert server.succeed(listing) == whole, "partial files are left"
            assert server.succeed(typed) == kept, "what earlier builds had read is lost"
        states.rebuild(server)
    server.succeed(f"rm -rf /run/systemd/system/{states.SERVICE}.d; systemctl daemon-reload")


@contextmanager
def full_docker(server: Machine, site: Site, folder: str) -> Iterator[None]:
    """Put a full disk over one of Docker's folders."""
    place = f"{site.storage.docker}/{folder}"
    with small_disk(server, folder, over=place, megabytes=20) as disk:
        disk.fill()
        yield


def test_a_full_disk_of_docker_stops_new_sessions_alone(
    server: Machine, site: Site, alix: Analyst, fault: Fault
) -> None:
    alix.be_logged_in()
    with fault("disk of Docker full", state="idle") as observer:
        # The folder of the containers' configurations.
        with full_docker(server, site, "containers"):
            server.fail(f"docker create --name probe {spark(server)} true")
            with pytest.raises(HubError):
                alix.start("petite")
            page = alix.hub.get(f"/hub/user/{alix.login}/").text
            assert "disque du serveur est plein" in page, page[-1500:]
            observer.wait_until_well()
        assert alix.open_session().value("1 + 1") == 2
        alix.hub.stop()


@pytest.mark.long
def test_a_deploy_says_that_docker_is_full_and_heals_when_there_is_room(
    server: Machine, site: Site, images: dict[str, str], fault: Fault
) -> None:
    with fault("disk of Docker full, a new image to load", state="idle"):
        server.succeed(f"docker image rm --force {images['spark']}")
        # The folder in which Docker unpacks images.
        with full_docker(server, site, "tmp"):
            refused = deploy()
            assert refused.status != 0
            assert "the disk of Docker's images is full" in refused.output, str(refused)
            assert "is damaged" not in refused.output
        healed = deploy()
        assert healed.status == 0, str(healed)
        server.succeed(f"docker image inspect {images['spark']}")


@pytest.mark.long
def test_afterwards_a_deploy_has_nothing_to_change(server: Machine) -> None:
    assert server.succeed("losetup --list --noheadings | grep -c small-disks || true") == "0"
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()


def spark(server: Machine) -> str:
    return server.succeed(f"jq --raw-output .spark {layout.IMAGES_IN_SERVICE}")
