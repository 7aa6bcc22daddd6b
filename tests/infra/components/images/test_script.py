"""The script that loads or builds the images, with a fake `docker`."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.components.images import scripts
from infra.components.images.operation import read_current

KEYS = ("base=b1", "spark=s1", "jupyter=j1")
REFERENCES = {
    "base": "openchronic/base:b1",
    "spark": "openchronic/spark:s1",
    "jupyter": "openchronic/jupyter:j1",
}
# The archive is named by the hash of all references.
TOGETHER = hashlib.sha256("".join(f"{one}\n" for one in REFERENCES.values()).encode())
ARCHIVE = f"images-{TOGETHER.hexdigest()[:16]}.tar.zst"
# A fake docker whose store is a folder: images appear when they are loaded or built.
DOCKER = r"""#!/bin/bash
echo "$*" >> "$CALLS"
case "$1 $2" in
  "image inspect")
    # By its number an image is found as long as a session runs on it.
    if [[ "$*" == *sha256:* ]]; then [ -e "$STORE/in-use" ] && echo '"Id"'; exit; fi
    [ -e "$STORE/images" ] || exit 1
    case "$*" in
      *GraphDriver*) echo "$STORE/layer:<no value>" ;;
      *"{{.Id}}"*) echo sha256:1 ;;
    esac ;;
  "image rm") rm -f "$STORE/images" ;;
  "load --quiet") cat > "$STORE/loaded"; [ -z "$FULL" ] || { echo "write: no space left on device" >&2; exit 1; }
    grep -q whole "$STORE/loaded" || exit 1; touch "$STORE/images"; echo new > "$STORE/layer/file" ;;
  "buildx bake") [ -z "$FULL" ] || { echo "ERROR: write /x: No space left on device" >&2; exit 1; }
    env | grep ^PACKAGES_OF_ >> "$CALLS"; touch "$STORE/images"; echo new > "$STORE/layer/file" ;;
  "save openchronic/base:b1") echo whole ;;
