"""A server that cannot be reached: the operator's command prints one sentence with the cause and the next step."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import paramiko
import pytest

from infra.operate.reaching import NotReached, reach, why
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import SITES, load_site
from tests.infra.operate.ssh_server import SUDO_ASKS, Manner, closed_port, plain_server, ssh_server
from tests.pace import patience

SITE = """
title = "Essai"
accounts = "infra/sites/box.accounts.toml"
projects = "tests/infra/settings/no.projects.toml"
[server]
address = "{address}"
[server.ssh]
user = "durand"
port = {port}
key = "{key}"
known_hosts = "{known_hosts}"
{bastion}
[tls]
authority = "own"
[bases.cohorte]
[profiles.petite]
title = "Petite"
memory_gb = 2
cpus = 1
[access]
operators = ["durand"]
"""
# Longer than ssh's ConnectTimeout and the start of pyinfra on a busy machine.
LIMIT_S = 120


@dataclass(frozen=True)
class Told:
    status: int
    output: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Told]]:
    """Give the messages for each unreachable site."""
    folder = tmp_path_factory.mktemp("ssh")
    key, other, host = (paramiko.ECDSAKey.generate() for _ in range(3))
    key.write_private_key_file(str(folder / "key"))
    (folder / "unknown").touch()
    sites: list[Path] = []
    running: dict[str, subprocess.Popen[str]] = {}
    seen: dict[str, Told] = {}
    with ExitStack() as stack:

        def known(port: int, public: paramiko.PKey, *others: int) -> str:
            """Give a file that knows a server on each port by this key."""
            file = folder / f"known-{port}-{public.get_base64()[-12:].replace('/', '_')}"
            lines = [f"[127.0.0.1]:{one} {public.get_name()} {public.get_base64()}\n" for one in (port, *others)]  # fmt: skip
            file.write_text("".join(lines))
            return str(file)

        def describe(name: str, port: int, known_hosts: str = "", **more: str) -> str:
            text = SITE.format(
                address=more.get("address", "127.0.0.1"),
                port=port,
                key=folder / "key",
                known_hosts=known_hosts or folder / "unknown",
                bastion=more.get("bastion", ""),
            )
            file = SITES / f"reach-{name}-{os.getpid()}.local.toml"
            file.write_text(text)
            sites.append(file)
            return file.stem

        def ask(name: str, port: int, known_hosts: str = "", **more: str) -> None:
            start(name, describe(name, port, known_hosts, **more), "-y")

        def look(name: str, port: int, known_hosts: str = "", **more: str) -> None:
            """Check a site without pyinfra, which takes seconds to start."""
            site = describe(name, port, known_hosts, **more)
            with pytest.raises(NotReached) as refused:
                reach(load_site(site))
            seen[name] = Told(1, f"{site}: {refused.value}")

        def start(name: str, site: str, *options: str, **environment: str) -> None:
            running[name] = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "pyinfra",
                    "infra/inventory.py",
                    "infra/deploy.py",
                    *options,
                ],
                cwd=ROOT,
                env={**os.environ, "SITE": site, "DIRTY": "1", **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

        try:
            server = {
                name: stack.enter_context(ssh_server(host, manner))
                for name, manner in {
                    "open": Manner(),
                    "refuses": Manner(admits=False),
                    "no-sudo": Manner(sudo=False),
                    "fades": Manner(connections=1),
                    "cuts": Manner(cuts=True),
                    "leads": Manner(leads=True),
                }.items()
            }
            ask("closed", closed_port())
            ask("nowhere", 22, address="nowhere.invalid")
            ask("silent", stack.enter_context(plain_server(None)))
            ask("web", stack.enter_context(plain_server(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
            bastion = f'bastion = "martin@127.0.0.1:{closed_port()}"'
            ask("bastion-closed", 22, address="10.255.255.1", bastion=bastion)
            ask("key-refused", server["refuses"], known(server["refuses"], host))
            look("host-unknown", server["open"])
            look("host-changed", server["open"], known(server["open"], other))
            look("no-sudo", server["no-sudo"], known(server["no-sudo"], host))
            ask("fades", server["fades"], known(server["fades"], host))
            cut = describe("cuts", server["cuts"], known(server["cuts"], host))
            start("deploy-cut", cut, "-y")
            start("plan-cut", cut, "--dry")
            start("no-box", "box", "--dry", BOX="absent")
            for name, port, hosts in (
                ("unknown", server["open"], ""),
                ("refuses", server["refuses"], known(server["refuses"], host)),
                ("forbids", server["open"], known(server["open"], host)),
            ):
                bastion = f'bastion = "martin@127.0.0.1:{port}"'
                look(f"bastion-{name}", 22, hosts, address="10.255.255.1", bastion=bastion)
            bastion = f'bastion = "martin@127.0.0.1:{server["leads"]}"'
            both = known(server["leads"], host, server["no-sudo"], server["cuts"])
            look("bastion-leads", server["no-sudo"], both, bastion=bastion)
            behind = describe("bastion-plan", server["cuts"], both, bastion=bastion)
            start("bastion-plan", behind, "--dry")
            yield seen | {
                name: Told(process.wait(), output)
                for name, process in running.items()
                for output in [process.communicate(timeout=patience(LIMIT_S))[0]]
            }
        finally:
            for process in running.values():
                if process.poll() is None:
                    process.kill()
                    process.communicate()
            for file in sites:
                file.unlink()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("closed", r"the server 127\.0\.0\.1 answers, but nothing listens on port \d+\. .*server\.ssh\.port right\?"),
        ("nowhere", r"does not know the name nowhere\.invalid\. Mend server\.address, or your DNS\."),
        ("silent", r"the server 127\.0\.0\.1 takes the connection and says nothing\."),
        ("web", r"the server 127\.0\.0\.1 takes the connection and ends it without a word of SSH\."),
        ("key-refused", r"the server 127\.0\.0\.1 refuses durand with the key \S+/key\. .*authorized_keys"),
        ("host-unknown", r"a host key that \S+/unknown does not hold.*ssh-keyscan"),
        ("host-changed", r"the host key of what answers is not the one in \S+/known.*Compare with the key on its console"),
        ("no-sudo", rf"lets durand in, and not act as root \({SUDO_ASKS}\)\. .*/etc/sudoers\.d/durand"),
        ("bastion-closed", r"the bastion 127\.0\.0\.1 answers, but nothing listens on port \d+\. .*server\.ssh\.bastion right\?"),
        ("bastion-unknown", r"the bastion 127\.0\.0\.1 has a host key that \S+/unknown does not hold"),
        ("bastion-refuses", r"the bastion 127\.0\.0\.1 refuses martin with the key \S+/key\."),
        ("bastion-forbids", r"the bastion 127\.0\.0\.1 lets you in, and does not lead on to 10\.255\.255\.1, port 22: .*prohibited"),
        ("bastion-leads", rf"the server 127\.0\.0\.1, through the bastion 127\.0\.0\.1, lets durand in, and not act as root \({SUDO_ASKS}\)\."),
        ("no-box", r"no disposable server yet \(BOX=absent\): `make box` makes it\."),
    ],
)  # fmt: skip
def test_the_cause_is_told_in_one_line_with_the_next_step(
    told: dict[str, Told], name: str, sentence: str
) -> None:
    one = told[name]
    assert one.status == 1, one.output
    lines = [line for line in one.output.splitlines() if line and not line.startswith("-->")]
    assert len(lines) == 1, one.output
    assert re.fullmatch(rf"[\w.-]+: .*{sentence}.*", lines[0]), lines[0]


def test_a_server_that_fades_after_the_first_look_leaves_no_traceback(
    told: dict[str, Told],
) -> None:
    one = told["fades"]
    assert one.status == 1
    assert "SSH" in one.output
    for noise in ("Traceback", "goes on from there", "connection to the server was lost"):
        assert noise not in one.output


def test_only_what_was_connected_is_lost_and_only_a_deploy_goes_on(told: dict[str, Told]) -> None:
    lost = "The connection to the server was lost. Run the same command again"
    assert f"{lost}: it goes on from there." in told["deploy-cut"].output
    assert f"{lost}." in told["plan-cut"].output
    assert lost not in told["fades"].output
    for name in ("deploy-cut", "plan-cut"):
        assert told[name].status == 1
        assert "Traceback" not in told[name].output, told[name].output


@pytest.fixture
def site() -> Site:
    return load_site("box")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ssh: connect to host big port 2222: No route to host\r\n", "does not answer on port 2222 (No route to host)"),
        ("ssh: connect to host big port 22: Connection timed out", "does not answer on port 22 (Connection timed out)"),
        ("@@@@\r\nPermissions 0644 for '/k' are too open.\r\nLoad key \"/k\": bad permissions\r\nops@big: Permission denied (publickey).", "the key /k is open to others, so ssh does not use it: chmod 600 /k"),
        ("Load key \"/k\": error in libcrypto\r\nops@big: Permission denied (publickey).", "the key /k cannot be used (error in libcrypto)"),
        ("kex_exchange_identification: read: Connection reset by peer", "without a word of SSH"),
        ("This account is currently not available.", "is not reached; ssh says: This account is currently not available."),
        ("", "is not reached; ssh says: nothing"),
    ],
)  # fmt: skip
def test_what_ssh_says_is_put_in_a_sentence(site: Site, said: str, sentence: str) -> None:
    assert sentence in why(site, said)


def test_pyinfra_gets_through_the_bastion_to_the_server_behind_it(told: dict[str, Told]) -> None:
    """That server cuts the connection, which only who had it can lose."""
    assert "The connection to the server was lost." in told["bastion-plan"].output
