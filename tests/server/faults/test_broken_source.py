"""A build of a broken delivery fails with the file and the figures; the old release stays, and the operator sees it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.settings.site import Site
from tests.server.deployment import deploy
from tests.server.faults import states
from tests.server.faults.conftest import Fault
from tests.server.machine import Machine
from tests.server.operator_check import smoke_test

# Ways to break a file, with the message that the build must give.
BREAKS = {
    "cut in the middle of a line": (
        "truncate --size $(( $(stat -c %s {file}) / 2 + 7 )) {file}",
        "line",
    ),
    "a column of its header renamed": (
        "sed -i '1s/BEN_NIR_PSA/BEN_NIR_PSE/' {file}",
        "BEN_NIR_PSA",
    ),
    "missing": ("rm {file}", "IR_BEN_R"),
}
KEPT = "/var/tmp/whole-delivery"


@contextmanager
def whole_afterwards(server: Machine, file: str) -> Iterator[None]:
    server.succeed(f"cp --preserve {file} {KEPT}")
    try:
        yield
    finally:
        server.succeed(f"cp --preserve {KEPT} {file} && rm {KEPT}")


@pytest.mark.parametrize("broken", BREAKS)
def test_a_broken_delivery_leaves_the_old_release_and_is_told(
    server: Machine, site: Site, fault: Fault, broken: str
) -> None:
    source = site.bases[states.BASE].source
    [file] = server.succeed(f"find {source} -name 'IR_BEN_R.CSV'").splitlines()
    link = f"readlink {site.storage.releases}/{states.BASE}/current"
    before = server.succeed(link)
    command, said = BREAKS[broken]
    with fault(f"delivered file: {broken}", state="idle"):
        with whole_afterwards(server, file):
            server.succeed(command.replace("{file}", file))
            assert server.execute(f"cmp {KEPT} {file}").status != 0, "the test broke nothing"
            server.fail(f"systemctl start {states.SERVICE}", timeout_s=states.BUILD_S)
            assert server.unit_property(states.SERVICE, "Result") == "exit-code"
            journal = server.succeed(
                f"journalctl --unit={states.SERVICE} --lines=20 --output=cat --invocation=0 2>/dev/null"
                f" || journalctl --unit={states.SERVICE} --lines=20 --output=cat"
            )
            assert "IR_BEN_R" in journal, journal
            assert said in journal, journal
            assert "Traceback" not in journal
            assert server.succeed(link) == before
            failed = server.succeed("systemctl list-units --failed --plain --no-legend")
            assert states.SERVICE in failed
            if broken == "missing":
                assert_the_operator_is_told()
        server.succeed(f"systemctl start {states.SERVICE}", timeout_s=states.BUILD_S)
        assert server.unit_property(states.SERVICE, "Result") == "success"
        assert server.succeed(link) == before, "the same files gave another release"


def assert_the_operator_is_told() -> None:
    """Check that `make smoke-test` reports the failed build to the operator."""
    done = smoke_test("base_is_up_to_date or nothing_has_failed")
    assert done.returncode == 1, done.stdout
    assert f"the last build of {states.BASE} ended with exit-code" in done.stdout, done.stdout
    assert states.SERVICE in done.stdout


@pytest.mark.long
def test_afterwards_a_deploy_has_nothing_to_change() -> None:
    last = deploy()
    assert last.status == 0, str(last)
    assert last.changed == ()
