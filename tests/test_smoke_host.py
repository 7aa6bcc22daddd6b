"""The smoke test's verdicts on the host, for right, wrong and missing output of a server."""

import pytest

from infra.components import jupyterhub
from tests.smoke.clock import clock_problem
from tests.smoke.confinement import apparmor_problem
from tests.smoke.kernel_settings import kernel_settings
from tests.smoke.restarts import DAYS, restarts
from tests.smoke.versions import LOCKS, installed_python, locked_python, npm, older

DAY = 86400
NOW = 2_000_000_000
SITES = ("ntp1.example", "ntp2.example")


@pytest.mark.parametrize(
    ("synchronised", "source", "servers", "says"),
    [
        ("yes", "ntp2.example", SITES, ""),
        ("yes", "2.debian.pool.ntp.org", (), ""),
        ("no", "ntp1.example", SITES, "not synchronised"),
        ("", "", SITES, "not synchronised"),
        ("no", "", (), "Debian's time servers"),
        ("yes", "0.debian.pool.ntp.org", SITES, "comes from 0.debian.pool.ntp.org"),
    ],
)
def test_a_clock_that_is_not_the_sites_is_told(
    synchronised: str, source: str, servers: tuple[str, ...], says: str
) -> None:
    problem = clock_problem(synchronised, source, servers)
    assert (says in problem) if says else (problem == "")


@pytest.mark.parametrize(
    ("enabled", "profile", "confined", "says"),
    [
        ("", "", "", ""),
        ("Y", "docker-default", "docker-default (enforce)", ""),
        ("N", "", "", "switched off"),
        ("Y", "", "unconfined", "« none »"),
        ("Y", "unconfined", "unconfined", "« unconfined »"),
        ("Y", "docker-default", "docker-default (complain)", "complain"),
        ("Y", "docker-default", "unconfined", "« unconfined »"),
        ("Y", "docker-default", "", "« nothing »"),
    ],
)
def test_where_the_kernel_has_apparmor_it_must_confine(
    enabled: str, profile: str, confined: str, says: str
) -> None:
    problem = apparmor_problem(enabled, profile, confined)
    assert (says in problem) if says else (problem == "")


def test_a_kernel_setting_that_is_not_the_files_is_told() -> None:
    found = kernel_settings(
        "own|net.ipv4.tcp_syncookies|1|1\n"
        "own|net.ipv4.conf.all.rp_filter|1|0\n"
        "host|kernel.sysrq|0|438\n"
        "nobody|kernel.yama.ptrace_scope|1|\n"
    )
    assert found.wrong == ("net.ipv4.conf.all.rp_filter is 0, not 1",)
    assert (found.right, found.hosts) == (1, 1)


def said(*lines: str, running: str = "6.12.48+deb13-amd64") -> str:
    return "\n".join((f"running {running}", *lines))


def test_a_server_that_runs_what_it_has_needs_no_restart() -> None:
    old = NOW - 100 * DAY
    found = restarts(
        said(f"kernel {old} 6.12.48+deb13-amd64", f"kernel {old} 6.12.9+deb13-amd64"), now=NOW
    )
    assert (found.overdue, found.waiting) == ((), ())


def test_a_newer_kernel_waits_then_is_overdue() -> None:
    newer = "6.12.100+deb13-amd64"
    for age, overdue in ((0, False), (DAYS - 1, False), (DAYS, True), (90, True)):
        found = restarts(said(f"kernel {NOW - age * DAY} {newer}"), now=NOW)
        told = found.overdue if overdue else found.waiting
        assert [line for line in told if newer in line and f"since {age} days" in line]
        assert not (found.waiting if overdue else found.overdue)


def test_a_kernel_of_another_flavour_or_of_a_boxs_host_is_no_update() -> None:
    late = NOW - 90 * DAY
    cloud = said(f"kernel {late} 6.12.100+deb13-cloud-amd64")
    assert restarts(cloud, now=NOW).overdue == ()
    newer = said(f"kernel {late} 6.12.100+deb13-amd64")
    assert restarts(newer, now=NOW, own_kernel=False).overdue == ()
    assert restarts(newer, now=NOW).overdue
    bookworm = said(f"kernel {late} 6.1.0-28-amd64", running="6.1.0-9-amd64")
    assert restarts(bookworm, now=NOW).overdue, "28 is more than 9"


def test_a_replaced_library_and_a_packages_wish_are_told() -> None:
    late, fresh = NOW - 20 * DAY, NOW - DAY
    found = restarts(
        said(
            f"library {late} sshd /usr/lib/x86_64-linux-gnu/libcrypto.so.3",
            f"library {fresh} nginx /usr/lib/x86_64-linux-gnu/libssl.so.3",
            f"asked {late} linux-image-6.12.100+deb13-amd64 ",
            f"asked {fresh} ",
        ),
        now=NOW,
    )
    assert found.overdue == (
        "sshd still has the older libcrypto.so.3 (since 20 days)",
        "a package asks for it: linux-image-6.12.100+deb13-amd64 (since 20 days)",
    )
    assert "nginx still has the older libssl.so.3 (since 1 days)" in found.waiting
    assert len(found.waiting) == 2


def test_what_is_older_than_the_lock_is_told() -> None:
    lock = {"jupyterhub": "6.1.1", "tornado": "6.10", "pamela": "1.2.0", "certipy": "0.2"}
    installed = {"jupyterhub": "6.1.1", "tornado": "6.9", "certipy": "0.10", "pip": "25.1"}
    assert older(installed, lock) == [
        "tornado: 6.9, the lock says 6.10",
        "pamela: none, the lock says 1.2.0",
    ]


def test_locks_and_lists_are_read_alike() -> None:
    assert locked_python(
        "# a lock\nruamel.yaml==0.18.1 \\\n    --hash=sha256:00\n"
        "A_b==1 ; python_full_version < '3.15' and sys_platform == 'linux'\n"
        "pywin32==312 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
    ) == {
        "ruamel-yaml": "0.18.1",
        "a-b": "1",
    }
    assert installed_python('[{"name": "Ruamel.YAML", "version": "0.18.1"}]') == {
        "ruamel-yaml": "0.18.1"
    }
    lock = '{"packages": {"": {"version": "1"}, "node_modules/a": {"version": "2"}, "node_modules/d": {"version": "3", "dev": true}, "node_modules/l": {"link": true}}}'
    assert npm(lock) == {"node_modules/a": "2"}
    assert older({"node_modules/a": "1"}, npm(lock)) == ["a: 1, the lock says 2"]


def test_our_own_locks_are_read_whole() -> None:
    python = locked_python((LOCKS / "requirements.txt").read_text())
    proxy = npm((LOCKS / "package-lock.json").read_text())
    assert LOCKS == jupyterhub.HERE
    assert "jupyterhub" in python
    assert "node_modules/configurable-http-proxy" in proxy
    assert min(len(python), len(proxy)) > 20
    assert older(python, python) == older(proxy, proxy) == []
