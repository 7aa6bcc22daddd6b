"""`make images`: makes the images of a site on a cluster on a disposable server, which goes again, and keeps them in one archive."""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from infra.box import machine, rootfs
from infra.box.errors import BoxError
from infra.box.up import create_and_start, step
from infra.cluster.image_archive import by_digest, digests
from infra.cluster.images_record import state
from infra.cluster.render import image_names
from infra.components.images.inputs import read_inputs
from infra.operations import ssh
from infra.settings import layout
from infra.settings.box_identity import CHECKOUT, BoxIdentity, box_identity, cache_home
from infra.settings.cluster_site import ClusterSite
from infra.settings.site import Site
from infra.settings.site_file import load_site

OURS = "openchronic"
"""Docker's name of who made the images of this project."""
PURPOSE = "images"
RSTUDIO = "rstudio"
# A disposable server, and where the packages come from that images are made of: a cluster's site has no mirrors of its own.
MAKER = "box"
NAMED = "IMAGES_NAMED"
"""The variable by which infra/image_builder.py is told the images that are wanted."""
BOX = "BOX"
RECORD = "built.json"
# With older images, security updates of Debian are missing.
KEPT_DAYS = 7


@dataclasses.dataclass(frozen=True)
class Built:
    """What `make images` made last for a site."""

    inputs: str
    """The digest of what they were made of, without the versions of Debian's packages."""
    archive: str


def images(site: ClusterSite) -> int:
    """Make the images, unless what was made last is what would be made now. Raises BoxError."""
    if (wrong := _of_rstudio(site, given=load_site(MAKER).packages.has_rstudio)) is not None:
        raise BoxError(wrong)
    if (archive := built(site)) is None:
        archive = _make(site)
    references = by_digest(digests(archive), OURS)
    for name in image_names(site):
        print(references[name])
    print(
        f"images: {archive} holds them; make images-push SITE={site.name} goes on", file=sys.stderr
    )
    return 0


def _of_rstudio(site: ClusterSite, *, given: bool) -> str | None:
    """Return why the image rstudio would not be what the site's file says; None where it is, or no profile names it."""
    said = site.cluster.images.rstudio
    if RSTUDIO not in image_names(site) or said == given:
        return None
    return (
        f"{site.name}: cluster.images.rstudio says {'that' if said else 'no'} RStudio Server is in the image, and "
        f"infra/sites/{MAKER}.toml gives {'its package' if given else 'no package of it'} ([packages]): change one of the two"
    )


def built(site: ClusterSite) -> Path | None:
    """Return the archive of the site's images, made of what this checkout holds; None where there is none, or an old one."""
    place = state(site) / RECORD
    if not place.exists():
        return None
    found = Built(**json.loads(place.read_text(encoding="utf-8")))
    archive = Path(found.archive)
    fresh = time.time() - place.stat().st_mtime < KEPT_DAYS * 86400
    return archive if fresh and archive.exists() and found.inputs == _inputs(site) else None


def _inputs(site: ClusterSite) -> str:
    told = read_inputs(load_site(MAKER).packages, image_names(site))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _make(site: ClusterSite) -> Path:
    box, maker = box_identity(PURPOSE), _maker()
    assert maker.box is not None, "the box's site file has a [box] table"
    inputs = _inputs(site)
    try:
        with step("a disposable server boots, to make the images"):
            create_and_start(box, maker.box, maker)
        with step("it makes the images, or takes those of the cache"):
            _build(box, image_names(site))
        with step("it keeps them in an archive"):
            archive = _archived(maker)
        _note(site, Built(inputs=inputs, archive=str(archive)))
        return archive
    finally:
        machine.stop(box)
        rootfs.remove(box)


def _note(site: ClusterSite, made: Built) -> None:
    place = state(site)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(dataclasses.asdict(made))
    (place / RECORD).write_text(f"{text}\n", encoding="utf-8")


def _maker() -> Site:
    """Return the site of the disposable server, which is found by its purpose."""
    before = os.environ.get(BOX)
    os.environ[BOX] = PURPOSE
    try:
        return load_site(MAKER)
    finally:
        if before is None:
            del os.environ[BOX]
        else:
            os.environ[BOX] = before


def _build(box: BoxIdentity, names: tuple[str, ...]) -> None:
    command = [
        sys.executable,
        "-m",
        "pyinfra",
        "infra/inventory.py",
        "infra/image_builder.py",
        "-y",
    ]
    told = {"SITE": MAKER, BOX: box.purpose, NAMED: " ".join(names)}
    done = subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **told}, check=False)
    if done.returncode != 0:
        raise BoxError(
            "the images could not be made, for the reason above; once it is mended, make images tries again."
        )


def _archived(maker: Site) -> Path:
    """Wait until the server has archived its images, which it begins to do when it has made them, and return the archive."""
    done = ssh.run(maker, f"cat {layout.IMAGES_IN_SERVICE}")
    references = list(json.loads(done.stdout).values())
    together = hashlib.sha256("".join(f"{one}\n" for one in references).encode()).hexdigest()[:16]
    inside = f"{layout.IMAGE_ARCHIVES}/images-{together}.tar.zst"
    unit = f"{layout.IMAGES_ARCHIVE_UNIT}-{together}"
    script = (
        f"while systemctl is-active --quiet {unit}; do sleep 1; done; "
        f"test -s {inside} || {layout.IMAGE_SCRIPTS}/archive-images {inside} {' '.join(references)}"
    )
    if (done := ssh.run(maker, f"sudo sh -c '{script}'")).returncode != 0:
        raise BoxError(f"the images could not be archived: {done.stderr.strip()}")
    return cache_home() / "images" / Path(inside).name
