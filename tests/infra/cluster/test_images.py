"""The digests of images: read from archives, noted on the operator's machine, asked for by a deploy."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from infra.cluster.images_push import NotPushed, manifest_digest
from infra.cluster.images_record import ImagesMissing, all_pushed, pushed, record
from infra.cluster.render import image_names
from infra.settings.cluster_file import load_cluster_site
from infra.settings.cluster_site import ClusterSite


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterSite:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return load_cluster_site("kube")


def archive(place: Path, **files: object) -> Path:
    with tarfile.open(place, "w") as made:
        for name, content in files.items():
            text = json.dumps(content).encode()
            member = tarfile.TarInfo(f"{name}.json")
            member.size = len(text)
            made.addfile(member, io.BytesIO(text))
    return place


def test_the_digest_of_an_archive_is_that_of_its_manifest(tmp_path: Path) -> None:
    digest = f"sha256:{'a' * 64}"
    made = archive(tmp_path / "web.tar", index={"manifests": [{"digest": digest}]}, manifest=[])
    assert manifest_digest(made) == digest


def test_an_archive_of_an_older_docker_or_of_two_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotPushed, match="is not in the OCI layout: Docker 25 or later writes it"):
        manifest_digest(archive(tmp_path / "old.tar", manifest=[]))
    two = {"manifests": [{"digest": f"sha256:{sign * 64}"} for sign in "ab"]}
    with pytest.raises(NotPushed, match="holds 2 images, and one is needed"):
        manifest_digest(archive(tmp_path / "two.tar", index=two))


def test_what_was_pushed_is_noted_image_by_image(site: ClusterSite) -> None:
    assert pushed(site) == {}
    record(site, {"web": "r.example/web@sha256:1", "jupyter": "r.example/jupyter@sha256:1"})
    record(site, {"web": "r.example/web@sha256:2"})
    assert pushed(site) == {
        "web": "r.example/web@sha256:2",
        "jupyter": "r.example/jupyter@sha256:1",
    }
    with pytest.raises(
        ImagesMissing, match="no digest of the images jupyterhub, spark, rstudio: make images-push"
    ):
        all_pushed(site)
    record(site, {name: f"r.example/{name}@sha256:3" for name in image_names(site)})
    assert set(all_pushed(site)) == {"web", "jupyterhub", "spark", "jupyter", "rstudio"}
