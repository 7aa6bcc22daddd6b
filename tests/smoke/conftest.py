"""The smoke test's fixtures: the server for its operator, the hub for a user, a session, a neighbouring container."""

import inspect
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from infra.cluster.reaching import Cluster
from infra.settings import layout
from infra.settings.any_site import AnySite
from infra.settings.cluster_file import Target, load_target
from infra.settings.cluster_site import ClusterSite
from infra.settings.offer import Profile
from infra.settings.site import Site
from tests.server.connection import SharedConnection
from tests.server.machine import Machine
from tests.smoke.codes import fresh_code
from tests.smoke.given import Given, GivenPlugin
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel
from tests.smoke.leftovers import NEIGHBOUR, clean_home
from tests.smoke.not_asked import NOT_ASKED, OWN_WAY
from tests.smoke.report import STAND_IN
from tests.smoke.session import Session
from tests.smoke.trust import write_bundle

# Taken only where the operator asks for them.
PICTURES = ("test_session_pictures", "test_cluster_picture")
# They end the session that all others share.
LAST = ("test_session_kinds", *PICTURES)
OF_A_CLUSTER = ("test_cluster", "test_cluster_picture")
BROKEN = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    # A longer traceback shows arguments, which include passwords. The option `--tb` does not exist here, since the
    # terminal's report is disabled.
    config.option.tbstyle = "short"
    config.addinivalue_line("markers", "in_order: each test of the module needs the one before")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect these tests under `python -m tests.smoke` only, which unlocks the accounts."""
    found = given_to(config)
    if found is None:
        return True
    of_a_cluster = collection_path.stem in OF_A_CLUSTER
    left_out = of_a_cluster and not found.on_cluster
    unwanted = collection_path.stem in PICTURES and not found.pictures
    return True if left_out or unwanted else None


def given_to(config: pytest.Config) -> GivenPlugin | None:
    found = [one for one in config.pluginmanager.get_plugins() if isinstance(one, GivenPlugin)]
    return found[0] if found else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a cluster is not asked, or asked otherwise, and put what ends the session last: pytest moves modules for
    the fixtures that they share."""
    found = given_to(config)
    if found is not None and found.on_cluster:
        items[:] = [item for item in items if _is_asked(item)]
    items.sort(key=lambda item: item.path.stem in LAST and LAST.index(item.path.stem) + 1)


def _is_asked(item: pytest.Item) -> bool:
    """Whether a cluster is asked it, or told why not."""
    if item.path.stem in OF_A_CLUSTER:
        return True
    reason = NOT_ASKED.get(getattr(item, "originalname", item.name))
    if reason:
        item.add_marker(pytest.mark.skip(reason=f"not asked on a cluster: {reason}"))
    return reason != OWN_WAY


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and item.parent is not None:
        item.parent.stash.setdefault(
            BROKEN, (inspect.getdoc(getattr(item, "obj", None)) or item.name)
        )
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip the later steps of tests that depend on each other once one has failed."""
    broken = item.parent.stash.get(BROKEN, None) if item.parent is not None else None
    if broken is not None and item.get_closest_marker("in_order"):
        pytest.skip(f"not tried: it needs that {broken.splitlines()[0]}")


@pytest.fixture(scope="session")
def site(given: Given) -> Target:
    return load_target(given.site)


@pytest.fixture(scope="session")
def cluster(site: ClusterSite) -> Cluster:
    return Cluster(site)


@pytest.fixture(scope="session")
def server(site: Site) -> Iterator[Machine]:
    connection = SharedConnection(site)
    yield Machine(site, connection)
    connection.close()


@pytest.fixture(scope="session")
def trust(site: Target, given: Given) -> Path:
    bundle = given.work / "authorities.pem"
    write_bundle(site, bundle)
    return bundle


@pytest.fixture(scope="session")
def profile(site: AnySite) -> tuple[str, Profile]:
    """Give the smallest profile that is open to every project."""
    open_to_all = [item for item in site.profiles.items() if not item[1].projects]
    assert open_to_all, (
        "every profile is for some project: the smoke test's account may choose none"
    )
    return min(open_to_all, key=lambda item: (item[1].memory_gb, item[1].cpus))


@pytest.fixture(scope="session")
def hub(site: AnySite, trust: Path, given: Given) -> Hub:
    hub = Hub(site.url, trust=trust)
    code = fresh_code(given.secret)
    assert hub.log_in(given.login, given.password, code=code), (
        "the smoke test's account cannot log in"
    )
    return hub


@pytest.fixture(scope="session")
def running(hub: Hub, profile: tuple[str, Profile], given: Given) -> Iterator[Hub]:
    """Give the user's hub with a running session, which the browser's tests may have started; it is stopped at the end."""
    if not hub.is_running():
        hub.start(profile[0])
    yield hub
    if given.on_cluster and hub.is_running():
        clean_home(hub)
    hub.stop()


@pytest.fixture(scope="session")
def colleague(
    site: AnySite, trust: Path, given: Given, profile: tuple[str, Profile]
) -> Iterator[Hub]:
    """Give the hub of another analyst with a running session."""
    other = Hub(site.url, trust=trust)
    code = fresh_code(given.colleagues_secret)
    opened = other.log_in(given.colleague, given.colleagues_password, code=code)
    assert opened, "the colleague cannot log in"
    other.start(profile[0])
    other.enter()
    yield other
    other.stop()


@pytest.fixture(scope="session")
def session(running: Hub) -> Iterator[Session]:
    kernel = Kernel(running)
    yield Session(kernel)
    kernel.close()


@pytest.fixture
def rstudio(given: Given, site: Target, request: pytest.FixtureRequest) -> str:
    """Give the label of the image with RStudio: the SHA-256 of its package, or that a page stands in for it."""
    if isinstance(site, ClusterSite):
        return "" if site.cluster.images.rstudio else STAND_IN
    server, images = request.getfixturevalue("server"), request.getfixturevalue("images")
    label: str = server.succeed(
        "docker image inspect --format '{{index .Config.Labels \"openchronic.rstudio-server\"}}' "
        + images["rstudio"]
    )
    return label


@pytest.fixture(scope="session")
def neighbour(server: Machine, images: dict[str, str]) -> Iterator[str]:
    """Give the address of a container on the sessions' network that serves a page on the port of sessions."""
    server.succeed(
        f"docker run --detach --rm --name {NEIGHBOUR} --network sessions --user 65534:65534 "
        f"--cap-drop ALL --security-opt no-new-privileges --read-only --memory 256m --pids-limit 64 "
        f"{images['spark']} python3 -m http.server --directory /usr/share/doc {layout.SESSION_PORT}"
    )
    address = server.succeed(
        "docker inspect --format '{{.NetworkSettings.Networks.sessions.IPAddress}}' " + NEIGHBOUR
    )
    server.wait_until_succeeds(
        f"timeout 3 bash -c '</dev/tcp/{address}/{layout.SESSION_PORT}'", timeout_s=30
    )
    yield address
    server.execute(f"docker rm --force {NEIGHBOUR}")
