"""References by digest, as containerd says what it unpacks."""

from pathlib import Path

import pytest

from infra.box.cluster import images
from infra.box.errors import BoxError

DIGEST = "sha256:" + "d01edb5c" * 8
SAID = f"""\
unpacking docker.io/openchronic/base:50827d8efaccb9 ({DIGEST})...done
unpacking localhost/pause:latest (sha256:{"0" * 64})...done
"""


def test_each_of_the_projects_images_is_named_by_its_digest() -> None:
    assert images.by_digest(SAID) == {
        "docker.io/openchronic/base:50827d8efaccb9": f"docker.io/openchronic/base@{DIGEST}"
    }


def test_without_an_archive_it_is_said_how_to_have_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(BoxError, match="`make box` builds them"):
        images.newest_archive()
