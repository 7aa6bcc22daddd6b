"""Reads an archive of images as Docker writes it, packed or not: which images it holds, by which digests a cluster knows them."""

import json
import re
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
HOST = "docker.io/"
NAME = "io.containerd.image.name"
PACKED = ".zst"


class NoSuchArchive(Exception):
    """The archive cannot be used; the message says what to do."""


def digests(archive: Path) -> dict[str, str]:
    """Return the digest of each image, by its name with its tag as containerd says it, `docker.io/openchronic/base:TAG`.

    Raises NoSuchArchive for an archive of another kind, or a damaged one.
    """
    try:
        found = [(one["annotations"][NAME], one["digest"]) for one in _index(archive)["manifests"]]
    except (tarfile.TarError, KeyError, ValueError, EOFError):
        raise NoSuchArchive(
            f"{archive}: names no images in the OCI layout: Docker 25 or later writes it"
        ) from None
    if not found or not all(DIGEST.fullmatch(digest) for _, digest in found):
        raise NoSuchArchive(f"{archive}: holds no image with a digest")
    return dict(found)


def by_digest(found: Mapping[str, str], owner: str) -> dict[str, str]:
    """Return the reference by digest, `openchronic/base@sha256:…`, of each image of this owner, by its short name; `found` is
    what `digests` returns."""
    return {
        name.removeprefix(f"{HOST}{owner}/").partition(":")[0]: f"{_untagged(name)}@{digest}"
        for name, digest in found.items()
        if name.startswith(f"{HOST}{owner}/")
    }


def import_commands(archive: Path, found: Mapping[str, str], names: Sequence[str]) -> list[str]:
    """Return what a node's administrator types to import these images, so that pods are given them by their digests.

    containerd gives a pod that names a digest an image of this very name alone, which an import does not make: a tag does.
    """
    ctr = "ctr --namespace k8s.io images"
    read = "zstd -dcq" if archive.suffix == PACKED else "cat"
    tags = [
        f"{ctr} tag --force {name} {HOST}{_untagged(name)}@{digest}"
        for name, digest in found.items()
        if _untagged(name).rpartition("/")[2] in names
    ]
    return [f"{read} {archive.name} | {ctr} import -", *tags]


def _untagged(name: str) -> str:
    return name.removeprefix(HOST).rpartition(":")[0]


def _index(archive: Path) -> Any:
    """Return the archive's index.json, which may lie anywhere in it."""
    unpack = (
        ("zstd", "--decompress", "--stdout", "--quiet") if archive.suffix == PACKED else ("cat",)
    )
    with subprocess.Popen([*unpack, str(archive)], stdout=subprocess.PIPE) as reading:
        assert reading.stdout is not None, "it is a pipe"
        try:
            with tarfile.open(fileobj=reading.stdout, mode="r|") as opened:
                for member in opened:
                    if member.name == "index.json" and (file := opened.extractfile(member)):
                        return json.load(file)
        finally:
            reading.kill()
    raise KeyError("index.json")
