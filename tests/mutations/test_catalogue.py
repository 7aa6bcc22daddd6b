"""The catalogue of mutations stays true to the repository: what it replaces is deployed, what it asks exists."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.components import (
    docker,
    firewall,
    jupyterhub,
    logins,
    passwords,
    projects,
    system,
    web,
)
from infra.components.web.certificates import Certificate
from infra.settings import layout
from infra.settings.grants import site_grants
from infra.settings.image_graph import GRAPH
from infra.settings.settings_file import ROOT
from infra.settings.site import Site
from infra.settings.site_file import load_site
from tests.mutations.catalogue import Mutation, chosen, load

LEAST = 60


@pytest.fixture(scope="module")
def mutations() -> list[Mutation]:
    return load()


@pytest.fixture(scope="module")
def deployed() -> dict[str, str]:
    """Every file that the catalogue may name, as the test box gets it."""
    return dict(_deployed(load_site("test")))


def _deployed(site: Site) -> Iterator[tuple[str, str]]:
    yield layout.NGINX_CONFIGURATION, web.nginx_conf().decode()
    certificate = Certificate(chain=b"", key=b"")
    files = web.site_files(
        site.server,
        certificate,
        sessions=site.network.sessions,
        session_paths=GRAPH.paths([profile.image for profile in site.profiles.values()]),
    )
    for name, file in files.items():
        yield f"{layout.NGINX_SITE}/{name}", file.content.decode()
    yield f"{layout.NGINX_DROP_IN}/site.conf", web.unit_conf().decode()
    yield f"{layout.SYSTEMD}/{layout.WEB_JOURNAL}", (web.FILES / layout.WEB_JOURNAL).read_text()
    for name, file in jupyterhub.configuration_files(site, site_grants(site)).items():
        yield f"{layout.HUB_CONFIGURATION}/{name}", file.content.decode()
    for name, file in jupyterhub.unit_files(site).items():
        yield f"{layout.UNITS}/{name}", file.content.decode()
    for name, file in passwords.unit_files(site.logins).items():
        yield f"{layout.UNITS}/{name}", file.content.decode()
    for name, file in logins.pam_files().items():
        yield f"{layout.PAM}/{name}", file.content.decode()
    yield f"{layout.PAM}/{layout.HUB_PAM}", (jupyterhub.FILES / "pam").read_text()
    for name, file in projects.script_files().items():
        yield f"{layout.PROJECT_SCRIPTS}/{name}", file.content.decode()
    yield layout.FIREWALL_CONFIRMED, firewall.rules(site)
    yield layout.SSHD_SITE, system.sshd_conf().decode()
    for name, file in system.apt_files(site.packages).items():
        yield f"{layout.APT}/{name}", file.content.decode()
    for name, file in system.systemd_files().items():
        yield f"{layout.SYSTEMD}/{name}", file.content.decode()
    yield layout.DOCKER_DAEMON, docker.daemon_json(site.storage)
    yield f"{layout.DOCKER_DROP_IN}/always.conf", (docker.FILES / "always.conf").read_text()


def test_there_are_many_and_each_has_a_name_of_its_own(mutations: list[Mutation]) -> None:
    assert len(mutations) >= LEAST
    assert [
        name for name, count in Counter(one.name for one in mutations).items() if count > 1
    ] == []
    assert max(Counter((one.file, one.before, one.after) for one in mutations).values()) == 1


def test_what_is_replaced_is_deployed_once(
    mutations: list[Mutation], deployed: dict[str, str]
) -> None:
    """On the server a line that is not there is an error; here it is found before anybody boots one."""
    wrong = {
        one.name: deployed.get(one.file, "no such file").count(one.before)
        for one in mutations
        if deployed.get(one.file, "").count(one.before) != 1
    }
    assert wrong == {}


def test_every_test_exists(mutations: list[Mutation]) -> None:
    missing = []
    for test in dict.fromkeys(test for one in mutations for test in one.tests):
        file, _, name = test.partition("::")
        place = ROOT / file
        functions = {
            node.name
            for node in (ast.walk(ast.parse(place.read_text())) if place.is_file() else ())
            if isinstance(node, ast.FunctionDef)
        }
        if name.partition("[")[0] not in functions:
            missing.append(test)
    assert missing == []


def test_a_word_picks_by_name_file_and_test(mutations: list[Mutation]) -> None:
    assert chosen(mutations, "") == mutations
    assert {one.file for one in chosen(mutations, "sshd_config")} == {layout.SSHD_SITE}
    assert [one.name for one in chosen(mutations, "NAMED servers")] == ["named servers"]
    assert chosen(mutations, "no such word") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": "x"},
        {"how": "kill"},
        {"how": "none"},
        {"how": "restart", "unit": None},
        {"tests": []},
        {"to": "a"},
        {"file": "etc/x"},
        {"from": ""},
        {"new_session": "yes"},
    ],
)
def test_a_wrong_entry_is_refused(wrong: dict[str, object], tmp_path: Path) -> None:
    entry = {"name": "n", "file": "/x", "from": "a", "to": "b", "unit": "u.service"}
    right = {**entry, "how": "reload", "tests": ["t.py::test_t"]}
    Mutation.model_validate(right)
    with pytest.raises(ValidationError):
        Mutation.model_validate(right | wrong)