esac
exit 0
"""


class Server:
    """The script's folders, and a folder that plays Docker's store of images."""

    def __init__(self, place: Path) -> None:
        self.place = place
        for name in (
            "scripts",
            "state/build",
            "state/context/images/base",
            "cache",
            "store/layer",
            "bin",
        ):
            (place / name).mkdir(parents=True)
        for name, file in scripts().items():
            (place / "scripts" / name).write_bytes(file.content)
            (place / "scripts" / name).chmod(0o755)
        (place / "scripts/environment").touch()
        (place / "state/build/rootfs-b1.tar").write_text("root")
        (place / "bin/docker").write_text(DOCKER)
        (place / "bin/mmdebstrap").write_text(
            '#!/bin/bash\nfor a; do [[ $a == */rootfs.tar ]] && echo x > "$a"; done\n'
        )
        (place / "scripts/suite").write_text("trixie\n")
        (place / "scripts/sources.list").touch()
        (place / "state/context/images/base/packages.txt").touch()
        # A fake systemd-run that runs the command at once instead of in the background.
        (place / "bin/systemd-run").write_text(
            '#!/bin/bash\nwhile [[ $1 == --* ]]; do shift; done\nexec "$@"\n'
        )
        for tool in ("docker", "mmdebstrap", "systemd-run"):
            (place / "bin" / tool).chmod(0o755)
        (place / "store/layer/file").write_text("old")

    def run(
        self, script: str = "build-images", *arguments: str, full: bool = False
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.place / "scripts" / script), *(arguments or KEYS)],
            env={
                "PATH": f"{self.place / 'bin'}:{os.environ['PATH']}",
                "IMAGES_STATE": str(self.place / "state"),
                "IMAGES_CACHE": str(self.place / "cache"),
                "STORE": str(self.place / "store"),
                "CALLS": str(self.place / "calls"),
                "FULL": "yes" if full else "",
                "IMAGES_PAUSES": "0.1 0.2",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def archive(self, content: bytes) -> Path:
        file = self.place / "cache" / ARCHIVE
        packed = subprocess.run(["zstd", "--quiet"], input=content, capture_output=True, check=True)
        file.write_bytes(packed.stdout)
        return file

    @property
    def current(self) -> dict[str, str]:
        file = self.place / "state/current.json"
        return read_current(file.read_text()) if file.exists() else {}

    @property
    def calls(self) -> str:
        return (self.place / "calls").read_text()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    for tool in ("zstd", "jq", "flock"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not on this machine")
    return Server(tmp_path)


def test_images_come_from_the_archive_when_there_is_one(server: Server) -> None:
    server.archive(b"whole")
    done = server.run()
    assert done.returncode == 0, done.stderr
    assert server.current == REFERENCES
    assert "bake" not in server.calls


@pytest.mark.parametrize("flipped", ["packed", "inside"])
def test_a_damaged_archive_is_built_over_and_replaced(server: Server, flipped: str) -> None:
    file = server.archive(b"whole" if flipped == "packed" else b"broken")
    if flipped == "packed":
        bits = bytearray(file.read_bytes())
        bits[len(bits) // 2] ^= 0xFF
        file.write_bytes(bits)
    done = server.run()
    assert done.returncode == 0, done.stderr
    assert "the cached archive is damaged, building" in done.stdout
    [bake] = [call for call in server.calls.splitlines() if call.startswith("buildx bake")]
    for image, reference in REFERENCES.items():
        assert f"--set {image}.tags={reference}" in bake
    assert bake.endswith("base spark jupyter")
    assert server.current == REFERENCES
    unpacked = subprocess.run(["zstd", "-dcq", str(file)], capture_output=True, check=True)
    assert unpacked.stdout == b"whole\n"


def test_what_was_built_is_archived_and_the_oldest_archives_go(server: Server) -> None:
    for age, name in enumerate(("older", "oldest", "youngest", "young")):
        old = server.place / f"cache/images-{name}.tar.zst"
        old.write_text(name)
        stamp = old.stat().st_mtime - 1000 - 100 * (age if age < 2 else -age)
        os.utime(old, (stamp, stamp))
    left = server.place / "cache/.archive.cut"
    left.touch()
    os.utime(left, (0, 0))
    done = server.run()
    assert done.returncode == 0, done.stderr
    kept = sorted(path.name for path in (server.place / "cache").iterdir())
    assert kept == sorted([ARCHIVE, "images-young.tar.zst", "images-youngest.tar.zst"])


def test_images_serve_also_when_no_archive_can_be_kept(server: Server) -> None:
    (server.place / "bin/systemd-run").write_text("#!/bin/bash\nexit 1\n")
    done = server.run()
    assert done.returncode == 0, done.stderr
    assert "no archive is kept" in done.stderr
    assert server.current == REFERENCES


@pytest.mark.parametrize("archived", [True, False])
def test_a_full_disk_is_said_and_leaves_the_images_in_service(
    server: Server, archived: bool
) -> None:
    old = {"jupyter": "openchronic/jupyter:old"}
    (server.place / "state/current.json").write_text(json.dumps(old))
    if archived:
        server.archive(b"whole")
    done = server.run(full=True)
    assert done.returncode != 0
    assert "the disk of Docker's images is full" in done.stderr
    assert "Left now" in done.stderr
    assert "is damaged" not in done.stdout
    assert server.current == old
    assert server.run().returncode == 0
    assert server.current == REFERENCES


def test_whole_images_are_left_alone(server: Server) -> None:
    server.archive(b"whole")
    server.run()
    (server.place / "calls").unlink()
    assert server.run().returncode == 0
    assert "load" not in server.calls
    assert server.run("whole-images", "check", *REFERENCES.values()).returncode == 0


def test_a_damaged_layer_is_noticed_and_loaded_again(server: Server) -> None:
    server.archive(b"whole")
    server.run()
    (server.place / "store/layer/file").write_text("")
    assert server.run("whole-images", "check", *REFERENCES.values()).returncode != 0
    done = server.run()
    assert "are damaged" in done.stdout
    assert done.returncode == 0, done.stderr
    assert (server.place / "store/layer/file").read_text() == "new\n"
    assert server.run("whole-images", "check", *REFERENCES.values()).returncode == 0


def test_other_images_that_are_still_there_are_not_taken_for_damaged(server: Server) -> None:
    """After a deploy of an older commit, the other commit's images remain for the sessions that run on them."""
    server.archive(b"whole")
    server.run()
    (server.place / "store/layer/file").write_text("another image's")
    done = server.run("build-images", "base=b1", "spark=s1", "jupyter=earlier")
    assert done.returncode == 0, done.stderr
    assert "damaged" not in done.stdout
    assert server.current["jupyter"] == "openchronic/jupyter:earlier"


