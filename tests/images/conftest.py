"""Fixtures: the images under test, of the test box or of the Docker that DOCKER_COMMAND and IMAGES_JSON name.

A test file is named after its image, which a subject may follow, and runs in every image that is built on it. What
takes minutes and cannot differ there says ITS_IMAGE_ALONE.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra.operations import ssh
from infra.settings.image_graph import GRAPH
from tests.images.docker import USER, Docker, Said, from_environment
from tests.server.machine import Machine

HERE = Path(__file__).parent

RunIn = Callable[..., Said]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "image_name" in metafunc.fixturenames:
        named = metafunc.module.__name__.rpartition("test_")[2].replace("_", "-")
        own = max((one for one in GRAPH.names if f"{named}-".startswith(f"{one}-")), key=len)
        alone = getattr(metafunc.module, "ITS_IMAGE_ALONE", False)
        metafunc.parametrize("image_name", (own,) if alone else GRAPH.heirs(own), scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.image)


@pytest.fixture(scope="session")
def docker(request: pytest.FixtureRequest) -> Docker:
    if (named := from_environment()) is not None:
        return named
    server: Machine = request.getfixturevalue("server")
    assert server.connection is not None
    *through, destination = ssh.ssh_command(server.site)
    shared = server.connection.options()
    return Docker((*through, *shared, destination, "sudo", "--non-interactive", "docker"))


@pytest.fixture(scope="session")
def references(request: pytest.FixtureRequest) -> dict[str, str]:
    """Give the references of the images by name."""
    given = os.environ.get("IMAGES_JSON", "")
    if given:
        text = given if given.lstrip().startswith("{") else Path(given).read_text()
        return dict(json.loads(text))
    found: dict[str, str] = request.getfixturevalue("images")
    return found


@pytest.fixture(scope="session")
def image(image_name: str, references: dict[str, str]) -> str:
    if image_name not in references and GRAPH.images[image_name].made == "when named":
        pytest.skip(f"no profile of this site names {image_name}, or an image built on it")
    return references[image_name]


@pytest.fixture(scope="session")
def run_in(docker: Docker) -> RunIn:
    return docker.run_in


@pytest.fixture(scope="session")
def look_in(docker: Docker) -> Iterator[RunIn]:
    """As run_in, for scripts that leave nothing behind: all those of an image run in one container."""
    with ExitStack() as afterwards:
        standing: dict[str, str] = {}

        def look(image: str, script: str, *, stdin: str = "", user: str = USER) -> Said:
            if image not in standing:
                standing[image] = afterwards.enter_context(docker.standing(image))
            return docker.look(standing[image], script, stdin=stdin, user=user)

        yield look


@pytest.fixture(scope="session")
def inside() -> Callable[[str], str]:
    """Give a function that returns a script of the folder `inside`, which runs in a container."""
    return lambda name: (HERE / "inside" / name).read_text()
