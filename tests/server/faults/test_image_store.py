"""A damaged store of images: new sessions are refused in French, running ones go on, and the next deploy repairs it.

The cached archives belong to the operator's machine and are not changed here; tests/infra/components/images/test_script.py
tests the effect of a damaged one.
"""

import pytest

from infra.settings import layout
from tests.server.analyst import PROFILE, Analyst
from tests.server.deployment import deploy
from tests.server.faults.conftest import Fault
from tests.server.machine import Machine
from tests.smoke.hub import HubError

CURRENT = layout.IMAGES_IN_SERVICE


def refusal(analyst: Analyst) -> str:
    """Return the message that a user gets whose session is refused."""
    with pytest.raises(HubError) as refused:
        analyst.start(PROFILE)
    return f"{refused.value} {analyst.hub.get(f'/hub/user/{analyst.login}/').text}"


def test_an_image_in_service_that_is_gone_comes_back(
    server: Machine, alix: Analyst, images: dict[str, str], fault: Fault
) -> None:
    # Log in again, since an earlier test may have deleted the hub's database, and left a session.
    alix.log_in()
    if alix.hub.is_running():
        alix.hub.stop()
    with fault("image in service removed, its record garbled", state="idle") as observer:
        server.succeed(f"docker image rm --force {images['jupyter']}")
        server.fail(f"docker image inspect {images['jupyter']}")
        assert "image des sessions manque" in refusal(alix)
        server.succeed(f"echo '{{\"base\":' > {CURRENT}")
        assert "pas encore prête" in refusal(alix)
        observer.wait_until_well()
        healed = deploy()
        assert healed.status == 0, str(healed)
        assert any("images" in name.lower() for name in healed.changed), str(healed)
        server.succeed(f"docker image inspect {images['jupyter']} && jq . {CURRENT}")
        assert alix.open_session().value("1 + 1") == 2
        alix.hub.stop()


@pytest.mark.long
def test_a_damaged_layer_is_noticed_and_replaced(
    server: Machine, demo: Analyst, images: dict[str, str], fault: Fault
) -> None:
    """Files of the store are deleted and truncated, as after a disk failure."""
    name = "{{.GraphDriver.Data.UpperDir}}:{{.GraphDriver.Data.LowerDir}}"
    found = server.succeed(
        f"docker image inspect --format '{name}' {images['jupyter']} | tr : '\\n' | grep ^/ | "
        "xargs -I{} find {} -path '*jupyterlab/labapp.py'"
    )
    assert len(found.splitlines()) == 1
    with fault("layer of an image damaged", state="idle", keeps_session=False):
        demo.hub.stop()
        server.succeed(f"truncate --size 100 {found}")
        server.fail(
            f"docker run --rm --network none {images['jupyter']} python3 -c 'import jupyterlab.labapp'"
        )
        healed = deploy()
        assert healed.status == 0, str(healed)
        assert any("images" in name.lower() for name in healed.changed), str(healed)
        server.succeed(
            f"docker run --rm --network none {images['jupyter']} python3 -c 'import jupyterlab.labapp'"
        )


@pytest.mark.long
def test_afterwards_a_deploy_has_nothing_to_change() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
