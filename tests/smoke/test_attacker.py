"""Attacks from a session that must fail, each with a similar action that works, as a control of the probe."""

import os
import re
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from infra.operations import ssh
from infra.settings import layout
from infra.settings.any_site import AnySite
from infra.settings.cluster_file import Target
from infra.settings.site import Site
from tests.server.machine import Machine
from tests.server.outside.door import Door
from tests.server.outside.raw_paths import tricks
from tests.smoke.given import Given
from tests.smoke.hub import Hub
from tests.smoke.out_of_reach import FAR_AWAY, HOST_PORTS
from tests.smoke.session import Session

REFUSED = (401, 403, 404)


def test_a_wrong_password_is_refused(site: AnySite, trust: Path, given: Given, hub: Hub) -> None:
    """a wrong password does not log in, nor the right one without its code where the site asks for codes

    the hub's journal on the server: `journalctl --unit=jupyterhub`
    """
    attacker = Hub(site.url, trust=trust)
    for password in (f"{given.password}x", given.login):
        assert not attacker.log_in(given.login, password), "the hub let a wrong password in"
    if given.secret:
        assert not attacker.log_in(given.login, given.password), "the hub asked for no code"
    assert not attacker.log_in("root", given.password), "the hub let root in"
    assert hub.is_logged_in(), "the right password no longer logs in: the probe proves nothing"


