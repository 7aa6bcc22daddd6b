"""Fixtures for tests on a booted server, the order of these tests, and the record of running tests."""

import gc
import json
import os
import shlex
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import testinfra
import testinfra.host
from hypothesis import HealthCheck, settings

from infra.operations import ssh
from infra.settings import layout
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.server import preparation
from tests.server.connection import SharedConnection
from tests.server.deployment import PURPOSE, SITE
from tests.server.machine import Machine
from tests.server.preparation import Preparation

HERE = Path(__file__).parent
IMAGES = HERE / "images"
NEED_A_BOX = (HERE / "server", IMAGES)
running: list[str] = []
# The order of files and folders: the first deploy comes first, tests that stop the whole server come last.
STORY = (
    *("test_deploy", "test_deploy_record", "test_accounts", "test_project_folders"),
    *("test_sessions", "test_rstudio", "test_engines", "test_pathway_notebooks", "test_projects"),
    *("test_shares", "escapes", "test_idle"),
    *("test_own_hosts", "test_firewall"),
    *("outside", "test_hardening", "test_host_hardening", "test_settings_in_force"),
    *(
        "test_logins",
        "test_directory",
        "test_charter",
        "test_password_page",
        "test_operators",
        "test_second_factor",
        "test_provider_logins",
        "test_administration",
        "test_status",
        "test_openchronic",
        "test_source_access",
    ),
    *("test_kills", "test_restarts", "test_network"),
    *("test_full_disks", "test_clock", "test_hub_database", "test_image_store"),
    *("test_broken_source", "test_certificate"),
    *("test_smoke", "test_power"),
)


# Unit tests of minutes come first, so that no worker is alone with them at the end.
LONGEST = (
    *("test_bootstrap", "test_planted", "test_publishing", "test_check", "test_check_against"),
    *("test_check_cartography", "test_check_page", "test_page_quality", "test_buckets"),
    "test_killed_builds",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--box", action="store_true", help="also run the tests that boot a disposable server"
    )
    parser.addoption("--cluster", action="store_true", help="also run the tests on a real cluster")
    parser.addoption("--long", action="store_true", help="also run the tests that take long")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes long, run only with --long (`make faults`)")
    # How fast values come and are tested depends on what else this machine does.
    settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Ignore the tests that need a booted server unless --box is given: a plain `pytest` must be fast."""
    needs_a_box = any(collection_path.is_relative_to(folder) for folder in NEED_A_BOX)
    if collection_path.is_relative_to(IMAGES) and os.environ.get("DOCKER_COMMAND"):
        # The images are those of another Docker: see tests/images/conftest.py.
        return None
    return True if needs_a_box and not config.getoption("--box") else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage: of thousands of tests all is kept, and a fifth of the time went there.

    What is collected is not looked through again while tests run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        # STORY names the file or its folder.
        names = (item.path.stem, item.path.parent.name)
        if item.path.stem in LONGEST:
            return LONGEST.index(item.path.stem) - len(LONGEST) - 1
        return next((STORY.index(name) for name in reversed(names) if name in STORY), -1)

    # The sort is stable: the order within a file stays. Image and unit tests come before server tests.
    items.sort(key=place)
    if not config.getoption("--long"):
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


def pytest_runtest_logstart(nodeid: str) -> None:
    running.append(nodeid)
    _tell_running()


def pytest_runtest_logfinish(nodeid: str) -> None:
    running.remove(nodeid)
    _tell_running()


def _tell_running() -> None:
    """Record the running tests in $RUNNING_TEST, for `python -m tests`; only xdist's main process knows all of them."""
    file = os.environ.get("RUNNING_TEST")
    if file and "PYTEST_XDIST_WORKER" not in os.environ:
        Path(file).write_text(", ".join(running) or "no test")


@pytest.fixture(scope="session")
def prepared() -> Iterator[Preparation]:
    """Boot the test box, deploy to it and build its base; destroy it at the end, unless KEEP_BOX=1."""
    if os.environ.get(preparation.PREPARED) != "1" and (reason := preparation.obstacle()):
        pytest.skip(f"no box can boot here: {reason}")
    try:
        yield preparation.prepare()
    finally:
        if os.environ.get(preparation.PREPARED) != "1" and not preparation.keep():
            preparation.destroy()


@pytest.fixture(scope="session")
def site(prepared: Preparation) -> Site:
    assert os.environ["BOX"] == PURPOSE
    return load_site(SITE)


@pytest.fixture(scope="session")
def server(site: Site) -> Iterator[Machine]:
    """Give the test box, to run commands on it: `server.succeed("…")`."""
    connection = SharedConnection(site)
    yield Machine(site, connection)
    connection.close()


@pytest.fixture(scope="session")
def host(site: Site) -> testinfra.host.Host:
    """Give the test box for testinfra, over the operator's SSH with sudo."""
    _, *options, destination = ssh.ssh_command(site)
    return testinfra.get_host(
        f"ssh://{destination}", sudo=True, controlpersist=0, ssh_extra_args=shlex.join(options)
    )


@pytest.fixture(scope="session")
def images(server: Machine) -> dict[str, str]:
    """Give the references of the images in service by name."""
    found: dict[str, str] = json.loads(server.succeed(f"cat {layout.IMAGES_IN_SERVICE}"))
    return found
