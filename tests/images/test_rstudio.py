"""Tests that the images with RStudio must pass; each known trap of RStudio behind a hub is set, to see that it is noticed."""

import base64
import hashlib
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.settings import layout
from infra.settings.settings_file import ROOT
from tests.images.conftest import RunIn
from tests.images.docker import Docker, Said
from tests.images.made_up_deb import SAYS, made_up_deb

Inside = Callable[[str], str]
HOME = "/usr/lib/rstudio-server"
# What dpkg needs as root; a session has none of it.
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETGID", "SETUID")
FROM_ROOT = [word for one in CAPABILITIES for word in ("--cap-add", one)]
NAMES = "stand-in-rserver install-rserver"


@pytest.fixture(scope="module")
def opened(run_in: RunIn, image: str, inside: Inside) -> dict[str, Any]:
    """Give what rstudio.py says of an unhurt session."""
    done = run_in(image, "python -", stdin=inside("rstudio.py"))
    assert done.status == 0, done
    found: dict[str, Any] = json.loads(done.out.splitlines()[-1])
    return found


def stood_in(docker: Docker, image: str) -> bool:
    labels = json.loads(docker("image", "inspect", image).out)[0]["Config"]["Labels"]
    return bool(labels["openchronic.rstudio-server"] == "STAND-IN")


def test_its_label_says_whether_rstudio_is_real(
    docker: Docker, image: str, opened: dict[str, Any]
) -> None:
    assert stood_in(docker, image) == ("STAND-IN" in opened["page"]), opened["page"]


def test_it_opens_at_its_path_and_signs_in_by_itself(opened: dict[str, Any]) -> None:
    assert "error" not in opened["page"], opened
    assert opened["cookies"]["user-id"] == "/user/claire/rstudio/"


def test_jupyterlab_offers_it(opened: dict[str, Any]) -> None:
    assert "RStudio" in opened["launcher"]


def test_it_is_started_as_its_user_with_a_socket_and_a_key_of_its_own(
    docker: Docker, image: str, opened: dict[str, Any]
) -> None:
    if not stood_in(docker, image):
        pytest.skip("only the stand-in tells how it was started")
    options = opened["started"]["options"]
    assert options["www-root-path"] == "/user/claire/rstudio/"
    assert options["server-user"] == opened["started"]["user"] == "claire"
    assert options["auth-none"] == "1"
    assert options["www-frame-origin"] == "same"
    assert "www-port" not in options
    assert opened["listening"] == [layout.SESSION_PORT]
    key, mode = opened["key"]
    assert len(key) == 32
    assert mode == "0o600"


def test_each_session_has_another_key(
    docker: Docker, run_in: RunIn, image: str, inside: Inside, opened: dict[str, Any]
) -> None:
    if not stood_in(docker, image):
        pytest.skip("only the stand-in tells how it was started")
    again = run_in(image, "python -", stdin=inside("rstudio.py"))
    second = json.loads(again.out.splitlines()[-1])
    assert second["key"][0] != opened["key"][0]


def test_it_answers_in_the_browsers_scheme(opened: dict[str, Any]) -> None:
    """Behind the web server, whose scheme is another than the session's: a redirect to http leads nowhere."""
    for scheme, place in opened["redirects"].items():
        assert place.startswith(
            f"{scheme}://127.0.0.1:{layout.SESSION_PORT}/user/claire/rstudio/"
        ), opened


@pytest.mark.parametrize("trap", ["slash", "service", "port"])
def test_a_trap_is_noticed(
    docker: Docker, run_in: RunIn, image: str, inside: Inside, trap: str
) -> None:
    """With the root path of older proxies, started as a service, or at a port: the probe above must fail."""
    if not stood_in(docker, image):
        pytest.skip("the stand-in refuses them as documented; the real one is not asked")
    done = run_in(image, "python -", stdin=inside("rstudio.py"), options=("--env", f"TRAP={trap}"))
    assert done.status == 0, done
    said = json.loads(done.out.splitlines()[-1])
    assert said["page"].startswith("error"), said


