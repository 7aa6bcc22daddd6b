"""`make images-push`: sends the site's images to its registry, or writes archives for its nodes, and notes their digests.

The images are those that Docker has, on this machine or where $DOCKER_HOST leads.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from infra.cluster.images_record import record
from infra.cluster.render import image_names
from infra.settings.cluster_site import ClusterSite
from infra.settings.settings_file import ROOT

# Docker's names of the images that this project builds, each with a tag for its inputs.
OURS = "openchronic"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class NotPushed(Exception):
    """The images are not all there; the message says what to do."""


def images_push(site: ClusterSite) -> int:
    """Send the images, and note their digests. Raises NotPushed."""
    references = {name: _newest(name) for name in image_names(site)}
    if missing := [name for name, reference in references.items() if reference is None]:
        raise NotPushed(
            f"{site.name}: Docker has no image {', '.join(f'{OURS}/{name}' for name in missing)}: build them first, here "
            "or where DOCKER_HOST leads (README.md, « A site on a cluster », says how)"
        )
    registry = site.cluster.images.registry
    archives = site.cluster.images.archives
    pushed: dict[str, str] = {}
    for name, reference in references.items():
        assert reference is not None, "those that are missing were told above"
        if registry is not None:
            pushed[name] = _push(name, reference, registry)
        else:
            assert archives is not None, "the site's settings promise one of the two"
            pushed[name] = _archive(name, reference, archives)
        say(f"{pushed[name]}")
    record(site, pushed)
    if archives is not None:
        _tell_how_to_import(archives, pushed)
    return 0


def say(text: str) -> None:
    print(f"images-push: {text}", file=sys.stderr, flush=True)


def _newest(name: str) -> str | None:
    """Return the newest image of ours of this name, with its tag."""
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


def _archive(name: str, reference: str, folder: Path) -> str:
    """Write an image as an OCI archive, and return its reference by the digest that nodes will know it by."""
    folder.mkdir(parents=True, exist_ok=True)
    partial, place = folder / f".{name}.tar", folder / f"{name}.tar"
    _docker("save", "--output", str(partial), reference)
    digest = manifest_digest(partial)
    partial.rename(place)
    return f"{reference.partition(':')[0]}@{digest}"


def manifest_digest(archive: Path) -> str:
    """Return the digest of the one image of an OCI archive. Raises NotPushed for an archive of another kind."""
    with tarfile.open(archive) as opened:
        try:
            index = opened.extractfile("index.json")
        except KeyError:
            raise NotPushed(
                f"{archive}: is not in the OCI layout: Docker 25 or later writes it"
            ) from None
        assert index is not None, "index.json is a file"
        found = [one["digest"] for one in json.load(index)["manifests"]]
    if len(found) != 1 or not DIGEST.fullmatch(found[0]):
        raise NotPushed(f"{archive}: holds {len(found)} images, and one is needed")
    return str(found[0])


def _tell_how_to_import(folder: Path, pushed: dict[str, str]) -> None:
    shown = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    say(f"on each node, as root, with the files of {shown}:")
    for name, reference in pushed.items():
        base = reference.partition("@")[0]
        print(
            f"ctr --namespace k8s.io images import --digests --base-name docker.io/{base} {name}.tar"
        )


def _docker(*words: str) -> str:
    if shutil.which("docker") is None:
        raise NotPushed(
            "docker is not on this machine: its program is needed, and DOCKER_HOST may lead to another's"
        )
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotPushed(f"docker {words[0]}: {done.stderr.strip() or 'no reason was given'}")
    return done.stdout
