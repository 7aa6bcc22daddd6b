"""Runs the rendered configuration with real nginx and the real proxy, in front of a fake hub and fake sessions."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import requests

from infra.components import jupyterhub, web
from infra.components.web.certificates import site_certificate
from infra.components.web.static_pages import Words, page_files
from infra.operations.rendering import rendered_file
from infra.settings import layout
from infra.settings.help import Help
from infra.settings.image_graph import GRAPH
from infra.settings.settings_file import ROOT
from infra.settings.site import Server, Ssh, Tls
from tests.infra.components.web.upstream import Upstream
from tests.npm import installed, node
from tests.pace import patience
from tests.server.outside.door import Door

SECRET = "of-this-test"
NAME = "big-data.example"
UNPACKED = ROOT / ".venv/unpacked/usr/sbin/nginx"
TOKEN = "proxy"
HELP = Help(name="Équipe d’essai", email="aide@exemple.invalid")


def nginx() -> str | None:
    """Return the path of this machine's nginx, or of the one that infra/bootstrap unpacked; None without one."""
    return shutil.which("nginx") or (str(UNPACKED) if UNPACKED.exists() else None)


@dataclass(frozen=True)
class Front:
    door: Door
    hub: Upstream
    sessions: dict[str, Upstream]
    api_port: int
    """The port of the hub's API for sessions."""
    domain: str | None = None
    """The session domain, if each session has a host of its own."""

    def forget(self) -> None:
        for upstream in (self.hub, *self.sessions.values()):
            upstream.asked.clear()
            upstream.heads.clear()

    def door_of(self, name: str) -> Door:
        """Return the door for a host name; the empty name stands for the IP address."""
        return replace(self.door, name=name)


@dataclass(frozen=True)
class Proxy:
    port: int
    api: int


@contextmanager
def front(folder: Path, *, people: tuple[str, ...], domain: str | None = None) -> Iterator[Front]:
    with ExitStack() as afterwards:
        hub, *sessions = [Upstream(who) for who in ("the hub", *people)]
        for upstream in (hub, *sessions):
            afterwards.callback(upstream.close)
        proxy = afterwards.enter_context(proxying(hub.port, domain=domain))
        for name, session in zip(people, sessions, strict=True):
            route = f"{name}.{domain}/user/{name}/" if domain else f"user/{name}/"
            requests.post(
                f"http://127.0.0.1:{proxy.api}/api/routes/{route}",
                json={"target": f"http://127.0.0.1:{session.port}"},
                headers={"Authorization": f"token {TOKEN}"},
                timeout=patience(10),
            ).raise_for_status()
        ports = {
            layout.PROXY_PORT: proxy.port,
            layout.HUB_PORT: hub.port,
            layout.SESSIONS_API_PORT: free_port(),
        }
        door = afterwards.enter_context(serving(folder, ports=ports, domain=domain))
        yield Front(
            door,
            hub,
            dict(zip(people, sessions, strict=True)),
            ports[layout.SESSIONS_API_PORT],
            domain,
        )


@contextmanager
def proxying(hub: int, *, domain: str | None) -> Iterator[Proxy]:
    """Run the proxy with the options of its unit."""
    port, api = free_port(), free_port()
    routing = " --host-routing" if domain else ""
    text = rendered_file(jupyterhub.FILES / layout.PROXY_UNIT, HOST_ROUTING=routing).decode()
    text = text.replace("\\\n", " ")
    found = re.search(r"(?m)^ExecStart=/usr/bin/node \S+ (.*)$", text)
    assert found
    options = found[1]
    for own, other in (
        (layout.PROXY_PORT, port),
        (layout.PROXY_API_PORT, api),
        (layout.HUB_PORT, hub),
    ):
        options = re.sub(rf"\b{own}\b", str(other), options)
    program = (
        installed(jupyterhub.HERE, "configurable-http-proxy")
        / "node_modules/.bin/configurable-http-proxy"
    )
    with running(
        [str(node()), str(program), *options.split()],
        port=api,
        env={**os.environ, "CONFIGPROXY_AUTH_TOKEN": TOKEN},
    ):
        yield Proxy(port, api)


