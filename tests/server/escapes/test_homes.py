"""Attacks on another's home by path, link, `/proc` or file handle, and on root by a hostile home."""

import shlex

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.escapes.attack import bring, record
from tests.server.machine import Machine
from tests.smoke.session import Session


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "calls")


@pytest.fixture(scope="module")
def thesis(server: Machine, alix: Analyst) -> str:
    """Make a file in alix's home with the mode 777."""
    place = f"{alix.home}/thesis"
    server.succeed(f"echo secret > {place}; chown alix:alix {place}; chmod 777 {place}")
    return place


def test_another_home_has_no_path(attacker: Session, thesis: str) -> None:
    attacker.run("open(os.path.expanduser('~/mine'), 'w').write('x')")
    ways = ["/home/{0}", "/home/demo/../{0}", "~{0}", f"{layout.HOMES}/{{0}}", f"{layout.HOMES}/{{0}}@parcours",
            "/proc/1/root/home/{0}", "/proc/1/root/srv/homes/{0}@parcours", "/proc/self/cwd/../{0}", "/proc/self/task/1/root/home/{0}"]  # fmt: skip
    reads = "[w for w in {} if os.path.exists(os.path.expanduser(w))]"
    assert attacker.value(reads.format([way.format("demo") + "/mine" for way in ways]))
    found = attacker.value(reads.format([way.format("alix") + "/thesis" for way in ways]))
    assert found == []
    assert attacker.value("os.listdir('/home')") == ["demo"]
    record(
        "another home by path and /proc",
        tried=", ".join(way.format("alix") for way in ways),
        answer="0 there",
        stopped_by="one home is mounted",
    )


def test_another_home_is_not_behind_a_link(attacker: Session, demo: Analyst, thesis: str) -> None:
    """The attacker follows links with Python and through Jupyter's contents API."""
    attacker.run(
        "home = os.path.expanduser('~')\n"
        "open(f'{home}/true', 'w').write('mine')\n"
        f"for name, to in (('way', 'true'), ('out', {thesis!r}), ('up', '/home/alix/thesis'), ('root', '/')):\n"
        "    attempt(os.unlink, f'{home}/{name}'); os.symlink(to, f'{home}/{name}')"
    )
    assert demo.hub.get("/user/demo/files/way").text == "mine"
    paths = [
        "out",
        "up",
        "root/srv/homes/alix@parcours/thesis",
        "..%2falix%2fthesis",
        "root/home/alix/thesis",
    ]
    answers = {
        path: demo.hub.get(f"/user/demo/{service}/{path}").status_code
        for path in paths
        for service in ("files", "api/contents")
    }
    attacker.run("for name in ('way', 'out', 'up', 'root', 'true'): os.unlink(f'{home}/{name}')")
    assert set(answers.values()) <= {400, 403, 404}, answers
    record(
        "another home by symbolic link",
        tried=f"{len(paths)} links and paths through Jupyter's file service",
        answer=", ".join(map(str, sorted(set(answers.values())))),
        stopped_by="the service runs in the session, where no other home is",
    )


def test_no_file_is_opened_by_its_handle(attacker: Session) -> None:
    """The attack "shocker" opens inodes of the host's file system by number."""
    attacker.run(
        "import ctypes\nhandle = ctypes.create_string_buffer(b'\\x80\\0\\0\\0' + bytes(200)); mount = ctypes.c_int()"
    )
    home = "os.path.expanduser('~').encode()"
    assert (
        attacker.value(f"call('name_to_handle_at', -100, {home}, handle, ctypes.byref(mount), 0)")
        == "ok"
    )
    attacker.run(f"place = os.open({home}, os.O_RDONLY)")
    answer = attacker.value("call('open_by_handle_at', place, handle, 0)")
    assert answer == "EPERM"
    record(
        "files by handle (shocker)",
        tried="open_by_handle_at on the home's file system, with a handle that is right",
        answer=answer,
        stopped_by="no CAP_DAC_READ_SEARCH; seccomp",
    )


