"""Puts the project's images into the node, from an archive that a server's deploy kept in the cache, by their digests.

No registry is needed: `docker save` keeps the manifests, so that a digest is the same on any node that imports the archive.
"""

import json
from pathlib import Path

from infra.box import machine
from infra.box.errors import BoxError
from infra.settings import layout
from infra.settings.box_identity import BoxIdentity, cache_home

CTR = ("ctr", "--namespace=k8s.io", "images")
OWNER = "docker.io/openchronic/"


def newest_archive() -> Path:
    """Return the archive that was made or used last. Raises BoxError when there is none."""
    found = sorted(
        (cache_home() / "images").glob("images-*.tar.zst"), key=lambda path: path.stat().st_mtime
    )
    if not found:
        raise BoxError(
            "there is no archive of the project's images in the cache: `make box` builds them on a disposable server, "
            "and keeps them."
        )
    return found[-1]


def import_images(box: BoxIdentity, archive: Path) -> dict[str, str]:
    """Import the images of an archive of the cache, and return each one's reference by digest, by its short name."""
    inside = f"{layout.IMAGE_ARCHIVES}/{archive.name}"
    machine.enter(
        box, "bash", "-o", "pipefail", "-c", f"zstd -dcq {inside} | {' '.join(CTR)} import -"
    )
    references = by_digest(machine.enter(box, *CTR, "list"))
    for tagged, reference in references.items():
        # A pod that names a digest is given the image of this very name alone.
        machine.enter(box, *CTR, "tag", "--force", tagged, reference)
    named = {
        tagged.removeprefix(OWNER).partition(":")[0]: reference
        for tagged, reference in references.items()
    }
    images_of(box).write_text(json.dumps(named, indent=2) + "\n")
    return named


def images_of(box: BoxIdentity) -> Path:
    """Return the file that has the references of what was imported last."""
    return box.state / "images.json"


def by_digest(listed: str) -> dict[str, str]:
    """Read what `ctr images list` prints: the project's tagged images, and the references that name their digests."""
    found: dict[str, str] = {}
    for line in listed.splitlines()[1:]:
        name, _, digest, *_ = line.split()
        if name.startswith(OWNER) and "@" not in name:
            found[name] = f"{name.rpartition(':')[0]}@{digest}"
    return found
