"""References by digest, as containerd lists images."""

from pathlib import Path

import pytest

from infra.box.cluster import images
from infra.box.errors import BoxError

LISTED = """\
REF                                       TYPE                                       DIGEST         SIZE      PLATFORMS   LABELS
docker.io/openchronic/base:50827d8efaccb9 application/vnd.oci.image.manifest.v1+json sha256:d01edb5 146.4 MiB linux/amd64 -
docker.io/openchronic/base@sha256:d01edb5 application/vnd.oci.image.manifest.v1+json sha256:d01edb5 146.4 MiB linux/amd64 -
localhost/pause:latest                    application/vnd.oci.image.manifest.v1+json sha256:0000000 1.4 MiB   linux/amd64 -
"""


def test_each_of_the_projects_images_is_named_by_its_digest() -> None:
    assert images.by_digest(LISTED) == {
        "docker.io/openchronic/base:50827d8efaccb9": "docker.io/openchronic/base@sha256:d01edb5"
    }


def test_without_an_archive_it_is_said_how_to_have_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(BoxError, match="`make box` builds them"):
        images.newest_archive()
