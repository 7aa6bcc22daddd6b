"""Builds the images of sessions and builds on the server, from signed Debian packages and locked wheels."""

from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.components.images.bake import bake_file
from infra.components.images.inputs import Inputs, context_files, read_inputs
from infra.components.images.operation import begin_images, images
from infra.operations.debian import SUITE, sources_list
from infra.operations.ops import File, tree
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.image_graph import GRAPH
from infra.settings.site import Packages, Site

FILES = Path(__file__).parent / "files"
PACKAGES = ("mmdebstrap", "zstd", "jq")
OWNED = Owned(directories=(layout.IMAGES, layout.IMAGE_SCRIPTS))


@deploy("Images")
def begin(*, site: Site) -> None:
    """Send the images' sources and start building on the server, while the deploy goes on."""
    inputs = _inputs(site)
    for folder, files in context_files().items():
        tree(
            name=f"Send the images' sources: {folder}",
            dest=f"{layout.IMAGES}/context/{folder}",
            files=files,
        )
    tree(
        name="Write the script that builds the images",
        dest=layout.IMAGE_SCRIPTS,
        files={
            **scripts(),
            "docker-bake.json": File(bake_file(GRAPH, inputs.names).encode()),
            "sources.list": File(
                "".join(f"{line}\n" for line in sources_list(site.packages)).encode()
            ),
            "environment": File(_environment(site.packages).encode()),
            "suite": File(f"{SUITE}\n".encode()),
        },
    )
    begin_images(name="Begin to build the images", inputs=inputs)


@deploy("Images")
def finish(*, site: Site) -> None:
    """Wait for the images of this checkout and put them into service."""
    images(name="Build the images", inputs=_inputs(site))


def _inputs(site: Site) -> Inputs:
    return read_inputs(site.packages, [profile.image for profile in site.profiles.values()])


def scripts() -> dict[str, File]:
    return {
        name: File(rendered_file(FILES / name), mode="755")
        for name in ("archive-images", "build-images", "whole-images")
    }


def _environment(packages: Packages) -> str:
    settings = {
        "PYPI_INDEX": packages.pypi or "",
        "HTTP_PROXY": packages.proxy or "",
        "HTTPS_PROXY": packages.proxy or "",
        "NO_PROXY": packages.no_proxy or "",
    }
    return "".join(f"export {name}='{value}'\n" for name, value in settings.items())
