"""Attacks with the builder's or nginx's account: links that it puts into its folders do not redirect root."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.deployment import deploy
from tests.server.escapes.attack import record
from tests.server.machine import Machine

BASE, OTHER = "demo", "cohorte"
RUN = f"{layout.BUILD_RUN} {BASE}"
VICTIM = "/var/lib/planted-for"
AS_BUILDER = "setpriv --reuid=openchronic --regid=openchronic --init-groups"
AS_NGINX = "setpriv --reuid=www-data --regid=www-data --init-groups"


@pytest.fixture
def victim(server: Machine) -> Iterator[str]:
    """Make a folder of root with a file, to which links of the attacker point."""
    server.succeed(
        f"mkdir -p {VICTIM} && chmod 700 {VICTIM} && echo whole > {VICTIM}/file && chmod 644 {VICTIM}/file"
    )
    yield VICTIM
    server.succeed(f"rm -rf {VICTIM}")


def untouched(server: Machine) -> bool:
    found = server.succeed(f"stat -c '%n %U %a' {VICTIM} {VICTIM}/*; cat {VICTIM}/file")
    return found.splitlines() == [f"{VICTIM} root 700", f"{VICTIM}/file root 644", "whole"]


@contextmanager
def planted(server: Machine, place: str) -> Iterator[None]:
    """Replace a folder by a link, as the owner of the parent folder could."""
    aside = f"{place}.aside"
    server.succeed(f"mv -T {place} {aside} && ln -s {VICTIM} {place}")
    try:
        yield
    finally:
        server.succeed(f"[ ! -L {place} ] || rm {place}; mv -T {aside} {place}")


def test_the_builder_replaces_none_of_the_folders_that_root_works_on(
    server: Machine, site: Site
) -> None:
    zone = f"{site.storage.restricted}/{BASE}"
    places = [
        site.bases[BASE].source,
        f"{site.storage.releases}/{BASE}",
        zone,
        *(f"{zone}/{layout.zone_folder(BASE, what)}" for what in layout.ZONE),
    ]
    server.succeed(f"{AS_BUILDER} sh -c 'cd {zone}/openchronic-{BASE}-work && touch x && rm x'")
    for place in places:
        for attempt in (f"mv -T {place} {place}.aside", f"ln -s /etc {place}.link"):
            said = server.fail(f"{AS_BUILDER} {attempt}")
            assert "Permission denied" in said, f"{attempt}: {said}"
    record(
        "a builder that moves a folder away, and puts a link there",
        tried=f"mv and ln as openchronic beside {len(places)} folders",
        answer="EACCES",
        stopped_by="what lies around them is root's",
    )


def test_root_follows_no_link_that_is_there_all_the_same(
    server: Machine, site: Site, victim: str
) -> None:
    """An earlier owner of the parent folder may have left such a link."""
    zone = f"{site.storage.restricted}/{BASE}"
    places = [
        f"{site.storage.releases}/{BASE}",
        f"{zone}/openchronic-{BASE}-exports",
        f"{zone}/openchronic-{BASE}-store",
    ]
    for place in places:
        with planted(server, place):
            for verb in ("build", "export --meds x"):
                said = server.fail(f"{RUN} {verb}")
                assert f"{place} is a link (to {victim})" in said
    with planted(server, places[0]):
        refused = deploy()
        assert refused.status != 0
        assert f"{places[0]} is a link (to {victim})" in refused.output, str(refused)
    assert untouched(server)
    record(
        "a link in the place of a folder that root mounts, gives away or writes in",
        tried=f"{len(places)} places, build, export and a deploy",
        answer="refused by its name; what it led to is as it was",
        stopped_by="sound (infra/operations/folders.sh)",
    )


def test_root_writes_and_gives_away_nothing_through_links_of_others(
    server: Machine, site: Site, victim: str
) -> None:
    """Nginx's user replaces a folder; the builder replaces a file by a link, another by a pipe that a deploy would read.

    The deploy after nginx's folder is itself again, which mends what that left, is the one that meets the builder's.
    """
    linked, piped = (f"{site.storage.releases}/{base}/exports.toml" for base in (BASE, OTHER))
    cache = "/var/lib/nginx/body"
    server.succeed(f"{AS_NGINX} sh -c 'mv -T {cache} {cache}.aside && ln -s {victim} {cache}'")
    try:
        deploy()
        assert untouched(server)
    finally:
        server.succeed(f"{AS_NGINX} sh -c 'rm {cache}; mv -T {cache}.aside {cache}'")
    for exports, plant in ((linked, f"ln -s {victim}/file"), (piped, "mkfifo")):
        server.succeed(f"{AS_BUILDER} sh -c 'rm {exports} && {plant} {exports}'")
    healed = deploy()
    assert healed.status == 0, str(healed)
    for exports in (linked, piped):
        assert server.succeed(f"stat -c '%F %U' {exports}") == "regular file openchronic"
    assert untouched(server)
    record(
        "links and pipes in the builder's and nginx's own folders",
        tried="exports.toml as a link and as a pipe, nginx's body folder as a link; then deploys",
        answer="what they led to is as it was, no deploy waits",
        stopped_by="root works there with the owner's rights alone",
    )


def test_a_build_reads_nothing_outside_its_delivery(server: Machine, site: Site) -> None:
    """A file of the delivery is replaced by links to the key, to the restricted zone and to a device."""
    source = f"{site.bases[BASE].source}/extraction"
    file = f"{source}/IR_PHA_R_2.CSV"
    zone = f"{layout.RESTRICTED}/{BASE}"
    plants = {
        f"ln -s /run/site.key {file}": "a link to /run/site.key",
        f"ln -s {zone} {source}/more": f"a link to {zone}",
        f"ln -s /etc/shadow {file}": "a link to /etc/shadow",
        f"mkfifo {file}": "a pipe, where a delivery has files",
    }
    for plant, told in plants.items():
        server.succeed(f"{AS_BUILDER} {plant}")
        try:
            said = server.fail(f"timeout 120 {RUN} build")
            assert told in said, said
            assert "timeout" not in said
        finally:
            server.succeed(f"rm -f {file} {source}/more")
    server.succeed(
        f"{AS_BUILDER} mv -T {source} {source}.aside && {AS_BUILDER} ln -s /etc {source}"
    )
    try:
        assert f"{source} is a link (to /etc)" in server.fail(f"{RUN} build")
    finally:
        server.succeed(f"rm {source} && mv -T {source}.aside {source}")
    server.succeed(f"{RUN} build", timeout_s=900)
    record(
        "a delivery that leads out of itself",
        tried="links to the key, to the restricted zone and to /etc/shadow, a pipe, the folder itself as a link",
        answer="each is told by its name, nothing is read",
        stopped_by="a delivery is listed without following anything; the mount is of root's choice",
    )
