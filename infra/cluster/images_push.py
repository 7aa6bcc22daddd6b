"""`make images-push`: sends the site's images to its registry, or lays an archive for its nodes, and notes their digests.

The images are those that Docker has, on this machine or where $DOCKER_HOST leads; without any, those of `make images`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.cluster.image_archive import DIGEST, NoSuchArchive, by_digest, digests, import_commands
from infra.cluster.images import OURS, built
from infra.cluster.images_record import record
from infra.cluster.render import image_names
from infra.settings.cluster_site import ClusterSite
from infra.settings.settings_file import ROOT


class NotPushed(Exception):
    """The images are not all there; the message says what to do."""


def images_push(site: ClusterSite) -> int:
    """Send the images, and note their digests. Raises NotPushed."""
    registry, archives = site.cluster.images.registry, site.cluster.images.archives
    if registry is not None:
        pushed = {name: _push(name, one, registry) for name, one in _of_docker(site).items()}
        record(site, pushed)
    else:
        assert archives is not None, "the site's settings promise one of the two"
        archive = _laid(site, archives)
        found = _digests(archive)
        pushed = _of_site(by_digest(found, OURS), site, archive)
        record(site, pushed)
        _tell_how_to_import(archive, found, site)
    for reference in pushed.values():
        say(reference)
    return 0


def say(text: str) -> None:
    print(f"images-push: {text}", file=sys.stderr, flush=True)


def _of_docker(site: ClusterSite) -> dict[str, str]:
    """Return the newest image of ours of each name, with its tag. Raises NotPushed where one is missing."""
    references = {name: _newest(name) for name in image_names(site)}
    if missing := [f"{OURS}/{name}" for name, reference in references.items() if not reference]:
        found = built(site)
        then = (
            f"`zstd -dcq {found} | docker load` where it runs gives it those of make images"
            if found
            else f"make images SITE={site.name} makes them on a disposable server"
        )
        raise NotPushed(f"{site.name}: Docker has no image {', '.join(missing)}: {then}")
    return {name: reference for name, reference in references.items() if reference}


def _newest(name: str) -> str | None:
    listed = _docker(
        "image", "ls", "--format={{.Repository}}:{{.Tag}}", f"--filter=reference={OURS}/{name}:*"
    )
    return next(iter(listed.split()), None)


def _push(name: str, reference: str, registry: str) -> str:
    """Push an image by the tag that it has, and return its reference by digest."""
    there = f"{registry}/{name}"
    target = f"{there}:{reference.rpartition(':')[2]}"
    _docker("tag", reference, target)
    try:
        said = _docker("push", target)
    finally:
        _docker("image", "rm", "--no-prune", target)
    found = re.search(rf"digest: ({DIGEST.pattern})", said)
    if found is None:
        raise NotPushed(f"docker push {target} told no digest: {said.strip().splitlines()[-1]}")
    return f"{there}@{found[1]}"


def _laid(site: ClusterSite, folder: Path) -> Path:
    """Lay one archive of all images into the folder, since they share most of their layers, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    if (made := built(site)) is not None:
        place, partial = folder / "images.tar.zst", folder / ".images.tar.zst"
        partial.unlink(missing_ok=True)
        try:
            os.link(made, partial)
        except OSError:
            shutil.copyfile(made, partial)
    else:
        place, partial = folder / "images.tar", folder / ".images.tar"
        _docker("save", "--output", str(partial), *_of_docker(site).values())
    partial.rename(place)
    return place


def _digests(archive: Path) -> dict[str, str]:
    try:
        return digests(archive)
    except NoSuchArchive as error:
        raise NotPushed(str(error)) from None


def _of_site(found: Mapping[str, str], site: ClusterSite, archive: Path) -> dict[str, str]:
    """Return each image's reference by the digest that nodes will know it by. Raises NotPushed where one is missing."""
    if missing := [name for name in image_names(site) if name not in found]:
        raise NotPushed(f"{archive}: lacks the images {', '.join(missing)}")
    return {name: found[name] for name in image_names(site)}


def _tell_how_to_import(archive: Path, found: Mapping[str, str], site: ClusterSite) -> None:
    shown = archive.relative_to(ROOT) if archive.is_relative_to(ROOT) else archive
    say(f"on each node, as root, beside {shown}:")
    for command in import_commands(archive, found, image_names(site)):
        print(command)


def _docker(*words: str) -> str:
    if shutil.which("docker") is None:
        raise NotPushed(
            "docker is not on this machine, and make images has made none that are of this checkout: either will do; "
            "DOCKER_HOST may lead to another's"
        )
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPushed(f"docker {words[0]}: {done.stderr.strip() or 'no reason was given'}")
    return done.stdout
