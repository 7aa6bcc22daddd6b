"""The node's files: what they share with the box that they are put into."""

import configparser

from infra.box.cluster.node import FILES, PROGRAMS
from infra.box.cluster.programs import PARTS
from infra.settings import layout

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
