"""The deploy record, and the removal of what an earlier deploy owned."""

import json

from infra.components import gpu
from infra.operations.checkout import look
from infra.settings import layout
from tests.server.deployment import deploy, variant
from tests.server.drift import (
    ENVIRONMENT,
    FOREIGN_UNIT,
    OLD_DROP_IN,
    OLD_FOLDER,
    OLD_UNIT,
    SOURCES,
    Healing,
)
from tests.server.machine import Machine
from tests.server.preparation import Preparation

# A mirror that never had the toolkit of graphics cards, and says so: one that does not answer is asked for two minutes.
ABSENT = "https://127.0.0.1/metrics"


def test_the_server_knows_what_was_deployed(prepared: Preparation, server: Machine) -> None:
    record = json.loads(server.succeed(f"cat {layout.DEPLOY_RECORD}"))
    assert record["commit"].rstrip("+") == look().commit
    assert record["images"] == json.loads(server.succeed(f"cat {layout.IMAGES_IN_SERVICE}"))
    assert layout.HUB_UNIT in record["owned"]["units"]


def test_a_unit_and_a_folder_that_only_an_earlier_deploy_owned_go(
    healing: Healing, server: Machine
) -> None:
    assert healing.deployed.status == 0, str(healing.deployed)
    assert server.unit_state(OLD_UNIT) != "active"
    server.fail(f"test -e {layout.UNITS}/{OLD_UNIT}")
    server.fail(f"test -e {OLD_FOLDER}")
    assert server.unit_state(FOREIGN_UNIT) == "active", "it was never ours to stop"


def test_a_drop_in_that_only_an_earlier_deploy_wrote_goes_and_is_no_longer_in_force(
    healing: Healing, server: Machine
) -> None:
    """A service reads its drop-ins at its start: a removed one stays in force until a restart."""
    assert healing.deployed.status == 0, str(healing.deployed)
    server.fail(f"test -e {OLD_DROP_IN}")
    assert "STRAY=1" not in server.succeed(ENVIRONMENT)


def test_cards_that_a_site_has_no_more_leave_nothing_of_their_toolkit(
    healing: Healing, server: Machine
) -> None:
    assert healing.deployed.status == 0, str(healing.deployed)
    for name in SOURCES:
        server.fail(f"test -e {layout.APT}/{name}")


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
