"""The deploy record, and the removal of what an earlier deploy owned."""

import json
from collections.abc import Iterator

import pytest

from infra.components import gpu
from infra.operations.checkout import look
from infra.settings import layout
from tests.server.deployment import Deployment, deploy, variant
from tests.server.machine import Machine
from tests.server.preparation import Preparation

OLD_UNIT = "site-old-service.service"
OLD_FOLDER = "/etc/site-old"
CULLER = layout.CULLER_UNIT
OLD_DROP_IN = f"{layout.UNITS}/{CULLER}.d/old.conf"
FOREIGN_UNIT = "foreign.service"
# Where the toolkit of graphics cards is no more, as apt sees it, and where it never was.
GONE, ABSENT = "file:/nonexistent/toolkit", "http://127.0.0.1:9/toolkit"
SOURCES = gpu.source_files(GONE, b"-----BEGIN")
# What the culler's process was started with.
ENVIRONMENT = f"tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID {CULLER})/environ"
TEXT = "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n"


def test_the_server_knows_what_was_deployed(prepared: Preparation, server: Machine) -> None:
    record = json.loads(server.succeed(f"cat {layout.DEPLOY_RECORD}"))
    assert record["commit"].rstrip("+") == look().commit
    assert record["images"] == json.loads(server.succeed(f"cat {layout.IMAGES_IN_SERVICE}"))
    assert layout.HUB_UNIT in record["owned"]["units"]


@pytest.fixture(scope="module")
def healed(prepared: Preparation, server: Machine) -> Iterator[Deployment]:
    """Deploy once where an earlier deploy left a unit, a folder, a drop-in, and the sources of a toolkit."""
    record = json.loads(server.succeed(f"cat {layout.DEPLOY_RECORD}"))
    record["owned"]["units"].append(OLD_UNIT)
    record["owned"]["directories"].append(OLD_FOLDER)
    record["written"]["files"] += [OLD_DROP_IN]
    server.succeed(f"cat > {layout.DEPLOY_RECORD}", stdin=json.dumps(record))
    server.succeed(f"mkdir {OLD_FOLDER} && touch {OLD_FOLDER}/file")
    for unit in (OLD_UNIT, FOREIGN_UNIT):
        server.succeed(f"printf '{TEXT}' > {layout.UNITS}/{unit}")
        server.succeed(f"systemctl daemon-reload && systemctl enable --now {unit}")
    server.succeed(
        f"mkdir -p $(dirname {OLD_DROP_IN}) && printf '[Service]\\nEnvironment=STRAY=1\\n' > {OLD_DROP_IN} && "
        f"systemctl daemon-reload && systemctl restart {CULLER}"
    )
    # A process that systemd has just made has systemd's environment, until it is the service.
    server.wait_until_succeeds(f"{ENVIRONMENT} | grep -qx STRAY=1")
    # The deploy that wrote these stopped half-way, so no record names them; then the mirror lost the toolkit.
    for name, file in SOURCES.items():
        server.succeed(
            f"mkdir -p $(dirname {layout.APT}/{name}) && cat > {layout.APT}/{name}",
            stdin=file.content.decode(),
        )
    server.fail("apt-get -q update")
    # The packages' lists are a day old: this deploy reads the sources.
    server.succeed(f"rm -f {layout.APT_STAMP}")
    try:
        yield deploy()
    finally:
        server.execute(f"systemctl disable --now {FOREIGN_UNIT}")
        server.execute(f"rm -f {layout.UNITS}/{FOREIGN_UNIT}; systemctl daemon-reload")


def test_a_unit_and_a_folder_that_only_an_earlier_deploy_owned_go(
    healed: Deployment, server: Machine
) -> None:
    assert healed.status == 0, str(healed)
    assert server.unit_state(OLD_UNIT) != "active"
    server.fail(f"test -e {layout.UNITS}/{OLD_UNIT}")
    server.fail(f"test -e {OLD_FOLDER}")
    assert server.unit_state(FOREIGN_UNIT) == "active", "it was never ours to stop"


def test_a_drop_in_that_only_an_earlier_deploy_wrote_goes_and_is_no_longer_in_force(
    healed: Deployment, server: Machine
) -> None:
    """A service reads its drop-ins at its start: a removed one stays in force until a restart."""
    assert healed.status == 0, str(healed)
    server.fail(f"test -e {OLD_DROP_IN}")
    assert "STRAY=1" not in server.succeed(ENVIRONMENT)


def test_cards_that_a_site_has_no_more_leave_nothing_of_their_toolkit(
    healed: Deployment, server: Machine
) -> None:
    assert healed.status == 0, str(healed)
    for name in SOURCES:
        server.fail(f"test -e {layout.APT}/{name}")


def test_what_was_taken_away_once_is_not_looked_for_again(healed: Deployment) -> None:
    assert healed.status == 0, str(healed)
    assert deploy().changed == ()


def test_cards_whose_toolkit_the_mirror_lacks_are_refused_before_anything_changes(
    prepared: Preparation, server: Machine
) -> None:
    before = server.succeed(f"cat {layout.DEPLOYS}")
    given = 'cdi = "tests/infra/components/gpu/fake_cards.json"'
    asked = f'repository = "{ABSENT}"\nrepository_key = "infra/sites/test.toml"'
    with variant({given: asked}, name="no-toolkit") as site:
        done = deploy(site)
    assert done.status != 0
    assert f"no {gpu.TOOLKIT} at {ABSENT}" in done.output
    assert server.succeed(f"cat {layout.DEPLOYS}") == before
    server.fail(f"test -e {layout.APT}/{gpu.SOURCE}")
