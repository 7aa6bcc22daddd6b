"""What an image is made of: its own files, its Debian packages with their versions, and its parent."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.checkout import files
from infra.debian import sources_list
from infra.ops import File
from infra.site import Packages

ROOT = Path(__file__).resolve().parents[2]
CHAIN = ("base", "spark", "jupyter")
CONTEXT = ("images", "openchronic_env", "spark-conf")
# Which folders of the checkout go into which image.
SOURCES = {
    "base": ("images/base",),
    "spark": ("images/spark", "openchronic_env", "spark-conf"),
    "jupyter": ("images/jupyter",),
}


@dataclass(frozen=True)
class Inputs:
    """Per image, in the order of the chain: the hash of its files, and the Debian packages it asks for."""

    hashes: tuple[str, ...]
    packages: tuple[tuple[str, ...], ...]

    def keys(self, versions: Mapping[str, str]) -> dict[str, str]:
        """A tag per image. `versions`: per image, its resolved packages, which make a security fix a new input."""
        keys: dict[str, str] = {}
        parent = ""
        for image, own in zip(CHAIN, self.hashes, strict=True):
            text = "\n".join([parent, own, versions[image]])
            parent = keys[image] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return keys


def read_inputs(packages: Packages) -> Inputs:
    site = "\n".join(
        [*sources_list(packages), *(path.read_text() for path in packages.ca_certificates)]
    )
    bake = (ROOT / "images/docker-bake.hcl").read_text()
    hashes = []
    for image in CHAIN:
        digest = hashlib.sha256(f"{site}\n{bake}".encode())
        for source in SOURCES[image]:
            for path in files(source):
                digest.update(
                    f"{path.relative_to(ROOT)}\0{mode(path)}\0".encode() + path.read_bytes()
                )
        hashes.append(digest.hexdigest())
    wanted = tuple(read_packages(ROOT / f"images/{image}/packages.txt") for image in CHAIN)
    return Inputs(hashes=tuple(hashes), packages=wanted)


def read_packages(path: Path) -> tuple[str, ...]:
    """The names in a packages.txt: one a line, # starts a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return tuple(line for line in lines if line)


def mode(path: Path) -> str:
    return "755" if path.stat().st_mode & 0o100 else "644"


def context_files() -> dict[str, dict[str, File]]:
    """The build context, per top-level folder."""
    return {
        folder: {
            str(path.relative_to(ROOT / folder)): File(path.read_bytes(), mode=mode(path))
            for path in files(folder)
        }
        for folder in CONTEXT
    }
