"""The images of sessions and builds, made on the server from signed Debian packages and locked wheels."""

from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.debian import SUITE, sources_list
from infra.images.inputs import context_files, read_inputs
from infra.images.operation import begin_images, images
from infra.ops import File, tree
from infra.ownership import Owned
from infra.site import Packages

FILES = Path(__file__).parent / "files"
PACKAGES = ("mmdebstrap", "zstd", "jq")
STATE = "/var/lib/images"
SCRIPT = "/usr/local/lib/openchronic-server/images/build-images"
OWNED = Owned(directories=(STATE, "/usr/local/lib/openchronic-server/images"))


@deploy("Images")
def begin(*, packages: Packages) -> None:
    """Send what the images are made of, and let the server begin with them."""
    for folder, files in context_files().items():
        tree(
            name=f"Send the images' sources: {folder}",
            dest=f"{STATE}/context/{folder}",
            files=files,
        )
    tree(
        name="Write the script that builds the images",
        dest=SCRIPT.rpartition("/")[0],
        files={
            **{
                name: File((FILES / name).read_bytes(), mode="755")
                for name in ("archive-images", "build-images", "whole-images")
            },
            "sources.list": File("".join(f"{line}\n" for line in sources_list(packages)).encode()),
            "environment": File(_environment(packages).encode()),
            "suite": File(f"{SUITE}\n".encode()),
        },
    )
    begin_images(
        name="Begin to build the images",
        inputs=read_inputs(packages),
        script=SCRIPT,
        state=STATE,
    )


@deploy("Images")
def finish(*, packages: Packages) -> None:
    """From here on the images of this checkout are the current ones."""
    images(name="Build the images", inputs=read_inputs(packages), script=SCRIPT, state=STATE)


def _environment(packages: Packages) -> str:
    settings = {
        "PYPI_INDEX": packages.pypi or "",
        "HTTP_PROXY": packages.proxy or "",
        "HTTPS_PROXY": packages.proxy or "",
        "NO_PROXY": packages.no_proxy or "",
    }
    return "".join(f"export {name}='{value}'\n" for name, value in settings.items())