def test_damaged_layers_that_a_session_uses_are_not_used_again(server: Server) -> None:
    """Docker keeps the layers of a running session, and would not load the same layers again from the archive."""
    file = server.archive(b"whole")
    server.run()
    (server.place / "store/in-use").touch()
    (server.place / "store/layer/file").write_text("")
    (server.place / "calls").unlink()
    done = server.run()
    assert done.returncode == 0, done.stderr
    assert "a session runs on them and goes on" in done.stdout
    assert "load" not in server.calls
    assert "--no-cache" in server.calls
    assert file.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00\x00"])
def test_a_damaged_record_names_no_image(text: str) -> None:
    assert read_current(text) == {}


def test_images_say_of_what_they_are_made(server: Server) -> None:
    (server.place / "scripts/environment").write_text(
        "export REVISION='0a1b2c' VERSION='1.2' RSTUDIO_SERVER='STAND-IN' RSTUDIO_URL=''\n"
    )
    lock = server.place / "state/context/images/jupyter/requirements.txt"
    lock.parent.mkdir()
    lock.write_text("jupyterlab==4\n")
    assert server.run().returncode == 0
    [bake] = [call for call in server.calls.splitlines() if call.startswith("buildx bake")]
    for image in REFERENCES:
        assert f"--set {image}.labels.org.opencontainers.image.revision=0a1b2c" in bake
        assert f"--set {image}.labels.org.opencontainers.image.version=1.2" in bake
    digest = hashlib.sha256(b"jupyterlab==4\n").hexdigest()
    assert f"--set jupyter.labels.openchronic.lock=sha256:{digest}" in bake
    assert "base.labels.openchronic.lock" not in bake


def test_other_versions_of_packages_reach_the_build(server: Server) -> None:
    """By a variable of each image, which Docker compares: the names of the packages are the same."""
    assert server.run("build-images", "base=b1+p0", "spark=s1+p1", "jupyter=j1+p2").returncode == 0
    assert server.current == REFERENCES
    assert {"PACKAGES_OF_spark=p1", "PACKAGES_OF_jupyter=p2"} <= set(server.calls.splitlines())


DEB = b"a package"
SHA256 = hashlib.sha256(DEB).hexdigest()


@pytest.mark.parametrize("way", ["file", "address", "none"])
def test_what_the_site_gives_of_rstudio_lies_in_the_builds_context(
    server: Server, way: str
) -> None:
    """Also after an earlier build, which may have had another package."""
    given = server.place / "state/context/given"
    given.mkdir()
    (given / "rstudio-server.deb").write_text("an older package")
    address = "https://m.example/r.deb" if way == "address" else ""
    (server.place / "scripts/environment").write_text(
        f"export RSTUDIO_SERVER='{'STAND-IN' if way == 'none' else SHA256}' RSTUDIO_URL='{address}'\n"
    )
    if way == "file":
        sent = server.place / "state/given/rstudio-server.deb"
        sent.parent.mkdir()
        sent.write_bytes(DEB)
    curl = server.place / "bin/curl"
    curl.write_text(
        '#!/bin/bash\necho "curl $*" >> "$CALLS"\n'
        'while [ "$1" != --output ]; do shift; done\nprintf "a package" > "$2"\n'
    )
    curl.chmod(0o755)
    done = server.run()
    assert done.returncode == 0, done.stderr
    if way == "none":
        assert list(given.iterdir()) == []
    else:
        assert (given / "rstudio-server.deb").read_bytes() == DEB
        assert (given / "rstudio-server.sha256").read_text() == f"{SHA256}  rstudio-server.deb\n"
    assert server.calls.count("curl") == (way == "address")
    # What was fetched is not fetched again.
    (server.place / "store/images").unlink()
    (server.place / "cache" / ARCHIVE).unlink(missing_ok=True)
    assert server.run().returncode == 0
    assert server.calls.count("curl") == (way == "address")


