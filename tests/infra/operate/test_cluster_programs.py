"""helm and kubectl come from the locked wheel, from where the operator says, or from PATH, in this order."""

import json
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from infra.operate import cluster_programs
from infra.operate.cluster_programs import ProgramMissingError, find_helm, find_kubectl

# The minor version of the cluster that tests boot (infra/box/cluster/go/kubernetes/go.mod).
SERVED = 35

needs_wheel = pytest.mark.skipif(
    platform.machine() != cluster_programs.WHEEL_MACHINE, reason="the wheel is for another machine"
)


@pytest.fixture(autouse=True)
def nothing_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in ("HELM", "KUBECTL"):
        monkeypatch.delenv(variable, raising=False)


def program(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\nexit 0\n")
    file.chmod(0o755)
    return file


@needs_wheel
def test_the_locked_programs_run_and_are_unpacked_once(tmp_path: Path) -> None:
    helm = find_helm()
    assert helm.is_relative_to(tmp_path / "cache")
    said = subprocess.run([helm, "version", "--short"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("v4.")
    before = helm.stat()
    assert find_helm() == helm
    assert helm.stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(path.name for path in helm.parent.iterdir()) == [".lock", "helm"]


@needs_wheel
def test_kubectl_may_speak_to_the_cluster_of_the_tests() -> None:
    """Kubernetes supports a kubectl one minor version older or younger than its server."""
    asked = [str(find_kubectl()), "version", "--client", "--output=json"]
    said = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    assert abs(int(said["clientVersion"]["minor"]) - SERVED) <= 1


@needs_wheel
def test_a_program_on_path_does_not_take_the_locked_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(program(tmp_path / "bin" / "kubectl").parent))
    assert find_kubectl().is_relative_to(tmp_path / "cache")


def test_the_operators_word_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = program(tmp_path / "own" / "helm-of-ours")
    monkeypatch.setenv("HELM", str(own))
    assert find_helm() == own


def test_a_file_that_is_no_program_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECTL", str(tmp_path / "absent"))
    with pytest.raises(
        ProgramMissingError, match=r"is no program: name the file of kubectl, or unset"
    ):
        find_kubectl()


def test_without_the_wheel_it_is_looked_for_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_wheel(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(ProgramMissingError, match=r"install it, or name its file in HELM, or run"):
        find_helm()
    own = program(tmp_path / "bin" / "helm")
    assert find_helm() == own


def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
