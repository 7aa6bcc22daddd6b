"""The units stay confined: the score of systemd-analyze of each of our units stays below its limit."""

import fnmatch
import json
import re
import tomllib
import warnings
from pathlib import Path

import pytest

from infra.operations.rendering import rendered
from infra.settings import layout
from tests.server.machine import Machine
from tests.server.tables import add_row, start_table

CEILINGS = Path(__file__).parent / "security_scores.toml"
# Units of Debian with a drop-in of ours.
DEBIANS = ("nginx.service",)
# The highest limit allowed, for the hub, which checks passwords as root and uses Docker.
HIGHEST = 3.0


def ceilings() -> dict[str, float]:
    return {
        name: row["ceiling"]
        for name, row in tomllib.loads(
            rendered(CEILINGS.read_text(), BUILD_UNITS=layout.build_unit("*"))
        ).items()
    }


def ceiling_of(unit: str) -> float | None:
    return next((top for name, top in ceilings().items() if fnmatch.fnmatch(unit, name)), None)


def score(server: Machine, unit: str) -> float:
    said = server.succeed(f"systemd-analyze security --no-pager {unit} | tail -n 1")
    found = re.search(r"Overall exposure level for \S+: ([\d.]+) ", said)
    assert found, said
    return float(found[1])


@pytest.fixture(scope="module")
def ours(server: Machine) -> list[str]:
    """Return the services that the deploy record lists as ours, and those with a drop-in of ours."""
    record = json.loads(server.succeed(f"cat {layout.DEPLOY_RECORD}"))
    units = [name for name in record["owned"]["units"] if name.endswith(".service")]
    assert len(units) >= 4, units
    return [*DEBIANS, *units]


def test_every_ceiling_is_low() -> None:
    assert all(0 < top <= HIGHEST for top in ceilings().values())


def test_no_unit_is_less_confined_than_it_was(server: Machine, ours: list[str]) -> None:
    assert score(server, "systemd-journald.service") > HIGHEST, "the probe sees only good scores"
    unknown = [unit for unit in ours if ceiling_of(unit) is None]
    assert unknown == [], f"units without a ceiling in {CEILINGS.name}: {unknown}"
    scores = {unit: score(server, unit) for unit in ours}
    start_table("hardening")
    for unit, found in scores.items():
        add_row("hardening", {"unit": unit, "exposure": found, "ceiling": ceiling_of(unit) or 0.0})
    risen = {unit: found for unit, found in scores.items() if found > (ceiling_of(unit) or 0.0)}
    assert risen == {}, f"less confined than {CEILINGS.name} allows: {risen}"
    fallen = {unit: found for unit, found in scores.items() if found < (ceiling_of(unit) or 0.0)}
    if fallen:
        warnings.warn(f"lower the ceilings in {CEILINGS.name} to {fallen}", stacklevel=1)


def test_a_looser_unit_is_noticed(server: Machine) -> None:
    """The control: a unit without any confinement gets a worse score."""
    folder = "/run/systemd/system/loose-test.service"
    text = "[Service]\\nExecStart=/bin/true\\n"
    server.succeed(f"printf '{text}' > {folder} && systemctl daemon-reload")
    try:
        assert score(server, "loose-test.service") > HIGHEST
        assert ceiling_of("loose-test.service") is None
    finally:
        server.succeed(f"rm {folder} && systemctl daemon-reload")


def test_nginx_runs_without_root(server: Machine) -> None:
    users = server.succeed("ps -o user= -C nginx").split()
    assert len(users) > 1
    assert set(users) == {"www-data"}
    capabilities = server.succeed(f"grep CapEff /proc/$(cat {layout.NGINX_PID})/status").split()[1]
    assert int(capabilities, 16) == 1 << 10, "more than CAP_NET_BIND_SERVICE"


def test_nginx_reloads_and_restarts_after_a_look_by_root(server: Machine) -> None:
    """An operator's `nginx -t` as root leaves no files that nginx, as www-data, could not replace."""
    before = server.unit_property("nginx.service", "MainPID")
    server.succeed("nginx -t")
    server.succeed("systemctl reload nginx")
    assert server.unit_property("nginx.service", "MainPID") == before
    server.succeed("systemctl stop nginx")
    server.execute("nginx -t")
    server.succeed("systemctl start nginx")
    assert server.unit_property("nginx.service", "MainPID") != before
    server.wait_until_succeeds(
        "curl --fail --silent --insecure --output /dev/null https://127.0.0.1/"
    )
    strangers = server.succeed(
        "find /run/nginx /var/lib/nginx ! -user www-data -o -type f ! -user www-data"
    )
    assert strangers == "", f"not www-data's: {strangers}"


def test_what_nginx_logs_reaches_the_journal(server: Machine) -> None:
    server.succeed("curl --silent --insecure --output /dev/null https://127.0.0.1/hardening-probe")
    server.wait_until_succeeds(
        "journalctl --namespace=web --since=-1min --output=cat | grep -q hardening-probe"
    )