def test_a_package_that_cannot_be_fetched_stops_the_build(server: Server) -> None:
    (server.place / "scripts/environment").write_text(
        f"export RSTUDIO_SERVER='{SHA256}' RSTUDIO_URL='https://m.example/r.deb'\n"
    )
    curl = server.place / "bin/curl"
    curl.write_text("#!/bin/bash\necho 'curl: (22) 404' >&2; exit 22\n")
    curl.chmod(0o755)
    done = server.run()
    assert done.returncode != 0
    assert "404" in done.stderr
    assert "bake" not in server.calls
    assert server.current == {}


def test_a_mirror_that_fails_for_a_while_does_not_end_the_build(server: Server) -> None:
    """The root file system and the bake are begun again twice, and what is no mirror's fault is not."""
    failing = """#!/bin/bash
n=$(cat "$STORE/{name}-tries" 2> /dev/null || echo 0); echo $((n + 1)) > "$STORE/{name}-tries"
[ "$n" -ge {fails} ] || {{ echo "{said}" >&2; exit 1; }}
"""
    make = server.place / "bin/mmdebstrap"
    makes = make.read_text().split("\n", 1)[1]
    docker = server.place / "bin/docker"
    said = "E: apt download failed: E: apt-get install: process exited with 100"
    make.write_text(failing.format(name="root", fails=2, said=said) + makes)
    bakes = failing.split("\n", 1)[1].format(
        name="bake", fails=1, said="E: Failed to fetch http://m/x.deb 503 Service Unavailable"
    )
    bake = '[ "$1 $2" != "buildx bake" ] || {\n' + bakes + "}\n"
    docker.write_text(DOCKER.replace("#!/bin/bash\n", "#!/bin/bash\n" + bake, 1))
    (server.place / "state/build/rootfs-b1.tar").unlink()
    done = server.run()
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("a package source failed; once more in") == 3
    assert server.current == REFERENCES
    assert (server.place / "store/root-tries").read_text() == "3\n"

    make.write_text(failing.format(name="other", fails=9, said="E: no such package") + makes)
    (server.place / "state/build/rootfs-b1.tar").unlink()
    (server.place / "store/images").unlink()
    (server.place / "cache" / ARCHIVE).unlink()
    assert server.run().returncode != 0
    assert (server.place / "store/other-tries").read_text() == "1\n"
    make.write_text(failing.format(name="always", fails=9, said=said) + makes)
    assert server.run().returncode != 0
    assert (server.place / "store/always-tries").read_text() == "3\n"


def test_the_root_file_system_is_made_without_open_files_of_the_script(server: Server) -> None:
    """mmdebstrap gives apt the number of a pipe, of which Debian's sh reads one digit alone: each inherited file makes it more."""
    make = server.place / "bin/mmdebstrap"
    begin, makes = make.read_text().split("\n", 1)
    look = 'for fd in 3 4 5 6 7 8 9; do [ ! -e "/proc/$$/fd/$fd" ] || echo "$fd" >> "$STORE/open"; done\n'
    make.write_text(f'{begin}\necho asked > "$STORE/open"\n{look}{makes}')
    (server.place / "state/build/rootfs-b1.tar").unlink()
    done = server.run()
    assert done.returncode == 0, done.stderr
    assert (server.place / "store/open").read_text() == "asked\n"
