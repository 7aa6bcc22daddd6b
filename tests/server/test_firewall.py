"""The firewall: few ports from outside, Docker's own rules untouched."""

import asyncio
from collections.abc import Iterable

from infra.site import Site
from tests.server.machine import Machine

OPEN = {22, 80, 443}
PATIENCE_S = 2.0
AT_ONCE = 400


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
    """Those that answer from here, which is outside the server."""

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
    """First open, to see that it is this table that closes: then a restart of the unit heals it."""
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
    """One transaction: a typo never opens the server."""
    rules = server.succeed("nft list table inet site")
    server.succeed("cp /etc/site-firewall/rules.nft /root/rules.nft")
    try:
        server.succeed("echo 'table inet site { nonsense }' >> /etc/site-firewall/rules.nft")
        server.fail("systemctl restart site-firewall")
        assert server.succeed("nft list table inet site") == rules
    finally:
        server.succeed("cat /root/rules.nft > /etc/site-firewall/rules.nft; rm /root/rules.nft")
        server.succeed("systemctl restart site-firewall")
