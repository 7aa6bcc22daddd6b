"""The deploy record, and the removal of what an earlier deploy owned."""

import json

from infra.operations.checkout import look
from infra.settings import layout
from tests.server.deployment import deploy
from tests.server.machine import Machine
from tests.server.preparation import Preparation

OLD_UNIT = "site-old-service.service"
OLD_FOLDER = "/etc/site-old"
CULLER = layout.CULLER_UNIT
OLD_DROP_IN = f"{layout.UNITS}/{CULLER}.d/old.conf"
FOREIGN_UNIT = "foreign.service"
TEXT = "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n"


def test_the_server_knows_what_was_deployed(prepared: Preparation, server: Machine) -> None:
    record = json.loads(server.succeed(f"cat {layout.DEPLOY_RECORD}"))
    assert record["commit"].rstrip("+") == look().commit
    assert record["images"] == json.loads(server.succeed(f"cat {layout.IMAGES_IN_SERVICE}"))
    assert layout.HUB_UNIT in record["owned"]["units"]


def test_a_unit_and_a_folder_that_only_an_earlier_deploy_owned_go(
    prepared: Preparation, server: Machine
) -> None:
    record = json.loads(server.succeed(f"cat {layout.DEPLOY_RECORD}"))
    record["owned"]["units"].append(OLD_UNIT)
    record["owned"]["directories"].append(OLD_FOLDER)
    server.succeed(f"cat > {layout.DEPLOY_RECORD}", stdin=json.dumps(record))
    server.succeed(f"mkdir {OLD_FOLDER} && touch {OLD_FOLDER}/file")
    for unit in (OLD_UNIT, FOREIGN_UNIT):
        server.succeed(f"printf '{TEXT}' > {layout.UNITS}/{unit}")
        server.succeed(f"systemctl daemon-reload && systemctl enable --now {unit}")
    try:
        assert deploy().status == 0
        assert server.unit_state(OLD_UNIT) != "active"
        server.fail(f"test -e {layout.UNITS}/{OLD_UNIT}")
        server.fail(f"test -e {OLD_FOLDER}")
        assert server.unit_state(FOREIGN_UNIT) == "active", "it was never ours to stop"
        assert deploy().changed == ()
    finally:
        server.execute(f"systemctl disable --now {FOREIGN_UNIT}")
        server.execute(f"rm -f {layout.UNITS}/{FOREIGN_UNIT}; systemctl daemon-reload")


def test_a_drop_in_that_only_an_earlier_deploy_wrote_goes_and_is_no_longer_in_force(
    prepared: Preparation, server: Machine
) -> None:
    """A service reads its drop-ins at its start: a removed one stays in force until a restart."""
    environment = f"tr '\\0' '\\n' < /proc/$(systemctl show -P MainPID {CULLER})/environ"
    record = json.loads(server.succeed(f"cat {layout.DEPLOY_RECORD}"))
    record["written"]["files"] += [OLD_DROP_IN]
    server.succeed(f"cat > {layout.DEPLOY_RECORD}", stdin=json.dumps(record))
    server.succeed(
        f"mkdir -p $(dirname {OLD_DROP_IN}) && printf '[Service]\\nEnvironment=STRAY=1\\n' > {OLD_DROP_IN} && "
        f"systemctl daemon-reload && systemctl restart {CULLER}"
    )
    assert "STRAY=1" in server.succeed(environment), "it was never in force: nothing is proven"
    assert deploy().status == 0
    server.fail(f"test -e {OLD_DROP_IN}")
    assert "STRAY=1" not in server.succeed(environment)
    assert deploy().changed == ()
