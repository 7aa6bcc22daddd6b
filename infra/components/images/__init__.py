"""Builds the images of sessions and builds on the server, from signed Debian packages and locked wheels."""

from collections.abc import Sequence
from pathlib import Path

from pyinfra.api.deploy import deploy
from pyinfra.api.operation import OperationMeta

from infra.components.images.bake import PACKAGES as PACKAGES_VARIABLES
from infra.components.images.bake import bake_file
from infra.components.images.inputs import STAND_IN, context_files, read_inputs
from infra.components.images.operation import begin_images, images
from infra.operations.checkout import look, version
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


def of_profiles(site: Site) -> list[str]:
    """Return the images that the site's profiles name."""
    return [profile.image for profile in site.profiles.values()]


@deploy("Images")
def begin(*, packages: Packages, named: Sequence[str]) -> OperationMeta:
    """Send the images' sources and start building on the server, while the deploy goes on; `named` holds the images that are
    wanted beyond those of every site."""
    inputs = read_inputs(packages, named)
    for folder, files in context_files(inputs.names).items():
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
            "sources.list": File("".join(f"{line}\n" for line in sources_list(packages)).encode()),
            "environment": File(_environment(packages).encode()),
            "suite": File(f"{SUITE}\n".encode()),
        },
    )
    tree(
        name="Send the packages that the site gives",
        dest=layout.IMAGES_GIVEN,
        files=given_files(packages),
    )
    return begin_images(name="Begin to build the images", inputs=inputs)


@deploy("Images")
def finish(*, packages: Packages, named: Sequence[str], begun: OperationMeta) -> None:
    """Wait for the images of this checkout and put them into service, unless `begin` found them there."""
    images(name="Build the images", inputs=read_inputs(packages, named), begun=begun)


def given_files(packages: Packages) -> dict[str, File]:
    """Return the packages that the site gives as files. The build checks their SHA-256."""
    if packages.rstudio_file is None:
        return {}
    return {"rstudio-server.deb": File(packages.rstudio_file.read_bytes())}


def scripts() -> dict[str, File]:
    return {
        name: File(rendered_file(FILES / name, PACKAGES=PACKAGES_VARIABLES), mode="755")
        for name in ("archive-images", "build-images", "whole-images")
    }


def _environment(packages: Packages) -> str:
    settings = {
        "PYPI_INDEX": packages.pypi or "",
        "NPM_REGISTRY": packages.npm or "",
        "HTTP_PROXY": packages.proxy or "",
        "HTTPS_PROXY": packages.proxy or "",
        "NO_PROXY": packages.no_proxy or "",
        "REVISION": look().name,
        "VERSION": version(),
        "RSTUDIO_SERVER": packages.rstudio_sha256 if packages.has_rstudio else STAND_IN,
        "RSTUDIO_URL": packages.rstudio_url or "",
    }
    return "".join(f"export {name}='{value}'\n" for name, value in settings.items())
