import dataclasses
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.box import network
from infra.settings.box_identity import BoxIdentity, box_identity

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("nft") or not shutil.which("ip"),
    reason="makes network namespaces: needs root, iproute2 and nftables",
)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[BoxIdentity]:
    """Give the identity of a box for this test only; its network is removed even if the test fails."""
    checkout = Path(f"/{uuid.uuid4()}")
    identity = dataclasses.replace(box_identity("net", checkout=checkout), state=tmp_path)
    yield identity
    network.destroy(identity)


def has_namespace(box: BoxIdentity) -> bool:
    return Path("/run/netns", box.netns).exists()


@needs_root
def test_a_box_gets_a_link_and_a_way_out_and_gives_them_back(box: BoxIdentity) -> None:
    network.create(box)
    assert has_namespace(box)
    ping = ["ping", "-c", "1", "-W", "2", box.address]
    if shutil.which("ping"):
        assert subprocess.run(ping, capture_output=True, check=False).returncode == 0
    routes = subprocess.run(
        ["ip", "-n", box.netns, "route", "show", "default"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert routes.stdout.startswith("default")
    network.destroy(box)
    assert not has_namespace(box)
    assert not Path("/sys/class/net", box.link).exists()


@needs_root
def test_making_it_twice_or_removing_it_twice_is_no_error(box: BoxIdentity) -> None:
    network.create(box)
    network.create(box)
    network.destroy(box)
    network.destroy(box)
    assert not has_namespace(box)


@needs_root
def test_no_kernel_setting_of_this_machine_changes(box: BoxIdentity) -> None:
    def settings() -> dict[str, str]:
        folder = Path("/proc/sys/net/ipv4")
        names = ["ip_forward", "conf/all/forwarding", "conf/default/forwarding"]
        return {name: (folder / name).read_text() for name in names}

    before = settings()
    network.create(box)
    assert settings() == before


@needs_root
def test_where_packets_are_forwarded_the_box_is_masqueraded_by_a_table_of_its_own(
    box: BoxIdentity,
) -> None:
    """A network namespace of the test plays an operator's machine that forwards packets."""
    outer = f"{box.name}-out"
    rules = box.state / "rules.nft"
    rules.write_text(network.masquerade_rules(box))
    inside = ["ip", "netns", "exec", outer]
    subprocess.run(["ip", "netns", "add", outer], check=True)
    try:
        other = "add table ip somebody-else; add chain ip somebody-else mine"
        subprocess.run([*inside, "nft", other], check=True)
        for _ in range(2):
            subprocess.run([*inside, "nft", "--file", str(rules)], check=True)
        listed = subprocess.run(
            [*inside, "nft", "list", "ruleset"], capture_output=True, text=True, check=True
        ).stdout
    finally:
        subprocess.run(["ip", "netns", "delete", outer], check=True)
    assert listed.count("masquerade") == 1
    assert "somebody-else" in listed


@needs_root
def test_a_recycled_process_number_is_never_killed(box: BoxIdentity) -> None:
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        (box.state / "way-out.pid").write_text(str(bystander.pid))
        network.destroy(box)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
