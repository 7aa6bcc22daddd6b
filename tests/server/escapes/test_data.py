"""Attacks on releases and raw data: a session can read releases only, and write neither."""

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.escapes.attack import bring, record
from tests.server.machine import Machine
from tests.smoke.session import Session


@pytest.fixture(scope="module", autouse=True)
def _armed(attacker: Session) -> None:
    bring(attacker, "calls")


def test_a_release_cannot_be_changed(attacker: Session, site: Site, server: Machine) -> None:
    base = f"{layout.RELEASES}/{next(iter(site.bases))}"
    attacker.run(
        f"base = {base!r}; release = os.path.realpath(f'{{base}}/current'); manifest = f'{{release}}/manifest.json'\n"
        "def ways(release, manifest):\n"
        "    return [attempt(open, f'{release}/x', 'w'), attempt(open, manifest, 'r+'), attempt(os.truncate, manifest, 0),\n"
        "            attempt(os.chmod, manifest, 0o666), attempt(os.utime, manifest), attempt(os.rename, manifest, manifest + '2'),\n"
        "            attempt(os.symlink, '/tmp', f'{release}/link'), attempt(os.mkdir, f'{release}/d'), attempt(os.unlink, manifest + '2')]"
    )
    assert attacker.value("os.path.getsize(manifest)") > 0
    attacker.run(
        "os.makedirs('/tmp/like', exist_ok=True); open('/tmp/like/manifest.json', 'w').write('x')"
    )
    assert set(attacker.value("ways('/tmp/like', '/tmp/like/manifest.json')")) == {"ok"}
    before = server.succeed(
        f"cd {site.storage.releases} && find . -type f | sort | xargs sha256sum | sha256sum"
    )
    answers = attacker.value("ways(release, manifest)")
    assert "ok" not in answers, answers
    by_fd = attacker.value("open_to_write(f'/proc/self/fd/{os.open(manifest, os.O_RDONLY)}')")
    assert by_fd != "ok"
    assert (
        server.succeed(
            f"cd {site.storage.releases} && find . -type f | sort | xargs sha256sum | sha256sum"
        )
        == before
    )
    record(
        "a release, read-write",
        tried="create, open, truncate, chmod, touch, rename, link, mkdir, unlink; by /proc/self/fd",
        answer=", ".join(sorted({*answers, by_fd})),
        stopped_by="read-only mount; owned by the builder",
    )


def test_no_mount_becomes_writable(attacker: Session, site: Site) -> None:
    """The attacker tries MS_REMOUNT (32), MS_BIND (4096) and the newer system calls for mounts."""
    assert attacker.value("call('getpid')") == "ok"
    answers = attacker.value(
        f"[call('mount', b'', b'{layout.RELEASES}', b'', 32 | 4096, 0), call('mount', b'{layout.RELEASES}', b'/tmp', b'', 4096, 0),"
        f" call('umount2', b'{layout.RELEASES}', 2), call('umount2', b'/etc/passwd', 2), call('open_tree', -100, b'{layout.RELEASES}', 1),"
        " call('move_mount', -1, b'', -1, b'', 0), call('fsopen', b'tmpfs', 0)]"
    )
    assert set(answers) == {"EPERM"}, answers
    record(
        "a read-only mount, mounted again",
        tried="mount (remount, bind), umount2, open_tree, move_mount, fsopen",
        answer=", ".join(sorted(set(answers))),
        stopped_by="no CAP_SYS_ADMIN; seccomp",
    )


def test_raw_data_are_not_there(attacker: Session, site: Site, server: Machine) -> None:
    raw = server.succeed(
        f"find {site.storage.data} -type f | head -n 200 | xargs -n1 basename | sort -u"
    )
    names = raw.split()
    assert names, "there are no raw data: nothing is proven"
    attacker.run(
        "def named(names):\n"
        "    return [os.path.join(place, file) for place, folders, files in os.walk('/') "
        "if not place.startswith(('/proc', '/sys')) for file in files if file in names]"
    )
    assert attacker.value("named(['manifest.json', 'charte.md'])", timeout_s=120)
    found = attacker.value(f"named({names!r})", timeout_s=120)
    assert found == []
    assert not attacker.value(f"os.path.exists({site.storage.data!r})")
    record(
        "raw data",
        tried=f"a search of the whole session for {len(names)} names of raw files",
        answer=f"{len(found)} found",
        stopped_by="not mounted",
    )


def test_what_comes_with_the_session_is_read_only(attacker: Session, image: str) -> None:
    places = ["/x", "/usr/bin/x", "/opt/session/x", "/etc/x", "/etc/passwd", "/etc/hosts", "/etc/resolv.conf", f"{layout.ONBOARDING}/x",
              "/etc/jupyter/jupyter_server_config.py", "/usr/local/bin/start-session", "/usr/local/bin/healthy", "/var/x", "/run/x"]  # fmt: skip
    assert attacker.value("put('/tmp/x', 'x')") == "ok"
    answers = {place: attacker.value(f"put({place!r}, 'x')") for place in places}
    assert "ok" not in answers.values(), answers
    record(
        "the session's own system",
        image=image,
        tried=f"writing in {len(places)} places: programs, settings, health check, /etc/passwd",
        answer=", ".join(sorted(set(answers.values()))),
        stopped_by="read-only root; root's files",
    )
