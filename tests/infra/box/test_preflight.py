import dataclasses
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.box import preflight
from infra.settings.box_identity import box_identity
from infra.settings.site import Box

MODEST = Box(memory_gb=0.1, disk_gb=0.1)


def test_a_user_who_is_not_root_learns_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert list(preflight.obstacles(box_identity("test"), MODEST)) == [
        "a box needs root (namespaces, systemd-nspawn)"
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="the other obstacles are looked for as root")
class TestAsRoot:
    def test_missing_tools_are_named_with_their_packages(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "which", lambda _tool: None)
        found = "\n".join(preflight.obstacles(box_identity("test"), MODEST))
        assert "systemd-container" in found
        assert "mmdebstrap" in found

    def test_too_little_disk_or_memory_is_refused_with_the_figures(self, tmp_path: Path) -> None:
        box = dataclasses.replace(box_identity("test"), state=tmp_path / "box")
        needs = Box(memory_gb=1e5, disk_gb=1e6)
        found = "\n".join(preflight.obstacles(box, needs))
        assert "a box needs 1000000" in found
        assert "a box needs 100000" in found

    def test_an_address_that_another_interface_has_is_refused(self) -> None:
        routes = subprocess.run(
            ["ip", "-4", "-o", "address", "show", "scope", "global"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        if "inet" not in routes:
            pytest.skip("this machine has no address but loopback")
        taken = routes[routes.index("inet") + 1].partition("/")[0]
        box = dataclasses.replace(box_identity("test"), address=taken)
        assert any("are taken by" in line for line in preflight.obstacles(box, MODEST))
