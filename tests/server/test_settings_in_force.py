"""Settings in force on the running server whose absence no test of attacks or faults would notice."""

import json
import re

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.machine import Machine

# Settings in the notation of `sshd -T`.
SSH = {
    "passwordauthentication": "no",
    "kbdinteractiveauthentication": "no",
    "permitrootlogin": "no",
    "permitemptypasswords": "no",
    "allowgroups": "operators",
    "maxauthtries": "3",
    "logingracetime": "30",
    "x11forwarding": "no",
    "allowagentforwarding": "no",
    "allowstreamlocalforwarding": "no",
    "clientaliveinterval": "60",
    "clientalivecountmax": "10",
}
APT = {
    "APT::Periodic::Update-Package-Lists": "1",
    "APT::Periodic::Unattended-Upgrade": "1",
    "Unattended-Upgrade::Automatic-Reboot": "false",
}
JOURNALS = ("journald.conf", "journald@web.conf")
GIB = 2**30
# Memory limits of the services that a flood of requests could fill.
MOST_MEMORY = {
    "nginx": 1 * GIB,
    "jupyterhub-proxy": 1 * GIB,
    "jupyterhub": 2 * GIB,
    "jupyterhub-culler": GIB // 2,
}
ALWAYS_BACK = (*MOST_MEMORY, "docker", "containerd", "ssh")
NGINX = {
    "ssl_protocols": "TLSv1.2 TLSv1.3",
    "ssl_ecdh_curve": "X25519:prime256v1:secp384r1",
    "client_header_timeout": "15s",
    "client_body_timeout": "30s",
}
# The port of the hub's API for sessions.
SESSIONS_API = layout.SESSIONS_API_PORT
PROBE = "/root/probe"


def test_ssh_is_for_operators_with_a_key(server: Machine) -> None:
    said = dict(line.split(" ", 1) for line in server.succeed("sshd -T").splitlines())
    assert {name: said.get(name) for name in SSH} == SSH


def test_a_key_opens_nothing_to_who_is_no_operator(server: Machine) -> None:
    """The server itself connects, since sshd penalises the address of a refused client."""
    options = "-o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    enter = f"ssh {options} -i {PROBE}/key probe@127.0.0.1 true || exit 1"
    server.succeed(
        f"mkdir -m 700 {PROBE} && ssh-keygen -q -t ed25519 -N '' -f {PROBE}/key && "
        "useradd --create-home --shell /bin/sh --groups operators probe && usermod -p '*' probe && "
        f"install -d -m 700 -o probe -g probe ~probe/.ssh && "
        f"install -m 600 -o probe -g probe {PROBE}/key.pub ~probe/.ssh/authorized_keys"
    )
    try:
        server.succeed(enter)
        server.succeed("gpasswd --delete probe operators")
        server.fail(enter)
    finally:
        server.execute(
            f"rm -rf {PROBE}; loginctl terminate-user probe; userdel --force --remove probe"
        )


def test_security_upgrades_install_themselves(server: Machine) -> None:
    said = dict(
        re.findall(r'^([\w:.-]+) "([^"]*)";$', server.succeed("apt-config dump"), re.MULTILINE)
    )
    assert {name: said.get(name) for name in APT} == APT
    for timer in ("apt-daily", "apt-daily-upgrade"):
        assert server.unit_state(f"{timer}.timer") == "active"


@pytest.mark.parametrize("journal", JOURNALS)
def test_a_journal_keeps_a_year_on_disk_within_its_limits(journal: str, server: Machine) -> None:
    text = server.succeed(f"systemd-analyze cat-config systemd/{journal}")
    # The last value of a setting is in force.
    said = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    assert said["Storage"] == "persistent"
    assert said["MaxRetentionSec"] == "1year"
    assert 1 <= int(said["SystemMaxUse"].removesuffix("G")) <= 4
    assert int(said["SystemKeepFree"].removesuffix("G")) >= 1


def test_what_is_logged_is_on_disk(server: Machine) -> None:
    """Journals in memory only would be lost at a reboot."""
    server.succeed("logger --tag settings-probe kept")
    place = "/var/log/journal/$(cat /etc/machine-id)"
    server.wait_until_succeeds(
        f"journalctl --sync && journalctl --directory={place} --since=-1min -t settings-probe -o cat | grep -x kept",
        timeout_s=20,
    )


@pytest.mark.parametrize("name", ALWAYS_BACK)
def test_a_service_that_dies_comes_back_however_often(name: str, server: Machine) -> None:
    shown = server.succeed(f"systemctl show {name}.service -p Restart -p StartLimitIntervalUSec")
    assert dict(line.split("=", 1) for line in shown.splitlines()) == {
        "Restart": "always",
        "StartLimitIntervalUSec": "0",
    }


@pytest.mark.parametrize("name", MOST_MEMORY)
def test_what_strangers_reach_has_bounded_memory(name: str, server: Machine) -> None:
    assert server.unit_property(f"{name}.service", "MemoryMax") == str(MOST_MEMORY[name])


