"""The locks are complete, have hashes, agree with each other, and name no host."""

import json
import re
from pathlib import Path

import pytest

from infra.settings.image_graph import GRAPH, locks
from infra.settings.settings_file import ROOT

REQUIREMENTS = sorted(
    str(file.relative_to(ROOT).with_suffix(""))
    for place in ("infra", "images", "tests")
    for file in (ROOT / place).rglob("*.in")
    if "node_modules" not in file.parts
)
PACKAGE_LOCKS = ("infra/components/jupyterhub", "tests/provider")
HOST = re.compile(r"\w+://|\b[a-z0-9-]+\.(org|com|io|net|fr|dev)\b", re.I)


def locked(lock: Path) -> dict[str, str]:
    """Return the version of each package; of two versions for two kinds of machines, the last one."""
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", lock.read_text(), re.M))


def asked(file: Path) -> set[str]:
    names = re.findall(r"^([A-Za-z0-9_.-]+)", file.read_text(), re.M)
    return {name.lower().replace("_", "-") for name in names}


def test_there_is_a_lock_per_group() -> None:
    assert len(REQUIREMENTS) >= 4


@pytest.mark.parametrize("group", REQUIREMENTS)
def test_make_lock_refreshes_it(group: str) -> None:
    """infra/lock takes the locks of images that are built on another one from the graph."""
    above = {f"images/{name}/requirements" for name, _ in locks(GRAPH)}
    assert group in above or f" {group}.txt {group}.in" in (ROOT / "infra/lock").read_text()


@pytest.mark.parametrize("group", REQUIREMENTS)
def test_a_lock_names_no_host(group: str) -> None:
    assert HOST.findall((ROOT / f"{group}.txt").read_text()) == []


@pytest.mark.parametrize("folder", PACKAGE_LOCKS)
def test_an_npm_lock_names_no_host_and_every_hash(folder: str) -> None:
    assert folder in (ROOT / "infra/lock").read_text()
    lock = ROOT / folder / "package-lock.json"
    assert HOST.findall(lock.read_text()) == []
    packages = json.loads(lock.read_text())["packages"]
    wanted = json.loads(lock.with_name("package.json").read_text())["dependencies"]
    for name, package in packages.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version


@pytest.mark.parametrize("group", REQUIREMENTS)
def test_a_lock_covers_what_is_asked(group: str) -> None:
    assert asked(ROOT / f"{group}.in") <= locked(ROOT / f"{group}.txt").keys()


@pytest.mark.parametrize("group", REQUIREMENTS)
def test_every_package_has_a_hash(group: str) -> None:
    text = (ROOT / f"{group}.txt").read_text()
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize(("image", "below"), list(locks(GRAPH)))
def test_an_image_changes_nothing_of_the_one_below(image: str, below: str) -> None:
    own = locked(ROOT / f"images/{image}/requirements.txt")
    kept = locked(ROOT / f"images/{below}/requirements.txt")
    assert {name: own[name] for name in kept.keys() & own} == {
        name: kept[name] for name in kept.keys() & own
    }


def test_sessions_and_the_hub_speak_the_same_jupyterhub() -> None:
    hub = locked(ROOT / "infra/components/jupyterhub/requirements.txt")["jupyterhub"]
    assert locked(ROOT / "images/jupyter/requirements.txt")["jupyterhub"] == hub


def test_sessions_and_operators_have_the_same_duckdb() -> None:
    """A release that was built outside a session is read inside one."""
    session = locked(ROOT / "images/spark/requirements.txt")["duckdb"]
    assert locked(ROOT / "infra/requirements.txt")["duckdb"] == session


def test_tests_change_nothing_of_the_operators_tools() -> None:
    tools = locked(ROOT / "infra/requirements.txt")
    tests = locked(ROOT / "tests/requirements.txt")
    assert {name: tests[name] for name in tools.keys() & tests} == {
        name: tools[name] for name in tools.keys() & tests
    }


@pytest.mark.parametrize("package", ["jupyterhub", "oauthenticator", "pyjwt"])
def test_tests_speak_to_the_hubs_own(package: str) -> None:
    hub = locked(ROOT / "infra/components/jupyterhub/requirements.txt")[package]
    assert locked(ROOT / "tests/requirements.txt")[package] == hub


def test_pandas_stays_below_3_while_spark_asks_for_it() -> None:
    assert locked(ROOT / "images/spark/requirements.txt")["pandas"].startswith("2.")