def test_no_hard_link_and_no_device_in_a_home(
    attacker: Session, server: Machine, site: Site
) -> None:
    """Such files could make root or a colleague open another file than intended."""
    attacker.run("home = os.path.expanduser('~'); open(f'{home}/a', 'w').close()")
    assert attacker.value("attempt(os.link, f'{home}/a', f'{home}/b')") == "ok"
    assert attacker.value("attempt(os.mkfifo, f'{home}/pipe')") == "ok"
    answers = attacker.value(
        f"[attempt(os.link, '/etc/passwd', f'{{home}}/c'), attempt(os.link, '{layout.ONBOARDING}/charte.md', f'{{home}}/c'),"
        " attempt(os.mknod, f'{home}/disk', 0o60666, os.makedev(7, 0)),"
        " attempt(os.mknod, f'{home}/mem', 0o20666, os.makedev(1, 1)),"
        " attempt(os.chown, f'{home}/a', 0, 0), attempt(os.chmod, f'{home}/a', 0o6777)]"
    )
    attacker.run("for name in ('a', 'b', 'pipe'): os.unlink(f'{home}/{name}')")
    # A set-uid bit on one's own file gives one's own rights only; homes are also mounted nosuid.
    assert "ok" not in answers[:5], answers
    options = server.succeed(f"findmnt --noheadings --output OPTIONS {site.storage.homes}")
    assert {"nodev", "nosuid"} <= set(options.split(","))
    record(
        "hard links, device nodes, root's files in a home",
        tried="2 hard links, 2 devices, chown to root",
        answer=", ".join(dict.fromkeys(answers[:5])),
        stopped_by="other file systems; no capability; homes nodev, nosuid",
    )


HOSTILE = rf"""
import os, pathlib
home = pathlib.Path.home()
names = ['-rf', '--checkpoint-action=exec=sh', '$(id)', '`id`', 'a;id', 'a b\tc', 'ligne\nsuivante', '\u202egnp.exe',
         "l'eau", '"', '\\', '*', '~', '.hidden\x7f', 'é' * 60, b'\xff\xfe'.decode('utf8', 'surrogateescape')]
folder = home / 'odd'
folder.mkdir(exist_ok=True)
for name in names:
    (folder / name).write_text('x')
links = {{'.cache-link': '/etc', '.jupyter-link': '/var/lib', 'shadow': '/etc/shadow', 'loop': 'loop', 'sock': '{layout.DOCKER_SOCKET}'}}
for name, to in links.items():
    place = home / name
    place.unlink(missing_ok=True); place.symlink_to(to)
pipe = home / '.bashrc'
pipe.unlink(missing_ok=True); os.mkfifo(pipe)
"""


def test_root_is_not_led_astray_by_a_home(
    attacker: Session, server: Machine, site: Site, demo: Analyst
) -> None:
    """The home has odd names, links to root's files, and a pipe in place of a shell's file. A deploy's steps on it change
    nothing outside, and do not wait for the pipe."""
    attacker.run(HOSTILE)
    assert attacker.value("len(os.listdir(os.path.expanduser('~/odd')))") == 16
    home = demo.home
    watched = f"stat -c '%n %U %G %a %Y' /etc/shadow /etc /var/lib {layout.DOCKER_SOCKET}"
    before = server.succeed(watched)
    try:
        # The commands that the users component and the smoke test run as root.
        server.succeed(
            f"timeout 20 sh -c {shlex.quote(f'chown demo:demo {home}; chmod 700 {home}; stat -c %U {home}')}"
        )
        assert server.succeed(watched) == before
        listed = demo.hub.get("/user/demo/api/contents/odd")
        assert listed.status_code == 200
        refused = demo.hub.get("/user/demo/files/shadow")
        assert refused.status_code in (403, 404)
    finally:
        attacker.run(
            "shutil.rmtree(folder); [(home / name).unlink() for name in (*links, '.bashrc')]"
        )
    record(
        "a hostile home (odd names, links, pipes)",
        tried="16 names, 5 links to root's files, a pipe as .bashrc; then root's steps on the home",
        answer=f"nothing outside changed; the link to /etc/shadow: {refused.status_code}",
        stopped_by="root touches a home's top only, which its user cannot replace",
    )
