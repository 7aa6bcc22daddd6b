"""The node's files: what they share with the box that they are put into."""

import configparser
import dataclasses
import os
from pathlib import Path

import pytest

from infra.box.cluster import node
from infra.box.cluster.node import FILES, PROGRAMS
from infra.box.cluster.programs import PARTS
from infra.box.errors import BoxError
from infra.settings import layout
from infra.settings.box_identity import box_identity
from infra.settings.site import Box
from infra.settings.site_file import load_site

UNITS = FILES / "etc/systemd/system"


def test_the_volumes_loop_device_is_one_that_the_box_frees() -> None:
    """A box that is killed has its loop devices freed by the files in this folder."""
    mount = configparser.ConfigParser(strict=False)
    mount.read(UNITS / "srv-volumes.mount")
    assert mount["Mount"]["What"].startswith(f"{layout.LOOP_FOLDER}/")


def test_units_start_programs_that_are_built() -> None:
    built = {f"{PROGRAMS}/bin/{name}" for name in (*PARTS, "cilium-agent")}
    started = {
        word
        for unit in UNITS.glob("*.service")
        for line in unit.read_text().splitlines()
        if line.startswith("ExecStart=")
        for word in [line.removeprefix("ExecStart=").split()[0]]
        if word.startswith(PROGRAMS)
    }
    assert len(started) == 6
    assert started <= built


@pytest.mark.skipif(os.geteuid() != 0, reason="a box needs root, which is said first")
def test_a_machine_that_cannot_hold_it_is_told_so_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = dataclasses.replace(box_identity("test"), name="oc-none", state=tmp_path / "box")
    monkeypatch.setattr(node, "NEEDS", Box(memory_gb=100_000, disk_gb=1))
    with pytest.raises(
        BoxError, match=r"GB of memory are available, a box needs 100000(.|\n)*kubeconfig"
    ):
        node.create_and_start(box, tmp_path, load_site("box").packages)
    assert not box.state.exists()
