"""Deploys: the first, an unchanged one, one changed file, one changed package; each against plain `files.put`."""

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.components.images.inputs import context_files
from infra.components.jupyterhub import configuration_files
from infra.components.openchronic import onboarding_files
from infra.settings.grants import site_grants
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from tests.bench.measuring import seen, timed
from tests.bench.result import Measure
from tests.bench.server import Server, deploy, pyinfra

GROUP = "deploys"
REPEATS = 3
PUT = "tests/bench/put.py"
PUT_IN = "/var/tmp/bench-put"
# Files of no commit, which deploys send as they send those around them.
CHANGED_FILE = ROOT / "onboarding" / "bench.md"
CHANGED_PACKAGE = ROOT / "openchronic_env" / "src" / "openchronic" / "bench.py"
DEBIAN_PACKAGE = "jq"


def measures(server: Server) -> Iterator[Measure]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        peer = Peer(Path(name), server.site)
        yield timed(GROUP, "files.put, first", peer.put, repeats=1)
        if server.first_deploy_s is not None:
            first = server.first_deploy_s
            yield seen(GROUP, "deploy, first", first, unit="s", against="files.put, first")
        yield timed(GROUP, "files.put, unchanged", peer.put, repeats=REPEATS)
        yield timed(
            GROUP,
            "deploy, unchanged",
            lambda: deploy(changes=False),
            repeats=REPEATS,
            against="files.put, unchanged",
        )
        yield timed(GROUP, "files.put, one changed file", peer.put_one_changed, repeats=REPEATS)
        with changing(CHANGED_FILE):
            yield timed(
                GROUP,
                "deploy, one changed file",
                lambda: change_and_deploy(CHANGED_FILE),
                repeats=REPEATS,
                against="files.put, one changed file",
            )
    yield from _debian_package(server)
    yield from _python_package()


def _debian_package(server: Server) -> Iterator[Measure]:
    remove = f"dpkg --remove --force-depends {DEBIAN_PACKAGE}"
    install = f"DEBIAN_FRONTEND=noninteractive apt-get -qy install {DEBIAN_PACKAGE}"
    floor = "apt-get install of one Debian package"

    def by_hand() -> None:
        server.machine.succeed(f"{remove} && {install}")

    def by_deploy() -> None:
        server.machine.succeed(remove)
        deploy(changes=True)

    yield timed(GROUP, floor, by_hand, repeats=REPEATS)
    yield timed(
        GROUP, "deploy, one missing Debian package", by_deploy, repeats=REPEATS, against=floor
    )


def _python_package() -> Iterator[Measure]:
    """The images are made anew: the first time whole, on a server that had loaded them from the cache."""
    name = "deploy, openchronic changed"
    with changing(CHANGED_PACKAGE):
        first = timed(
            GROUP, f"{name}, first", lambda: change_and_deploy(CHANGED_PACKAGE), repeats=1
        )
        yield first
        yield timed(
            GROUP,
            f"{name}, again",
            lambda: change_and_deploy(CHANGED_PACKAGE),
            repeats=REPEATS,
            against="files.put, one changed file",
        )


class Peer:
    """The files that a deploy sends as trees, put one by one in a folder of their own."""

    def __init__(self, folder: Path, site: Site) -> None:
        trees = {
            "jupyterhub": configuration_files(site, site_grants(site)),
            "onboarding": onboarding_files(),
            **{f"context/{name}": files for name, files in context_files().items()},
        }
        self.pairs: list[tuple[str, str]] = []
        for tree, files in trees.items():
            for name, file in files.items():
                source = folder / "files" / tree / name
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_bytes(file.content)
                self.pairs.append((str(source), f"{PUT_IN}/{tree}/{name}"))
        self.list = folder / "list.json"
        self.list.write_text(json.dumps(self.pairs))

    def put(self) -> None:
        pyinfra(PUT, BENCH_FILES=str(self.list))

    def put_one_changed(self) -> None:
        with Path(self.pairs[0][0]).open("a") as file:
            file.write(f"# {secrets.token_hex(8)}\n")
        self.put()


@contextmanager
def changing(file: Path) -> Iterator[None]:
    """A file of no commit for a while; the server is brought back to the commit afterwards."""
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
        deploy(changes=True)


def change_and_deploy(file: Path) -> None:
    file.write_text(f"# {secrets.token_hex(8)}\n")
    deploy(changes=True)
