"""What another archive holds is not made again: a site on a cluster has a server's images, and two more."""

import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from infra.components.images.bake import bake_file
from infra.settings.image_graph import GRAPH
from tests.infra.components.images.test_script import REFERENCES, Server, server

__all__ = ["server"]
SERVICES = {"web": "openchronic/web:w1", "jupyterhub": "openchronic/jupyterhub:h1"}
KEYS = tuple(
    f"{name}={reference.rpartition(':')[2]}" for name, reference in (REFERENCES | SERVICES).items()
)
# A fake docker that knows images by their references, and loads those that an archive's manifest.json names.
DOCKER = r"""#!/bin/bash
echo "$*" >> "$CALLS"
known=$STORE/known
touch "$known"
case "$1 $2" in
  "image inspect")
    for one; do case $one in openchronic/*) grep -qxF "$one" "$known" || exit 1 ;; esac; done
    [[ "$*" != *GraphDriver* ]] || echo "$STORE/layer:<no value>" ;;
  "load --quiet") tar -xO manifest.json | jq -r '.[].RepoTags[]' >> "$known" ;;
  "buildx bake") for one; do case $one in *.tags=*) echo "${one#*.tags=}" >> "$known" ;; esac; done ;;
esac
exit 0
"""


@pytest.fixture
def partly(server: Server) -> Server:
    (server.place / "bin/docker").write_text(DOCKER)
    names = [*REFERENCES, *SERVICES]
    (server.place / "scripts/docker-bake.json").write_text(bake_file(GRAPH, names))
    return server


def keep(server: Server, name: str, *references: str) -> Path:
    """Put an archive of these images into the cache."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as made:
        for file, content in (
            ("blob", b"x" * 5000),
            ("manifest.json", json.dumps([{"RepoTags": list(references)}]).encode()),
        ):
            member = tarfile.TarInfo(file)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    packed = subprocess.run(
        ["zstd", "--quiet"], input=written.getvalue(), capture_output=True, check=True
    )
    place = server.place / "cache" / f"images-{name}.tar.zst"
    place.write_bytes(packed.stdout)
    return place


def bake_of(server: Server) -> str:
    (call,) = [one for one in server.calls.splitlines() if one.startswith("buildx bake")]
    return call


def test_a_servers_images_are_loaded_and_only_a_clusters_own_are_made(partly: Server) -> None:
    keep(partly, "server", *REFERENCES.values())
    done = partly.run("build-images", *KEYS)
    assert done.returncode == 0, done.stderr
    assert "loading some of them from images-server.tar.zst" in done.stdout
    bake = bake_of(partly)
    assert bake.endswith(" web jupyterhub")
    for name in SERVICES:
        assert f"--set {name}.contexts.base=docker-image://openchronic/base:b1" in bake
    assert partly.current == REFERENCES | SERVICES


def test_an_archive_that_spares_nothing_is_not_loaded(partly: Server) -> None:
    """Jupyter starts from parts of spark, which no archive has: all are made."""
    keep(partly, "earlier", REFERENCES["base"], REFERENCES["spark"], "openchronic/jupyter:old")
    (partly.place / "cache/images-broken.tar.zst").write_text("broken")
    done = partly.run("build-images", *KEYS)
    assert done.returncode == 0, done.stderr
    assert "load" not in partly.calls
    bake = bake_of(partly)
    assert bake.endswith(" base spark jupyter web jupyterhub")
    assert "docker-image://" not in bake


def test_what_docker_has_already_is_not_made_again(partly: Server) -> None:
    (partly.place / "store/known").write_text("".join(f"{one}\n" for one in REFERENCES.values()))
    done = partly.run("build-images", *KEYS)
    assert done.returncode == 0, done.stderr
    assert bake_of(partly).endswith(" web jupyterhub")
