"""The fact of resolved packages: apt is asked once for the same package lists, and again when they change. What is begun
and has nothing to do is not looked at again.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pyinfra.api.operation import OperationMeta

from infra.components.images import operation
from infra.components.images.inputs import Input, Inputs
from infra.components.images.operation import ResolvedPackages

SETS = {"base": ("tini",), "spark": ("tini", "java")}


class Apt:
    """A server whose apt-get answers from a file and counts its calls."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.lists, self.kept = folder / "bin", folder / "lists", folder / "kept"
        self.programs.mkdir()
        self.lists.mkdir()
        self.calls = folder / "calls"
        self.release("1")

    def release(self, version: str) -> None:
        (self.lists / "Packages").write_text(version)
        program = self.programs / "apt-get"
        program.write_text(
            "#!/bin/sh\n"
            '[ "$1" = --version ] && echo "apt 3" && exit\n'
            f"echo asked >> {self.calls}\n"
            f"""for name; do case $name in java|tini) echo "Inst $name ({version} Debian:13)"; esac; done\n"""
        )
        program.chmod(0o755)

    def breaks(self) -> None:
        (self.programs / "apt-get").write_text("#!/bin/sh\nexit 100\n")

    def answer(self) -> dict[str, str]:
        fact = ResolvedPackages()
        done = subprocess.run(
            ["sh", "-c", fact.command(SETS, kept_in=str(self.kept), apt=[str(self.lists)])],
            env={"PATH": f"{self.programs}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=True,
        )
        return fact.process(done.stdout.splitlines())

    def asked(self) -> int:
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0


@pytest.fixture
def apt(tmp_path: Path) -> Apt:
    return Apt(tmp_path)


def test_lists_that_are_written_again_as_they_were_are_the_same(apt: Apt) -> None:
    first = apt.answer()
    asked = apt.asked()
    lists = apt.lists / "Packages"
    lists.unlink()
    lists.write_text("1")
    os.utime(lists, (1, 1))
    assert apt.answer() == first
    assert apt.asked() == asked > 0


def test_the_same_lists_are_asked_once(apt: Apt) -> None:
    first = apt.answer()
    assert first == {"base": "tini 1", "spark": "java 1\ntini 1"}
    assert apt.asked() == len(SETS)
    assert apt.answer() == first
    assert apt.asked() == len(SETS)


def test_new_lists_are_asked_again(apt: Apt) -> None:
    apt.answer()
    apt.release("2")
    assert apt.answer()["base"] == "tini 2"


def test_an_answer_that_failed_is_not_kept(apt: Apt) -> None:
    apt.breaks()
    assert apt.answer() == {}
    apt.release("1")
    assert apt.answer()["base"] == "tini 1"


def test_nothing_half_written_stays(apt: Apt) -> None:
    apt.answer()
    assert [path.name for path in apt.kept.iterdir() if path.name.startswith(".")] == []


def test_an_image_asks_for_the_packages_of_those_below_it() -> None:
    """It does not ask for the packages of an image beside it, built on the same parent."""
    inputs = Inputs(
        (
            Input("base", None, "a", ("tini",)),
            Input("spark", "base", "b", ("java",)),
            Input("rstudio", "base", "c", ("git", "less")),
        )
    )
    assert inputs.asked() == {
        "base": ("tini",),
        "spark": ("tini", "java"),
        "rstudio": ("tini", "git", "less"),
    }


@pytest.mark.parametrize("changed", [False, True])
def test_images_are_looked_at_again_only_where_they_had_to_be_made(
    changed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Host:
        def get_fact(self, fact: type, **_: Any) -> Any:
            asked.append(fact.__name__)
            return {} if fact is ResolvedPackages else ""

    monkeypatch.setattr(operation, "host", Host())
    inputs = Inputs((Input("base", None, "digest", ("tini",)),))
    commands = list(operation.images._inner(inputs=inputs, begun=OperationMeta("begun", changed)))
    assert bool(commands) is changed
    assert bool(asked) is changed