@contextmanager
def serving(folder: Path, *, ports: dict[int, int], domain: str | None = None) -> Iterator[Door]:
    program = nginx()
    assert program
    port = free_port()
    server = Server(
        address="127.0.0.1",
        names=() if domain else (NAME,),
        session_domain=domain,
        ssh=Ssh(user="ops"),
    )
    certificate = site_certificate(
        Tls(authority="own"), names=server.all_names, state=folder / "authority"
    )
    site = folder / "site"
    site.mkdir()
    files = web.site_files(
        server,
        certificate,
        sessions="127.0.0.0/8",
        session_paths=GRAPH.paths(GRAPH.of_sessions),
    )
    for name, content in files.items():
        rendered = content.content
        if name.endswith(".conf"):
            text = _replaced(rendered, ports).decode()
            rendered = _localised(text, folder, port=port, program=program).encode()
        (site / name).write_bytes(rendered)
    pages = folder / "www"
    words = Words("Essai", help=HELP, home=f"https://{domain}" if domain else "")
    for name, page in page_files(words).items():
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        (pages / name).write_bytes(page.content)
    (folder / "gate-secret.conf").write_text(f"set $gate_secret {SECRET};\n")
    (folder / "mime.types").write_text("types { text/html html; text/css css; }\n")
    (folder / "nginx.conf").write_text(
        _localised(web.nginx_conf().decode(), folder, port=port, program=program)
    )
    # nginx and the proxy may run as another user.
    for place in (folder, *folder.rglob("*")):
        place.chmod(place.stat().st_mode | (0o755 if place.is_dir() else 0o644))
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with running(command, port=port):
        trust = folder / "authority" / "ca.pem"
        yield Door("127.0.0.1", trust, name=domain or NAME, https_port=port)


def _replaced(content: bytes, ports: dict[int, int]) -> bytes:
    for port, other in ports.items():
        content = content.replace(b":%d" % port, b":%d" % other)
    return content.replace(
        b"listen %d" % layout.SESSIONS_API_PORT,
        b"listen 127.0.0.1:%d" % ports[layout.SESSIONS_API_PORT],
    )


def _localised(text: str, folder: Path, *, port: int, program: str) -> str:
    """Return the configuration with this test's folders and ports; all else is as on the server."""
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr
    version = tuple(int(part) for part in re.findall(r"\d+", said.partition("nginx/")[2])[:3])
    if version < (1, 25, 1):
        # The notation of versions older than Debian 13's.
        text = text.replace("http2 on;", "").replace("443 ssl", "443 ssl http2")
    if os.geteuid() != 0:
        text = text.replace("user www-data;", "")
    temporary = "".join(
        f"  {kind}_temp_path {folder}/temporary-{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {\n", f"http {{\n{temporary}", 1)
    text = re.sub(r"(?m)^ *listen \[::\].*\n", "", text)
    text = re.sub(r"listen 443", f"listen 127.0.0.1:{port}", text)
    text = re.sub(r"listen 80\b", f"listen 127.0.0.1:{free_port()}", text)
    text = re.sub(r"syslog:\S+ warn", f"{folder}/error.log warn", text)
    text = re.sub(r"syslog:\S+ paths", f"{folder}/access.log paths", text)
    text = text.replace(layout.WEB_PAGES, str(folder / "www")).replace("/run/nginx", str(folder))
    # The tests send more requests a second than the rate limit allows.
    return re.sub(r"zone=hub:2m rate=\d+r/s", "zone=hub:2m rate=1000r/s", text)


@contextmanager
def running(
    command: list[str],
    *,
    port: int,
    address: str = "127.0.0.1",
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    log: Path | None = None,
) -> Iterator[None]:
    with log.open("wb") if log else nullcontext(sys.stderr) as said:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + patience(90)
        while True:
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{command[0]} does not listen"
            try:
                socket.create_connection((address, port), timeout=5).close()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(patience(60))
        finally:
            process.kill()


def free_port() -> int:
    """Return a free port below the range of outgoing connections, which could take it before it is used."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, first)  # noqa: S311 - no secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
