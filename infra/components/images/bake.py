"""Writes Docker's bake file. Every parent image is a target of the file, so that no registry is used.

Bake runs in the folder that holds images/, the images' other sources and build/ (rootfs.tar, ca-certificates.crt).
"""

import json
from collections.abc import Sequence
from typing import Any

from infra.settings.image_graph import Graph

# Docker passes these build arguments to RUN without an ARG, and keeps them out of the image and its history.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# What the site gives of a package that Debian has not: its SHA-256, or STAND-IN. Labels of images say it.
GIVEN = ("RSTUDIO_SERVER",)
# The digest of an image's Debian packages with their versions, by image: see `packages_variable`.
PACKAGES = "PACKAGES_OF_"
# The index's address may hold a password. A build secret stays out of the history and out of the cache's key: changing
# the mirror rebuilds nothing. An empty or absent PYPI_INDEX means PyPI itself.
INDEX = "id=pypi_index,env=PYPI_INDEX"
# The same for npm's registry, for the images that ask it.
REGISTRY = "id=npm_registry,env=NPM_REGISTRY"


def bake_file(graph: Graph, names: Sequence[str]) -> str:
    """Return the bake file of these images as JSON; the build script adds their tags."""
    content = {
        "variable": {
            name: {"default": ""} for name in (*PROXIES, *GIVEN, *map(packages_variable, names))
        },
        "target": {
            target: described
            for name in names
            for target, described in targets(graph, name).items()
        },
    }
    return json.dumps(content, indent=2) + "\n"


def packages_variable(image: str) -> str:
    """Return the variable that the build script sets. Dockerfiles declare it as PACKAGES before they install packages, so
    that a security fix makes that layer anew: Docker's cache compares what is said, which is the same."""
    return PACKAGES + image.replace("-", "_")


def targets(graph: Graph, name: str) -> dict[str, dict[str, Any]]:
    """Return the bake targets of one image: its own, and those of its parts."""
    image = graph.images[name]
    common: dict[str, Any] = {
        "context": ".",
        "dockerfile": f"images/{name}/Dockerfile",
        "args": {
            **{
                variable: f"${{{variable}}}"
                for variable in (*PROXIES, *(GIVEN if image.given else ()))
            },
            "PACKAGES": f"${{{packages_variable(name)}}}",
        },
        "secret": [INDEX, *([REGISTRY] if image.npm else [])],
        "contexts": {below: f"target:{below}" for below in image.contexts},
    }
    parts = {part: {**common, "target": part, "output": ["type=cacheonly"]} for part in image.parts}
    return {name: common, **parts}
