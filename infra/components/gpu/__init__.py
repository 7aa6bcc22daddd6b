"""Gives Docker the site's graphics cards, by CDI: NVIDIA's container toolkit describes them, or the site does."""

import shlex
from pathlib import Path

from pyinfra.api.deploy import deploy
from pyinfra.context import host

from infra.components.system import install_command, packages_condition
from infra.operations.errors import DeployRefused
from infra.operations.facts import Holds
from infra.operations.ops import File, ensure, tree, unit
from infra.operations.ownership import Owned
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.gpu import Gpu

FILES = Path(__file__).parent / "files"
# The tool that describes cards, without NVIDIA's own runtime, which sessions do not use.
TOOLKIT = "nvidia-container-toolkit-base"
SOURCE = "sources.list.d/nvidia-container-toolkit.sources"
KEY = "keyrings/nvidia-container-toolkit"
KEY_FORMS = ("asc", "gpg")


def owned(gpu: Gpu) -> Owned:
    if not gpu.devices:
        return Owned()
    return Owned(directories=(layout.CDI,)) if gpu.cdi else Owned(units=(layout.CDI_UNIT,))


def refuse_absent_toolkit(gpu: Gpu, *, proxy: str | None) -> None:
    """Raises DeployRefused, before anything is written, where the site's mirror does not have the toolkit."""
    if gpu.repository is None or host.get_fact(Holds, condition=packages_condition([TOOLKIT])):
        return
    if not host.get_fact(Holds, condition=offered(gpu.repository, proxy=proxy)):
        raise DeployRefused(
            f"gpu.repository: {host.name} finds no {TOOLKIT} at {gpu.repository}. NVIDIA's cards need it: let the "
            "mirror have NVIDIA's repository of its container toolkit (a flat one, with a file Packages), describe the "
            "cards in gpu.cdi, or leave gpu.devices empty."
        )


def offered(repository: str, *, proxy: str | None) -> str:
    """Return the shell condition that an apt repository has the toolkit. A site's authorities may not be trusted yet, and
    nothing is installed of what it reads: apt checks the repository's signature when it installs."""
    settings = "-o Acquire::https::Verify-Peer=false -o Acquire::https::Verify-Host=false"
    if proxy:
        quoted = shlex.quote(proxy)
        settings += f" -o Acquire::http::Proxy={quoted} -o Acquire::https::Proxy={quoted}"
    return (
        "d=$(mktemp -d); trap 'rm -rf \"$d\"' EXIT; for name in Packages Packages.gz; do "
        f'/usr/lib/apt/apt-helper {settings} download-file {shlex.quote(repository)}/$name "$d/$name" '
        f'>/dev/null 2>&1 && zcat -f "$d/$name" | grep -qx "Package: {TOOLKIT}" && exit 0; done; exit 1'
    )


@deploy("Graphics cards, given up")
def withdraw(*, gpu: Gpu) -> None:
    """Removes NVIDIA's toolkit, its source and its key where the site asks for none: also after a deploy that stopped
    half-way, and before apt reads its sources, since a mirror that lost this one would stop each deploy there."""
    if gpu.repository is not None:
        return
    source = f"{layout.APT}/{SOURCE}"
    keys = [f"{layout.APT}/{KEY}.{form}" for form in KEY_FORMS]
    # The source goes last: it says that the toolkit is ours to remove.
    ensure(
        name="Remove NVIDIA's container toolkit and where it came from",
        condition=f"[ ! -e {source} ]",
        command="export DEBIAN_FRONTEND=noninteractive; "
        f"! dpkg-query --show {TOOLKIT} >/dev/null 2>&1 || apt-get -qy purge {TOOLKIT}; "
        f"rm -f {shlex.join([*keys, source])}",
    )


@deploy("Graphics cards")
def gpu(*, gpu: Gpu) -> None:
    if not gpu.devices:
        return
    if gpu.cdi is not None:
        tree(
            name="Describe the cards as the site does",
            dest=layout.CDI,
            files={"site.json": File(gpu.cdi.read_bytes())},
        )
        return
    assert gpu.repository is not None
    assert gpu.repository_key is not None
    files = source_files(gpu.repository, gpu.repository_key.read_bytes())
    tree(
        name="Say where NVIDIA's container toolkit comes from",
        dest=layout.APT,
        files=files,
        exclusive=False,
    )
    ensure(
        name="Install NVIDIA's container toolkit",
        condition=packages_condition([TOOLKIT]),
        command=f"apt-get -q update; {install_command([TOOLKIT])}",
    )
    described = tree(
        name="Write the unit that describes the cards",
        dest=layout.UNITS,
        files={layout.CDI_UNIT: File(unit_text())},
        exclusive=False,
    )
    unit(
        name="Describe the cards at each start",
        unit=layout.CDI_UNIT,
        watched=[f"{layout.UNITS}/{layout.CDI_UNIT}"],
        changes=[described],
    )
    ensure(
        name="Find every card that the site names",
        condition=found(gpu),
        command="echo 'gpu.devices names a card that this server does not have. It has:' >&2; "
        "nvidia-ctk --quiet cdi list >&2; exit 1",
    )


def unit_text() -> bytes:
    folder = layout.CDI_MADE.rpartition("/")[0]
    return rendered_file(FILES / "cards.service", FOLDER=folder, MADE=layout.CDI_MADE)


def source_files(repository: str, key: bytes) -> dict[str, File]:
    """Return the files of apt's source, and of its key: apt tells the two forms of keys by the file's ending."""
    name = f"{KEY}.{'asc' if key.startswith(b'-----BEGIN') else 'gpg'}"
    text = f"Types: deb\nURIs: {repository}\nSuites: /\nSigned-By: {layout.APT}/{name}\n"
    return {name: File(key), SOURCE: File(text.encode())}


def found(gpu: Gpu) -> str:
    listed = "l=$(nvidia-ctk --quiet cdi list)"
    asked = " && ".join(f'echo "$l" | grep -qxF {shlex.quote(name)}' for name in gpu.devices)
    return f"{listed}; {asked}"