def test_a_password_opens_no_shell(site: Site, server: Machine, given: Given) -> None:
    """an analyst's password opens no shell over SSH

    @SSHD_FOLDER@/ on the server, and the account's shell in /etc/passwd
    """
    ask = given.work / "askpass"
    ask.write_text('#!/bin/sh\nprintf "%s\\n" "$SMOKE_PASSWORD"\n')
    ask.chmod(stat.S_IRWXU)
    program, *options, _ = ssh.ssh_command(site)
    attack = subprocess.run(
        [
            program,
            *("-o", "BatchMode=no", "-o", "PubkeyAuthentication=no"),
            *("-o", "PreferredAuthentications=password,keyboard-interactive"),
            *("-o", "NumberOfPasswordPrompts=1"),
            *options,
            f"{given.login}@{site.server.address}",
            "id",
        ],
        env={
            **os.environ,
            "SSH_ASKPASS": str(ask),
            "SSH_ASKPASS_REQUIRE": "force",
            "SMOKE_PASSWORD": given.password,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert attack.returncode != 0, f"a shell opened: {attack.stdout}"
    assert "Permission denied" in attack.stderr, f"SSH did not refuse, it broke: {attack.stderr}"
    offered = attack.stderr.rpartition("(")[2]
    asked = {"password", "keyboard-interactive"} & set(re.findall(r"[a-z-]+", offered))
    assert not asked, f"SSH asks for one: {offered}"
    shell = server.succeed(f"getent passwd {given.login}").rpartition(":")[2]
    assert shell == "/usr/sbin/nologin", f"the account's shell is {shell}"
    assert server.succeed("id -u") == "0", "the operator's own SSH works"


def test_another_users_server_is_closed(session: Session, running: Hub, colleague: Hub) -> None:
    """an analyst cannot open or see another analyst's running session

    the roles and scopes in @HUB_CONFIGURATION@/jupyterhub_config.py, the gate in @NGINX_SITE@, on the server
    """
    other = colleague.login
    mine = running.get(f"/user/{running.login}/api/status")
    assert mine.status_code == 200, f"the own session answers {mine.status_code}"
    theirs = colleague.get(f"/user/{other}/api/status")
    assert theirs.status_code == 200, "the colleague's session does not run: nothing is proven"
    token = session.value("os.environ['JUPYTERHUB_API_TOKEN']")
    for answer in (
        running.get(f"/user/{other}/lab"),
        running.get(f"/user/{other}/api/contents"),
        running.get(f"/user/{other}/api/contents", headers={"Authorization": f"token {token}"}),
        running.get(f"/hub/spawn/{other}"),
        running.api("GET", f"/users/{other}"),
        running.api("GET", f"/users/{other}/tokens"),
        running.api("DELETE", f"/users/{other}/server"),
    ):
        said = f"{answer.request.method} {answer.request.path_url}: {answer.status_code}"
        assert answer.status_code in REFUSED, f"not refused: {said}"
    assert colleague.is_running(), "the colleague's session was stopped"


def test_no_writing_of_a_path_leads_to_another_session(
    trust: Path, running: Hub, colleague: Hub
) -> None:
    """no way of writing a path leads to another analyst's session

    @NGINX_SITE@/paths.conf on the server
    """
    door = Door(urlsplit(colleague.session_url).hostname or "", trust)
    own = {"Cookie": running.cookies_for(f"/user/{running.login}/")}
    theirs = {"Cookie": colleague.cookies_for(f"/user/{colleague.login}/")}
    page = "api/status"
    control = door.ask(f"/user/{colleague.login}/{page}", headers=theirs)
    assert control.status == 200, "the colleague's own page does not answer: nothing is proven"
    for trick, path in tricks(other=colleague.login, own=running.login, page=page).items():
        for cookies in ({}, own):
            answer = door.ask(path, headers=cookies)
            assert answer.status in (400, 404), f"{trick}: {answer}"


def test_administration_is_closed(running: Hub) -> None:
    """an analyst does not administer the hub

    the roles and scopes in @HUB_CONFIGURATION@/jupyterhub_config.py on the server
    """
    assert running.get("/hub/home").status_code == 200
    assert running.get("/hub/admin").status_code in REFUSED
    listed = running.api("GET", "/users")
    seen = [user["name"] for user in listed.json()] if listed.status_code == 200 else []
    assert set(seen) <= {running.login}, f"sees other users: {seen}"
    assert running.api("GET", "/proxy").status_code in REFUSED


def test_a_session_is_nobody_but_its_user(session: Session, server: Machine, given: Given) -> None:
    """a session runs as its user, without root, sudo or any capability

    `docker inspect session-<login>` on the server; the spawner's settings
    """
    uid = int(server.succeed(f"id -u {given.login}"))
    assert uid >= 1000
    assert session.value("os.getuid()") == uid
    status = session.value(
        "dict(line.split(':\\t') for line in open('/proc/self/status').read().splitlines()"
        " if line.startswith(('CapEff', 'CapBnd', 'CapPrm', 'NoNewPrivs')))"
    )
    none = "0" * 16
    wanted = {"CapEff": none, "CapPrm": none, "CapBnd": none, "NoNewPrivs": "1"}
    assert status == wanted, f"the session may do more than a user: {status}"
    assert session.value("shutil.which('python3')"), "the probe looks where programs are"
    assert session.value("shutil.which('sudo')") is None, "sudo is in the image"
    became = session.value(
        "subprocess.run(['python3', '-c', 'import os; os.setuid(0)'], capture_output=True, text=True).stderr"
    )
    assert "PermissionError" in became, f"setuid(0) is not refused: {became}"


def test_the_docker_socket_is_not_there(session: Session, server: Machine) -> None:
    """a session has no Docker socket and no device of the host

    the volumes in `docker inspect session-<login>` on the server
    """
    server.succeed(f"test -S {layout.DOCKER_SOCKET}")
    for place in (layout.DOCKER_SOCKET, "/var/run/docker.sock", "/run/containerd/containerd.sock"):
        assert not session.value(f"os.path.exists({place!r})"), f"{place} is in the session"
    assert session.value("os.path.exists('/dev/null')")
    devices = session.value(
        "[name for name in os.listdir('/dev') if name.startswith(('sd', 'nvme', 'loop', 'mem', 'kmsg'))]"
    )
    assert devices == [], f"the session sees {devices}"


def test_others_data_are_not_there(
    session: Session, site: Site, server: Machine, given: Given
) -> None:
    """a session sees neither raw data, nor typed tables that are not opened to it, nor another home

    the volumes in `docker inspect session-<login>` on the server
    """
    for place in (
        *(site.storage.data, site.storage.restricted),
        *(layout.SECRETS, layout.HUB_CONFIGURATION),
    ):
        server.succeed(f"test -d {place}")
        assert not session.value(f"os.path.exists({place!r})"), f"{place} is in the session"
    assert session.value("os.listdir('/home')") == [given.login]
    assert session.write(f"/home/{given.login}/.smoke-test") == "written"


def test_releases_are_read_only(session: Session, site: Target) -> None:
    """a session reads the releases and cannot write to them

    the volumes in `docker inspect session-<login>` on the server; owners under the releases' folder
    """
    for slug in site.bases:
        base = f"{layout.RELEASES}/{slug}"
        assert session.value(f"os.path.getsize({f'{base}/current/manifest.json'!r})") > 0
        for place in (f"{base}/x", f"{base}/current/x", f"{base}/current/manifest.json"):
            said = session.write(place)
            assert said != "written", f"{place} can be written"
    for place in (f"{layout.RELEASES}/x", f"{layout.ONBOARDING}/x", "/usr/x", "/etc/x", "/opt/x"):
        assert session.write(place) != "written", f"{place} can be written"
    assert session.write("/tmp/x") == "written", "the probe writes nowhere: it proves nothing"


def test_another_sessions_port_is_closed(session: Session, server: Machine, neighbour: str) -> None:
    """a session reaches no port of another session

    the firewall on the server: `nft list table bridge site`, and `docker network inspect sessions`
    """
    assert server.reads_at(neighbour, layout.SESSION_PORT), (
        "the neighbour does not listen: it proves nothing"
    )
    _assert_the_probe_works(session)
    assert session.reach(neighbour, layout.SESSION_PORT) != "open", (
        f"{neighbour}:{layout.SESSION_PORT} answers"
    )


def test_the_internet_is_closed(session: Session, site: Site, server: Machine) -> None:
    """a session reaches no address outside, not even the server's package mirror

    `docker network inspect sessions` (internal), and `nft list table inet site` on the server
    """
    _assert_the_probe_works(session)
    for host, port in FAR_AWAY:
        assert session.reach(host, port) != "open", f"{host}:{port} answers"
    mirror = urlsplit(site.packages.proxy or site.packages.debian)
    port = mirror.port or (443 if mirror.scheme == "https" else 80)
    address = server.succeed(f"getent ahostsv4 {mirror.hostname} | head -n 1").split()[0]
    assert server.reads_at(address, port), "the server does not reach its own mirror"
    assert session.reach(address, port) != "open", "the package mirror answers"


def test_names_are_not_resolved(session: Session, site: Site, server: Machine) -> None:
    """a session resolves no name outside, neither by itself nor through Docker

    `docker network inspect sessions`, and the firewall's chains on the server
    """
    assert session.look_up("localhost") != "no address", "the probe resolves nothing"
    mirror = urlsplit(site.packages.debian).hostname
    # The control: the server itself resolves the name, if not always at once.
    server.wait_until_succeeds(f"getent hosts {mirror}", timeout_s=60)
    for name in (str(mirror), "example.org"):
        assert session.look_up(name) == "no address", f"{name} is resolved"
    gateway = _hub(session)[0]
    for resolver in (gateway, "9.9.9.9"):
        assert session.ask_udp(resolver) != "open", f"{resolver} answers on port 53"


def test_the_hosts_ports_are_closed(session: Session, site: Site, server: Machine) -> None:
    """a session reaches the hub's API on the server, and no other port

    `nft list chain inet site input` on the server
    """
    host, port = _hub(session)
    _assert_the_probe_works(session)
    assert server.reads_at(host, 22), "SSH does not listen on the bridge: a refusal proves nothing"
    for address in (host, _own_address(server)):
        found = session.open_ports(address, [p for p in HOST_PORTS if p != port])
        assert found == [], f"{address} answers on {found}"


def test_the_sessions_token_opens_nothing_else(session: Session) -> None:
    """the token inside a session is good for that session alone

    @NGINX_SITE@/sessions-api.conf, and the `server` role in @HUB_CONFIGURATION@/jupyterhub_config.py, on the server
    """
    api = session.value("os.environ['JUPYTERHUB_API_URL']")
    token = session.value("os.environ['JUPYTERHUB_API_TOKEN']")
    assert session.value(f"get({api + '/user'!r}, {token!r})") == 200
    for place in ("/users/root", "/proxy", "/services", "/groups"):
        answer = session.value(f"get({api + place!r}, {token!r})")
        assert answer in REFUSED, f"{place} answers {answer}"


def _hub(session: Session) -> tuple[str, int]:
    """Return the host and port of the hub's API, from the session's environment."""
    api = urlsplit(str(session.value("os.environ['JUPYTERHUB_API_URL']")))
    assert api.hostname, f"the session knows no hub: {api}"
    return api.hostname, api.port or 80


def _assert_the_probe_works(session: Session) -> None:
    host, port = _hub(session)
    assert session.reach(host, port) == "open", (
        "the hub's API does not answer: a probe proves nothing"
    )


def _own_address(server: Machine) -> str:
    """Return the server's address on its external interface."""
    return server.succeed(
        'ip -json route get 192.0.2.1 | sed \'s/.*"prefsrc":"\\([^"]*\\)".*/\\1/\''
    )
