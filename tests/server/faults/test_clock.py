"""A clock that jumps: users may have to log in again, sessions stay, and newer releases replace older ones.

The box shares the kernel's clock with the operator's machine, which must not change. So one program at a time gets
another clock from libfaketime: the hub (with the commands before its start), or a build.
A common jump of all programs, the proxy and the sessions included, is not simulated.
"""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.settings import layout
from infra.settings.site import Site
from tests.server.analyst import Analyst
from tests.server.deployment import deploy
from tests.server.faults import states
from tests.server.faults.conftest import Fault
from tests.server.machine import Machine

DROP_IN = "/run/systemd/system/jupyterhub.service.d"
LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
HEALTH = f"curl --fail --silent --max-time 5 {layout.HUB_URL}/hub/health"
SCRATCH = "/var/tmp/clock"
# Only the hub's clock changes: clients check certificates by the true one.
MOVES = {"two days ahead": "+2d", "two days back": "-2d"}


@pytest.fixture(scope="module")
def faketime(server: Machine) -> Iterator[str]:
    server.succeed("apt-get install --yes --quiet --no-install-recommends faketime", timeout_s=300)
    yield server.succeed(f"ls {LIBRARY}")
    server.succeed("apt-get purge --yes --quiet faketime libfaketime", timeout_s=300)


@contextmanager
def hub_at(server: Machine, move: str, *, library: str) -> Iterator[None]:
    text = (
        f"[Service]\\nEnvironment=LD_PRELOAD={library} FAKETIME={move}\\n"
        "Environment=FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1\\n"
    )
    try:
        server.succeed(f"mkdir -p {DROP_IN} && printf '{text}' > {DROP_IN}/clock.conf")
        restart_hub(server)
        yield
    finally:
        server.succeed(f"rm -rf {DROP_IN}")
        restart_hub(server)


def restart_hub(server: Machine) -> None:
    server.succeed("systemctl daemon-reload && systemctl restart jupyterhub")
    server.wait_until_succeeds(HEALTH)


def day_of_the_hub(server: Machine) -> str:
    """Return the hub's date, from the Date header of its answers."""
    return server.succeed(
        f"curl -s -D - -o /dev/null {layout.HUB_URL}/hub/health | sed -n 's/^Date: //Ip'"
        " | xargs -I{} date --date={} +%F"
    )


@pytest.mark.parametrize("move", MOVES)
def test_a_hub_whose_clock_moved_keeps_its_sessions(
    server: Machine, demo: Analyst, alix: Analyst, fault: Fault, faketime: str, move: str
) -> None:
    with fault(f"clock of the hub {move}", state="idle") as observer:
        with hub_at(server, MOVES[move], library=faketime):
            wanted = server.succeed(f"date --date='{MOVES[move].replace('d', ' days')}' +%F")
            assert day_of_the_hub(server) == wanted, "the hub's clock did not move"
            # A restarted culler checks at once, and then every few minutes.
            server.succeed("systemctl restart jupyterhub-culler")
            server.wait_for_unit("jupyterhub-culler")
            log_in_again(demo)
            observer.kernel.hub.enter()
            assert demo.hub.is_running()
            observer.wait_until_well()
        assert day_of_the_hub(server) == server.succeed("date +%F")
        # When the clock was ahead, all tokens expired, alix's too.
        log_in_again(alix)
        server.succeed("systemctl restart jupyterhub-culler")
        log_in_again(demo)
        observer.kernel.hub.enter()
        observer.wait_until_well()
        assert demo.hub.is_running()


def log_in_again(analyst: Analyst) -> None:
    """Log in again: logins and tokens expire by the hub's clock, while the session stays."""
    analyst.hub.http.cookies.clear()
    analyst.log_in()


def test_a_build_whose_clock_went_back_goes_forward(
    server: Machine, site: Site, faketime: str, fault: Fault
) -> None:
    """One delivery is built twice, with two site keys so that the contents differ: now, and with a clock two days back."""
    source = f"{site.bases[states.BASE].source}/extraction"
    image = server.succeed(f"jq --raw-output .spark {layout.IMAGES_IN_SERVICE}")
    place = server.succeed(f"dirname {faketime}")

    def build(key: str, *environment: str) -> dict[str, str]:
        server.succeed(
            f"head -c 32 /dev/urandom | base64 > {SCRATCH}/{key}; chown -R openchronic: {SCRATCH}"
        )
        arguments = [
            *("docker", "run", "--rm", "--network", "none", "--user", "OWNER", "--tmpfs", "/tmp"),
            *("--volume", f"{source}:/source:ro", "--volume", f"{SCRATCH}:/releases"),
            *("--volume", f"{place}:{place}:ro", *environment, image),
            *(
                "openchronic",
                "build",
                "/source",
                "/releases",
                "--base",
                "clock",
                "--key",
                f"/releases/{key}",
            ),
        ]
        owner = '"$(id -u openchronic):$(id -g openchronic)"'
        said = server.execute(shlex.join(arguments).replace("OWNER", owner), timeout_s=600)
        assert said.status == 0, str(said)
        found: dict[str, str] = json.loads(
            server.succeed(f"cat {SCRATCH}/clock/current/manifest.json")
        )
        return {"id": found["id"], "created": found["created"], "said": said.err}

    with fault("clock of a build two days back", state="idle"):
        try:
            server.succeed(f"rm -rf {SCRATCH}; mkdir -m 755 {SCRATCH}")
            first = build("first.key")
            fake = ("--env", f"LD_PRELOAD={faketime}", "--env", "FAKETIME=-2d")
            second = build(
                "second.key",
                *fake,
                "--env",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                "--env",
                "NO_FAKE_STAT=1",
            )
        finally:
            server.succeed(f"rm -rf {SCRATCH}")
    assert "Look at the clock" in " ".join(second["said"].split())
    assert second["id"] != first["id"]
    assert second["id"][:8] >= first["id"][:8]
    assert second["created"] > first["created"]


@pytest.mark.long
def test_afterwards_a_deploy_has_nothing_to_change() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
