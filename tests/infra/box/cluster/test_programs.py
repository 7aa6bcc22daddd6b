"""The programs of the cluster: built once for each state of their sources, by the machine's own Go."""

import shutil
from pathlib import Path

import pytest

from infra.box.cluster import programs
from infra.box.cluster.programs import BUILDS, SOURCES, digest
from infra.box.errors import BoxError


def test_another_source_is_another_program(tmp_path: Path) -> None:
    copy = tmp_path / "go"
    shutil.copytree(SOURCES, copy)
    assert digest(copy) == digest(SOURCES)
    (copy / "pause/main.go").write_text("package main\n")
    assert digest(copy) != digest(SOURCES)


def test_without_go_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BoxError, match=r"Go 1\.26 or later, and there is no `go` here.*kubeconfig"):
        programs.programs()
    assert not list((tmp_path / "cache").rglob("bin/*"))


@pytest.mark.parametrize("build", BUILDS, ids=lambda build: build.folder)
def test_every_module_is_verified_by_a_committed_checksum(build: programs.Build) -> None:
    folder = SOURCES / build.folder
    asked = [line for line in (folder / "go.mod").read_text().splitlines() if line.startswith("\t")]
    assert bool(asked) == (folder / "go.sum").exists()


def test_all_parts_of_kubernetes_have_the_version_that_is_told() -> None:
    text = (SOURCES / "kubernetes/go.mod").read_text()
    assert f"k8s.io/kubernetes v{programs.KUBERNETES}" in text
    staging = programs.KUBERNETES.replace("1.", "v0.", 1)
    replaced = [line.split("=>")[1].split()[1] for line in text.splitlines() if "=>" in line]
    assert len(replaced) > 20
    assert set(replaced) == {staging}
    assert f"{programs.CILIUM_MODULE} v{programs.CILIUM}" in (SOURCES / "cilium/go.mod").read_text()
