"""ANSSI's rules on a booted server: the fulfilled rules hold; test_deploy.py has that a deploy repairs a change."""

import shlex
import subprocess

import pytest

from infra.operations import ssh
from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGIN
from infra.settings.site import Site
from tests.infra.components.hardening.rules import Answer, answers
from tests.pace import patience
from tests.server.machine import Machine
from tests.smoke.kernel_settings import SCRIPT, kernel_settings
from tests.smoke.restarts import SCRIPT as RESTARTS


@pytest.mark.parametrize("answer", answers().held, ids=lambda answer: answer.rules[0])
def test_what_is_held_holds_on_the_server(server: Machine, answer: Answer) -> None:
    server.fail("false")
    for command in answer.check:
        server.succeed(f"bash -e -c {shlex.quote(command)}")


def test_the_network_is_set_as_the_guide_asks_and_docker_still_forwards(server: Machine) -> None:
    found = kernel_settings(server.succeed(SCRIPT))
    assert found.wrong == ()
    # A box may set those of its network only; the others are its host's.
    assert found.right > 30
    assert server.succeed("sysctl --values net.ipv4.ip_forward") == "1"


def test_ssh_leads_nowhere_but_to_the_server(site: Site, server: Machine) -> None:
    """The proxy's API on the loopback address is reachable from the server itself, and not through SSH."""
    assert server.reads_at("127.0.0.1", layout.PROXY_API_PORT)
    *command, destination = ssh.ssh_command(site)
    through = subprocess.run(
        [*command, "-W", f"127.0.0.1:{layout.PROXY_API_PORT}", destination],
        input="GET /api/routes HTTP/1.0\r\n\r\n",
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )
    assert "HTTP/" not in through.stdout
    assert "administratively prohibited" in through.stderr, through.stderr


def test_what_an_operator_makes_is_not_everybodys(site: Site, server: Machine) -> None:
    for command in ("umask", "bash --login -c umask"):
        mask = ssh.run(site, command).stdout.strip()
        assert int(mask, 8) & 0o007 == 0o007, f"{command}: {mask}"
    assert ssh.run(site, "sudo --non-interactive sh -c umask").stdout.strip() == "0027"
    # Folders that services read are open nevertheless.
    closed = server.execute(f"find /opt {layout.HUB_CONFIGURATION} -type d ! -perm -005 -print").out
    assert closed == ""


def test_a_weak_password_of_the_hosts_is_told(server: Machine) -> None:
    """Root may set a weak password and gets the warning that others get as a refusal. The account is locked at once."""
    set_it = f"chpasswd 2>&1; usermod --password '!' {SMOKE_LOGIN}"
    weak = server.succeed(set_it, stdin=f"{SMOKE_LOGIN}:Court-Mot-2-P$\n")
    assert "BAD PASSWORD" in weak
    good = server.succeed(set_it, stdin=f"{SMOKE_LOGIN}:Traverse-7-Rivieres$\n")
    assert "BAD PASSWORD" not in good


def test_nothing_dumps_its_memory(server: Machine, images: dict[str, str]) -> None:
    assert server.succeed("ulimit -Hc") == "0"
    assert server.unit_property("nginx.service", "LimitCORE") == "0"
    run = f"docker run --rm --network none {images['spark']} bash -c 'ulimit -Hc'"
    assert server.succeed(run) == "0"
    opened = (
        f"docker run --rm --network none --ulimit core=-1 {images['spark']} bash -c 'ulimit -Hc'"
    )
    assert server.succeed(opened) == "unlimited", "the probe sees nothing but 0"


def test_a_replaced_library_of_a_running_program_is_seen(server: Machine) -> None:
    """The smoke test's check finds a program whose file is replaced while it runs."""
    server.succeed(
        "mkdir -p /usr/lib/old-thing; cp /bin/sleep /usr/lib/old-thing/sleep; "
        "systemd-run --quiet --collect --unit=old-thing /usr/lib/old-thing/sleep 300"
    )
    try:
        server.wait_for_unit("old-thing.service")
        assert "/usr/lib/old-thing/sleep" not in server.succeed(RESTARTS)
        server.succeed(
            "cp /bin/sleep /usr/lib/old-thing/n; mv /usr/lib/old-thing/n /usr/lib/old-thing/sleep"
        )
        assert "sleep /usr/lib/old-thing/sleep" in server.succeed(RESTARTS)
    finally:
        server.execute("systemctl stop old-thing; rm -rf /usr/lib/old-thing")
