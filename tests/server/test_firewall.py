"""The firewall: few ports are open from outside, and Docker's own rules stay as they are."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from infra.components import firewall
from infra.operations.errors import DeployRefused
from infra.settings import layout
from infra.settings.site import Site
from tests.pace import patience
from tests.server.machine import Machine

OPEN = {22, 80, 443}
PATIENCE_S = 2.0
AT_ONCE = 400
TRY = f"{layout.FIREWALL_SCRIPTS}/try-rules"


async def _answers(address: str, port: int, turn: asyncio.Semaphore) -> bool:
    async with turn:
        try:
            _, writer = await asyncio.wait_for(
                asyncio.open_connection(address, port), timeout=PATIENCE_S
            )
        except (TimeoutError, OSError):
            return False
        writer.close()
        return True


def open_ports(address: str, ports: Iterable[int]) -> set[int]:
    """Return the ports that answer this machine, which is outside the server."""

    async def scan() -> set[int]:
        turn = asyncio.Semaphore(AT_ONCE)
        asked = sorted(set(ports))
        answers = await asyncio.gather(*(_answers(address, port, turn) for port in asked))
        return {port for port, answer in zip(asked, answers, strict=True) if answer}

    return asyncio.run(scan())


def test_only_ssh_and_the_web_answer_from_outside(site: Site, server: Machine) -> None:
    shown = server.succeed("ss --tcp --listening --numeric --no-header | awk '{print $4}'")
    listening = {int(row.rpartition(":")[2]) for row in shown.splitlines()}
    assert listening - OPEN, "nothing else listens on the server: the firewall is not proven"
    listener = "systemd-run --quiet --collect --unit=test-listener python3 -m http.server 9999"
    server.succeed(listener)
    try:
        server.wait_until_succeeds("bash -c '</dev/tcp/127.0.0.1/9999'")
        found = open_ports(site.server.address, {*range(1, 1025), *listening, 9999})
    finally:
        server.succeed("systemctl stop test-listener")
    assert found == OPEN


def test_the_tables_of_others_survive_a_restart_of_ours(server: Machine) -> None:
    def dockers() -> str:
        rules = server.succeed("iptables-save | grep -v -e '^#' -e '^:' | grep -i docker")
        return "\n".join(sorted(rules.splitlines()))

    before = dockers()
    assert "MASQUERADE" in server.succeed("iptables-save -t nat")
    server.succeed("systemctl restart site-firewall")
    assert dockers() == before
    tables = server.succeed("nft list tables").splitlines()
    assert {"table inet site", "table bridge site"} <= set(tables)


def test_the_firewall_closes_again_after_someone_opened_it(site: Site, server: Machine) -> None:
    """Without the table the port is open, which proves that the table closes it; a restart of the unit restores it."""
    server.succeed("systemd-run --quiet --collect --unit=test-listener python3 -m http.server 9999")
    try:
        server.wait_until_succeeds("bash -c '</dev/tcp/127.0.0.1/9999'")
        assert open_ports(site.server.address, [9999]) == set()
        server.succeed("nft delete table inet site")
        assert open_ports(site.server.address, [9999]) == {9999}
        server.succeed("systemctl restart site-firewall")
        assert open_ports(site.server.address, [9999]) == set()
    finally:
        server.execute("systemctl restart site-firewall; systemctl stop test-listener")


def test_a_broken_rule_file_leaves_the_old_rules(server: Machine) -> None:
    """The rules are loaded in one transaction: an error in the file never opens the server, now or at the next boot."""
    rules = server.succeed("nft list table inet site")
    with changed_rules(server, "echo 'table inet site { nonsense }' >> {}"):
        server.fail(TRY)
        assert server.succeed("nft list table inet site") == rules
        server.succeed("systemctl restart site-firewall")
        assert server.succeed("nft list table inet site") == rules


def test_rules_that_shut_the_operator_out_go_back_by_themselves(
    site: Site, server: Machine
) -> None:
    """No deploy confirms the new rules over a new connection."""
    rules = "nft --stateless list table inet site | sha256sum"
    before = server.succeed(rules)
    with changed_rules(
        server, "sed -i 's/tcp dport 22 accept/ip saddr 192.0.2.1 tcp dport 22 accept/' {}"
    ):
        server.succeed(f"{TRY} 8")
        with pytest.raises(DeployRefused, match="takes the old rules back"):
            firewall.confirm(site)
        deadline = time.monotonic() + patience(60)
        while not open_ports(site.server.address, [22]):
            assert time.monotonic() < deadline, "the operator stays shut out"
            time.sleep(0.5)
        assert server.succeed(rules) == before
        server.fail(f"cmp --silent {layout.FIREWALL_RULES} {layout.FIREWALL_CONFIRMED}")
        server.succeed("journalctl --since=-2min --identifier=site-firewall | grep 'not confirmed'")
        # The rules are already reverted: a late confirmation has no effect.
        server.fail(f"{layout.FIREWALL_SCRIPTS}/confirm-rules")


def test_rules_that_let_the_operator_in_stay(site: Site, server: Machine) -> None:
    with changed_rules(server, "echo '# another line' >> {}"):
        server.succeed(f"{TRY} 8")
        firewall.confirm(site)
        server.succeed(f"cmp {layout.FIREWALL_RULES} {layout.FIREWALL_CONFIRMED}")
        server.fail(f"systemctl is-active {layout.FIREWALL_REVERT}.timer")
        time.sleep(9)
        server.succeed("nft list table inet site")
    server.succeed(f"{TRY} && {layout.FIREWALL_SCRIPTS}/confirm-rules")
    assert server.succeed(f"cat {layout.FIREWALL_CONFIRMED}") == firewall.rules(site).strip()


@contextmanager
def changed_rules(server: Machine, change: str) -> Iterator[None]:
    """Change the file of rules by a shell command, and restore it at the end."""
    rules = f"{layout.FIREWALL_RULES}"
    server.succeed(f"cp {rules} /root/rules.nft")
    server.succeed(change.replace("{}", rules))
    try:
        yield
    finally:
        server.succeed(f"cat /root/rules.nft > {rules}; rm /root/rules.nft")