def test_idle_sessions_are_ended_when_the_site_says(site: Site, server: Machine) -> None:
    """The running culler has the site's arguments; test_idle.py tests their effect, which takes minutes."""
    pid = server.unit_property(layout.CULLER_UNIT, "MainPID")
    said = server.succeed(f"tr '\\0' '\\n' < /proc/{pid}/cmdline").splitlines()
    idle = site.idle
    assert f"--timeout={idle.cull_after_minutes * 60:.0f}" in said
    assert f"--cull-every={idle.check_every_minutes * 60:.0f}" in said
    assert f"--max-age={idle.greatest_age_hours * 3600:.0f}" in said


def test_the_hubs_database_is_copied_every_few_minutes(server: Machine) -> None:
    shown = server.unit_property(layout.COPY_TIMER, "TimersMonotonic")
    assert "OnUnitActiveUSec=5min" in shown, shown


def test_few_ports_listen_beyond_the_server_itself(site: Site, server: Machine) -> None:
    """Besides the firewall, internal services listen on the loopback address only."""
    shown = server.succeed("ss --tcp --listening --numeric --no-header | awk '{ print $4 }'")
    rows = [row.rpartition(":") for row in shown.splitlines()]
    local = {int(port) for host, _, port in rows if host.startswith("127.") or host == "[::1]"}
    # The hub, the proxy and the proxy's API.
    assert {layout.PROXY_PORT, layout.PROXY_API_PORT, layout.HUB_PORT} <= local
    beyond = {
        int(port) for host, _, port in rows if not (host.startswith("127.") or host == "[::1]")
    }
    assert beyond == {site.server.ssh.port, 80, 443, SESSIONS_API}


def test_nginx_says_what_it_was_told(server: Machine) -> None:
    text = server.succeed("nginx -T 2>/dev/null")
    said = {name: set(re.findall(rf"^\s*{name}\s+([^;]+);", text, re.MULTILINE)) for name in NGINX}
    assert {name: values for name, values in said.items() if values != {NGINX[name]}} == {}


def test_the_sessions_way_to_the_hub_is_for_sessions_alone(site: Site, server: Machine) -> None:
    ask = (
        f"curl -s -o /dev/null -w '%{{http_code}}' http://{{}}:{layout.SESSIONS_API_PORT}/hub/api/"
    )
    assert server.succeed(ask.replace("{}", "127.0.0.1")) == "200"
    # From another of the server's own addresses, to which the firewall does not apply.
    assert server.succeed(ask.replace("{}", site.server.address)) == "403"


def test_one_session_asks_the_hub_a_few_times_a_second(server: Machine) -> None:
    url = f"http://127.0.0.1:{layout.SESSIONS_API_PORT}/hub/api/user?[1-300]"
    # In parallel, since a busy server answers sequential requests below the limit.
    ask = f"curl --parallel -s -o /dev/null -w '%{{http_code}}\\n' '{url}'"
    said = server.succeed(ask).split()
    assert "403" in said, "the hub is not reached: nothing is proven"
    assert "429" in said, "nothing slows it"


def test_the_firewalls_second_walls_stand(site: Site, server: Machine) -> None:
    """Docker's own rules block the same packets, so that no attack would notice the absence of these."""
    forward = server.succeed("nft list chain inet site forward")
    for rule in (
        f'iifname "{layout.SESSIONS_BRIDGE}" drop',
        f'oifname "{layout.SESSIONS_BRIDGE}" drop',
    ):
        assert rule in forward, forward
    bridge = server.succeed("nft list chain bridge site forward")
    for way in ("saddr", "daddr"):
        assert f"ip {way} {site.network.sessions} drop" in bridge, bridge
    assert "policy drop" in server.succeed("nft list chain inet site input")


def test_a_container_of_dockers_own_network_reaches_no_port_of_the_server(
    server: Machine, images: dict[str, str]
) -> None:
    """Such containers are image builds, and any that an operator starts."""
    assert server.reads_at(layout.DOCKER_GATEWAY, 22), (
        "SSH does not listen there: nothing is proven"
    )
    probe = f"timeout 5 bash -c '</dev/tcp/{layout.DOCKER_GATEWAY}/22'"
    run = f"docker run --rm --network bridge --entrypoint bash {images['spark']} -c"
    assert server.succeed(f'{run} "{probe} 2>/dev/null && echo open || echo closed"') == "closed"


def test_docker_makes_containers_as_it_was_told(server: Machine, images: dict[str, str]) -> None:
    """Docker's defaults apply to any container: no new privileges, logs of a few megabytes, no traffic between them."""
    status = server.succeed(
        f"docker run --rm --network none --entrypoint grep {images['spark']} NoNewPrivs /proc/self/status"
    )
    assert status.split() == ["NoNewPrivs:", "1"]
    identity = server.succeed(f"docker create --network none {images['spark']}")
    try:
        told = json.loads(server.succeed(f"docker inspect {identity}"))[0]["HostConfig"]
    finally:
        server.succeed(f"docker rm {identity}")
    assert told["LogConfig"] == {"Type": "local", "Config": {"max-file": "3", "max-size": "10m"}}
    assert server.succeed("docker info --format '{{.LiveRestoreEnabled}}'") == "true"
    for network in ("bridge", "sessions"):
        options = json.loads(server.succeed(f"docker network inspect {network}"))[0]["Options"]
        assert options["com.docker.network.bridge.enable_icc"] == "false", network
