"""The site's graphics cards: what Docker is told of them, and when a deploy is refused."""

import functools
import gzip
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.components import docker, gpu
from infra.operations.ownership import Owned
from infra.settings import layout
from infra.settings.gpu import Gpu, described_devices
from infra.settings.site import Storage
from tests.infra.operations.test_ops import apply, changed

FAKE = Path(__file__).with_name("fake_cards.json")
HELPER = Path("/usr/lib/apt/apt-helper")
TOOLKIT = b"Package: nvidia-container-toolkit-base\nVersion: 1.18\n\n"
OTHER = b"Package: nvidia-container-toolkit\nDepends: nvidia-container-toolkit-base\n\n"


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """The address of a folder that is served as a mirror is."""
    handler = functools.partial(Silent, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_docker_reads_descriptions_of_cards_only_where_the_site_has_some() -> None:
    assert json.loads(docker.daemon_json(Storage(), cards=True))["features"] == {"cdi": True}
    assert "features" not in json.loads(docker.daemon_json(Storage(), cards=False))


def test_a_site_without_cards_owns_nothing_of_them() -> None:
    assert gpu.owned(Gpu()) == Owned()
    assert gpu.owned(Gpu(devices=("nvidia.com/gpu=0",), cdi=FAKE)).directories == (layout.CDI,)
    assert gpu.owned(Gpu(devices=("nvidia.com/gpu=0",))).units == (layout.CDI_UNIT,)


@pytest.mark.skipif(not HELPER.exists(), reason="apt is not on this machine")
@pytest.mark.parametrize(
    ("name", "content", "there"),
    [
        ("Packages", TOOLKIT, True),
        ("Packages", OTHER + TOOLKIT, True),
        ("Packages.gz", gzip.compress(TOOLKIT, mtime=0), True),
        ("Packages", OTHER, False),
        ("Packages", b"", False),
        ("index.html", TOOLKIT, False),
    ],
)
def test_a_mirror_without_the_toolkit_is_seen_before_anything_changes(
    mirror: str, tmp_path: Path, name: str, content: bytes, there: bool
) -> None:
    (tmp_path / name).write_bytes(content)
    done = subprocess.run(["sh", "-c", gpu.offered(mirror, proxy=None)], check=False)
    assert (done.returncode == 0) is there


@pytest.mark.skipif(not shutil.which("apt-get"), reason="apt is not on this machine")
@pytest.mark.parametrize(
    ("key", "ending"), [(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "asc"), (b"\x99\x01", "gpg")]
)
def test_apt_reads_the_source_of_the_toolkit(tmp_path: Path, key: bytes, ending: str) -> None:
    files = gpu.source_files("https://m.example/deb/amd64", key)
    assert f"Signed-By: {layout.APT}/keyrings/nvidia-container-toolkit.{ending}\n".encode() in files[gpu.SOURCE].content  # fmt: skip
    assert files[f"keyrings/nvidia-container-toolkit.{ending}"].content == key
    (tmp_path / "site.sources").write_bytes(files[gpu.SOURCE].content)
    (tmp_path / "lists" / "partial").mkdir(parents=True)
    options = ("Dir::Etc::sourcelist=/dev/null", f"Dir::Etc::sourceparts={tmp_path}", f"Dir::State::lists={tmp_path}/lists")  # fmt: skip
    done = subprocess.run(
        ["apt-get", "update", "--print-uris", *(f"-o{option}" for option in options)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "'https://m.example/deb/amd64/InRelease'" in done.stdout


@pytest.mark.parametrize(
    ("names", "ok"),
    [(["0"], True), (["0", "1:0"], True), (["0", "2"], False), (["GPU-3"], False), (["1"], False)],
)
def test_a_card_that_the_server_does_not_have_is_missed(
    tmp_path: Path, names: list[str], ok: bool
) -> None:
    """A name is compared whole: a slice of a card is not the card."""
    tool = tmp_path / "nvidia-ctk"
    tool.write_text("#!/bin/sh\necho nvidia.com/gpu=0\necho nvidia.com/gpu=1:0\n")
    tool.chmod(0o755)
    condition = gpu.found(Gpu(devices=tuple(f"nvidia.com/gpu={name}" for name in names)))
    done = subprocess.run(
        ["sh", "-c", condition], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False
    )
    assert (done.returncode == 0) is ok


def test_the_fake_cards_of_tests_are_described_as_real_ones_are() -> None:
    assert described_devices(FAKE.read_bytes()) == ("nvidia.com/gpu=0", "nvidia.com/gpu=1")


def test_the_unit_describes_the_cards_before_docker_starts() -> None:
    text = gpu.unit_text().decode()
    assert "Before=docker.service" in text
    assert f"--output={layout.CDI_MADE}" in text
    assert f"ExecStop=/usr/bin/rm -f {layout.CDI_MADE}" in text, "its end leaves no card described"
    assert "@" not in text


WITHDRAW = """
from infra.components.gpu import withdraw
from infra.settings import layout
from infra.settings.gpu import Gpu
layout.APT = {apt!r}
ensure(name="another component", condition="true", command="false")
withdraw(gpu=Gpu({settings}))
"""


@pytest.mark.parametrize(
    ("settings", "stays"),
    [
        (f"devices=('nvidia.com/gpu=0',), cdi={str(FAKE)!r}", False),
        ("devices=('nvidia.com/gpu=0',), repository='https://m.example/deb/amd64'", True),
    ],
)
def test_the_toolkit_its_source_and_its_key_go_with_the_setting_that_asked_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str, stays: bool
) -> None:
    """Nothing of an earlier deploy's record is read: it may have stopped before it wrote one."""
    apt, programs, asked = tmp_path / "apt", tmp_path / "bin", tmp_path / "asked"
    ours = [apt / name for name in gpu.source_files("https://m.example", b"\x99")]
    theirs = apt / "sources.list.d/debian.sources"
    for file in (*ours, theirs):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    programs.mkdir()
    for name in ("apt-get", "dpkg-query"):
        (programs / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {asked}\n')
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    code = WITHDRAW.format(apt=str(apt), settings=settings)
    assert bool(changed(apply(tmp_path, code))) is not stays
    assert [file.exists() for file in ours] == [stays] * len(ours)
    assert theirs.exists()
    purged = asked.exists() and f"purge {gpu.TOOLKIT}" in asked.read_text()
    assert purged is not stays
