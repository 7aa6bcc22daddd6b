"""Puts the project's images into the node, from an archive that a server's deploy kept in the cache, by their digests.

No registry is needed: `docker save` keeps the manifests, so that a digest is the same on any node that imports the archive.
"""

import json
import re
from pathlib import Path
from typing import Any

from infra.box import machine
from infra.box.errors import BoxError
from infra.settings import layout
from infra.settings.box_identity import BoxIdentity, cache_home

CTR = ("ctr", "--namespace=k8s.io", "images")
OWNER = "docker.io/openchronic/"
UNPACKED = re.compile(r"^unpacking (\S+) \((sha256:[0-9a-f]{64})\)", re.M)


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
    """Import the images of an archive of the cache, unless they were imported last, and return each one's reference by digest,
    by its short name."""
    if (known := _imported(box, archive)) is not None:
        return known
    inside = f"{layout.IMAGE_ARCHIVES}/{archive.name}"
    said = machine.enter(
        box, "bash", "-o", "pipefail", "-c", f"zstd -dcq {inside} | {' '.join(CTR)} import - 2>&1"
    )
    references = by_digest(said)
    if not references:
        raise BoxError(f"{archive}: containerd found no image of the project in it: {said[-500:]}")
    for tagged, reference in references.items():
        # A pod that names a digest is given the image of this very name alone.
        machine.enter(box, *CTR, "tag", "--force", tagged, reference)
    named = {
        tagged.removeprefix(OWNER).partition(":")[0]: reference
        for tagged, reference in references.items()
    }
    noted = {"archive": archive.name, "references": named}
    _note(box).write_text(json.dumps(noted, indent=2) + "\n")
    return named


def _imported(box: BoxIdentity, archive: Path) -> dict[str, str] | None:
    if not _note(box).exists():
        return None
    noted: dict[str, Any] = json.loads(_note(box).read_text())
    # An archive's name is made of its images' tags.
    return noted["references"] if noted["archive"] == archive.name else None


def _note(box: BoxIdentity) -> Path:
    """Return the file that says what was imported last; it goes with the node."""
    return box.state / "images.json"


def by_digest(said: str) -> dict[str, str]:
    """Read what `ctr images import` says of each image that it unpacks: the references that name their digests, by tag. The
    node may have images of the same names from before."""
    return {
        name: f"{name.rpartition(':')[0]}@{digest}"
        for name, digest in UNPACKED.findall(said)
        if name.startswith(OWNER)
    }
