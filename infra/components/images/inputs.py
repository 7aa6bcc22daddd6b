"""Computes the key of each image from its inputs: its files, its Debian packages with their versions, its parent."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.components.images.bake import targets
from infra.operations.checkout import files
from infra.operations.debian import sources_list
from infra.operations.ops import File
from infra.settings.image_graph import GRAPH, Graph
from infra.settings.settings_file import ROOT
from infra.settings.site import Packages

FOLDER = "images"
STAND_IN = "STAND-IN"


@dataclass(frozen=True)
class Input:
    """The inputs of one image: the hash of its files, and its Debian packages beyond its parent's."""

    image: str
    parent: str | None
    digest: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Inputs:
    """The inputs of all images of a site, each after its parent."""

    images: tuple[Input, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.image for one in self.images)

    def keys(self, versions: Mapping[str, str]) -> dict[str, str]:
        """Return the tag of each image, 16 hexadecimal digits. `versions` holds its resolved packages, one
        `name version` a line: so a security fix of Debian changes the tag."""
        keys: dict[str, str] = {}
        for one in self.images:
            parent = keys[one.parent] if one.parent else ""
            text = "\n".join([parent, one.digest, versions.get(one.image, "")])
            keys[one.image] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return keys

    def packages(self, versions: Mapping[str, str]) -> dict[str, str]:
        """Return the digest of each image's resolved packages, its ancestors' included."""
        return {
            one.image: hashlib.sha256(versions.get(one.image, "").encode()).hexdigest()[:16]
            for one in self.images
        }

    def asked(self) -> dict[str, tuple[str, ...]]:
        """Return the Debian packages of each image, those of its ancestors included."""
        sets: dict[str, tuple[str, ...]] = {}
        for one in self.images:
            sets[one.image] = (sets[one.parent] if one.parent else ()) + one.packages
        return sets


def read_inputs(packages: Packages, named: Sequence[str], *, graph: Graph = GRAPH) -> Inputs:
    """Return the inputs of a site's images; `named` holds the images of its profiles."""
    site = "\n".join(
        [*sources_list(packages), *(path.read_text() for path in packages.ca_certificates)]
    )
    return Inputs(
        tuple(
            Input(
                image=name,
                parent=graph.images[name].parent,
                digest=_digest(
                    "\n".join((site, *given_digests(packages, name, graph))), name, graph
                ),
                packages=read_packages(ROOT / FOLDER / name / "packages.txt"),
            )
            for name in graph.made(named)
        )
    )


def given_digests(packages: Packages, name: str, graph: Graph) -> tuple[str, ...]:
    """Return the SHA-256 of what the site gives for this image; empty if the image takes nothing."""
    if "rstudio-server" in graph.images[name].given:
        return (packages.rstudio_sha256 if packages.has_rstudio else STAND_IN,)
    return ()


def _digest(site: str, name: str, graph: Graph) -> str:
    """Return the hash of this image's bake targets and files; other images of the graph do not change it."""
    target = json.dumps(targets(graph, name), sort_keys=True)
    digest = hashlib.sha256(f"{site}\n{target}".encode())
    for source in (f"{FOLDER}/{name}", *graph.images[name].sources):
        for path in given(source):
            digest.update(f"{path.relative_to(ROOT)}\0{mode(path)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def given(folder: str) -> list[Path]:
    """Return the files of a folder that go into the build context. A README is left out, so that a change of it rebuilds
    nothing, except that of a Python package, which is part of it."""
    packaged = (ROOT / folder / "pyproject.toml").exists()
    return [path for path in files(folder) if packaged or path.name != "README.md"]


def read_packages(path: Path) -> tuple[str, ...]:
    """Return the names in a packages.txt: one a line, # starts a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return tuple(line for line in lines if line)


def mode(path: Path) -> str:
    return "755" if path.stat().st_mode & 0o100 else "644"


def context_files(
    names: Sequence[str] | None = None, *, graph: Graph = GRAPH
) -> dict[str, dict[str, File]]:
    """Return the files of the build context by relative path, for each folder of the checkout: of these images, or of all that
    sessions may need."""
    made = graph.made(graph.of_sessions) if names is None else names
    sources = {source for name in made for source in graph.images[name].sources}
    return {
        folder: {
            str(path.relative_to(ROOT / folder)): File(path.read_bytes(), mode=mode(path))
            for path in given(folder)
        }
        for folder in sorted({FOLDER, *sources})
    }