def test_it_can_be_started_for_its_user_only(look_in: RunIn, image: str) -> None:
    """As a service it needs root's rights, and shares one key and one port."""
    assert look_in(image, "command -v rstudio-server").out == ""


def test_the_image_holds_no_key_of_cookies(look_in: RunIn, image: str) -> None:
    found = look_in(image, "find / -xdev -name '*secure-cookie-key*' 2>/dev/null", user="0:0")
    assert found.out == "", found


def test_its_settings_are_those_of_a_container(look_in: RunIn, image: str) -> None:
    settings = look_in(image, "cat /etc/rstudio/rserver.conf /etc/rstudio/file-locks").out
    for line in (
        "auth-minimum-user-id=0",
        "server-app-armor-enabled=0",
        "www-proxy-localhost=0",
        "rsession-which-r=/usr/bin/R",
        "lock-type=advisory",
    ):
        assert line in settings.splitlines()
    assert "stderr" in look_in(image, "cat /etc/rstudio/logging.conf").out
    assert look_in(image, "env | grep JUPYTER_RSESSION_PROXY_USE_SOCKET").out == ""


def test_the_proxy_is_one_that_writes_the_root_path_right(look_in: RunIn, image: str) -> None:
    script = "import importlib.metadata as m; print(m.version('jupyter-rsession-proxy'))"
    version = look_in(image, f'python -c "{script}"').out.strip()
    assert tuple(map(int, version.split(".")[:3])) >= (2, 5, 1)


def install(run_in: RunIn, image: str, deb: Path, *, sha256: str, then: str) -> Said:
    """Install a package in a container as the build does, then run a script there."""
    folder = ROOT / "images/rstudio"
    files = {
        **{f"rstudio/{name}": (folder / name).read_bytes() for name in NAMES.split()},
        "given/rstudio-server.deb": deb.read_bytes(),
        "given/rstudio-server.sha256": f"{sha256}  rstudio-server.deb\n".encode(),
    }
    laid = "\n".join(
        f"base64 -d > /tmp/{name} <<'END'\n{base64.encodebytes(content).decode()}END"
        for name, content in files.items()
    )
    script = f"mkdir -p /tmp/rstudio /tmp/given\n{laid}\nbash /tmp/rstudio/install-rserver /tmp/given >&2 || exit 9\n{then}"
    return run_in(image, "bash -s", stdin=script, user="0:0", options=FROM_ROOT, timeout_s=600)


@pytest.fixture(scope="module")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up_deb(tmp_path_factory.mktemp("deb"))


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_package_that_the_site_gives_is_installed_without_what_is_dangerous(
    run_in: RunIn, image: str, deb: Path
) -> None:
    look = shlex.quote(
        f"{HOME}/bin/rserver --help | head -1; command -v rstudio-server sudo;"
        "find / -xdev \\( -name '*secure-cookie-key*' -o -type f -perm /6000 \\) 2>/dev/null;"
        f"dpkg-query -W -f '${{Version}} ${{db:Status-Status}}\\n' rstudio-server; stat -c %A {HOME}/bin/rserver-pam"
    )
    done = install(run_in, image, deb, sha256=sha256_of(deb), then=f"bash -c {look}")
    assert done.status == 0, done
    assert done.out.splitlines() == [
        f"rserver ({SAYS}) options:",
        "2026.09.0+174 installed",
        "-rwxr-xr-x",
    ], done


def test_another_file_than_the_named_one_stops_the_build(
    run_in: RunIn, image: str, deb: Path
) -> None:
    done = install(run_in, image, deb, sha256="0" * 64, then="echo went on")
    assert done.status == 9, done
    assert "is not the file of this SHA-256" in done.err
    assert "went on" not in done.out
