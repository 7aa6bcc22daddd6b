"""The network between operators, users and the server is cut: packets are dropped silently."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.box import machine
from infra.box.network import INNER_LINK
from infra.settings.box_identity import box_identity
from tests.server.deployment import PURPOSE, deploy
from tests.server.faults.conftest import Fault
from tests.server.faults.states import DEPLOY_LOG

# A table of its own, to be deleted afterwards: flushing the firewall's table, whose policy is drop, would lock us out.
CUT = f"""table inet cut {{
  chain arriving {{ type filter hook prerouting priority -400; iifname "{INNER_LINK}" drop; }}
  chain leaving {{ type filter hook postrouting priority -400; oifname "{INNER_LINK}" drop; }}
}}"""
# Longer than a deploy needs to notice the cut.
GIVES_UP_S = 240


@contextmanager
def cut() -> Iterator[None]:
    """Drop all packets at the server's end of the link, so that nothing changes on the operator's machine."""
    box = box_identity(PURPOSE)
    machine.enter(box, "nft", CUT)
    try:
        yield
    finally:
        machine.enter(box, "nft", "delete table inet cut")


@pytest.mark.parametrize("state", ["idle", pytest.param("build", marks=pytest.mark.long)])
def test_a_session_outlives_a_network_cut(state: str, fault: Fault) -> None:
    with fault("network cut for a while", state=state) as observed:
        with cut():
            observed.wait_until_broken()
        observed.wait_until_well()


def test_a_deploy_cut_off_midway_says_so_and_the_next_one_finishes_its_work(fault: Fault) -> None:
    with fault("network cut until the deploy gives up", state="deploy") as observed, cut():
        observed.wait_until_broken()
        status = observed.activity.status(timeout_s=GIVES_UP_S)
        assert status != 0
        said = DEPLOY_LOG.read_text(errors="replace")
        assert "The connection to the server was lost. Run the same command again" in said
        assert "Traceback" not in said, said[-3000:]


@pytest.mark.long
def test_after_the_cuts_a_deploy_has_nothing_to_change() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
