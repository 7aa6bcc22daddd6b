"""The digests of images: read from archives, noted on the operator's machine, asked for by a deploy."""

import io
import json
import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

from infra.cluster import images
from infra.cluster.image_archive import NoSuchArchive, by_digest, digests, import_commands
from infra.cluster.images_push import NotPushed, images_push
from infra.cluster.images_record import ImagesMissing, all_pushed, pushed, record, state
from infra.cluster.render import image_names
from infra.settings.cluster_file import load_cluster_site
from infra.settings.cluster_site import ClusterSite

ALL = ("base", "spark", "jupyter", "rstudio", "web", "jupyterhub")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClusterSite:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    found = load_cluster_site("kube")
    places = found.cluster.images.model_copy(update={"archives": tmp_path / "laid"})
    cluster = found.cluster.model_copy(update={"images": places})
    return found.model_copy(update={"cluster": cluster})


def archive(place: Path, **files: object) -> Path:
    with tarfile.open(place, "w") as made:
        for name, content in {"blob": "x" * 10_000, **files}.items():
            text = json.dumps(content).encode()
            member = tarfile.TarInfo(f"{name}.json")
            member.size = len(text)
            made.addfile(member, io.BytesIO(text))
    return place


def index(*names: str) -> dict[str, object]:
    """Return the index of an archive of Docker's that holds these images, with the digests `digest` gives them."""
    manifests = [
        {
            "digest": digest(name),
            "annotations": {"io.containerd.image.name": f"docker.io/openchronic/{name}:k{at}"},
        }
        for at, name in enumerate(names)
    ]
    return {"manifests": manifests}


def digest(name: str) -> str:
    return f"sha256:{name.encode().hex():0<64.64}"


def packed(place: Path) -> Path:
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not on this machine")
    subprocess.run(["zstd", "--quiet", "--rm", str(place)], check=True)
    return place.with_name(f"{place.name}.zst")


def made(site: ClusterSite, place: Path) -> Path:
    """Note an archive as that which `make images` made."""
    noted = state(site) / images.RECORD
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.write_text(json.dumps({"inputs": images._inputs(site), "archive": str(place)}))
    return noted


@pytest.mark.parametrize("pack", [False, True])
def test_a_digest_is_that_of_the_images_manifest(tmp_path: Path, *, pack: bool) -> None:
    whole = archive(tmp_path / "images.tar", index=index("base", "web"), manifest=[])
    found = by_digest(digests(packed(whole) if pack else whole), "openchronic")
    assert found == {name: f"openchronic/{name}@{digest(name)}" for name in ("base", "web")}


def test_an_archive_of_an_older_docker_or_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoSuchArchive, match="in the OCI layout: Docker 25 or later writes it"):
        digests(archive(tmp_path / "old.tar", manifest=[]))
    with pytest.raises(NoSuchArchive, match="holds no image"):
        digests(archive(tmp_path / "none.tar", index={"manifests": []}))
    (tmp_path / "cut.tar").write_bytes(b"\x01" * 700)
    with pytest.raises(NoSuchArchive):
        digests(tmp_path / "cut.tar")


def test_a_node_is_told_to_import_once_and_to_name_each_image_by_its_digest(tmp_path: Path) -> None:
    whole = archive(tmp_path / "images.tar", index=index("base", "web", "rstudio"))
    assert import_commands(whole, digests(whole), ("web", "rstudio")) == [
        "cat images.tar | ctr --namespace k8s.io images import -",
        *(
            f"ctr --namespace k8s.io images tag --force docker.io/openchronic/{name}:k{at} "
            f"docker.io/openchronic/{name}@{digest(name)}"
            for at, name in ((1, "web"), (2, "rstudio"))
        ),
    ]


def test_what_was_made_is_laid_for_the_nodes_and_noted(
    site: ClusterSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = packed(archive(tmp_path / "images-1.tar", index=index(*ALL)))
    made(site, whole)
    assert images_push(site) == 0
    laid = tmp_path / "laid/images.tar.zst"
    assert laid.read_bytes() == whole.read_bytes()
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "zstd -dcq images.tar.zst | ctr --namespace k8s.io images import -"
    assert len(said) == 1 + len(image_names(site))
    assert all_pushed(site) == {
        name: f"openchronic/{name}@{digest(name)}" for name in image_names(site)
    }
    # A second time takes the place of the first.
    assert images_push(site) == 0


def test_an_archive_that_lacks_an_image_is_refused(site: ClusterSite, tmp_path: Path) -> None:
    made(site, packed(archive(tmp_path / "images-1.tar", index=index("base", "spark"))))
    with pytest.raises(NotPushed, match="lacks the images web, jupyterhub, jupyter, rstudio"):
        images_push(site)
    assert pushed(site) == {}


def test_images_are_made_again_for_other_inputs_and_after_a_week(
    site: ClusterSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert images.built(site) is None
    whole = archive(tmp_path / "images-1.tar", index=index(*ALL))
    noted = made(site, whole)
    assert images.built(site) == whole
    earlier = time.time() - (images.KEPT_DAYS + 1) * 86400
    os.utime(noted, (earlier, earlier))
    assert images.built(site) is None
    made(site, whole)
    with monkeypatch.context() as changed:
        changed.setattr(images, "_inputs", lambda site: "others")
        assert images.built(site) is None
    assert images.built(site) == whole
    whole.unlink()
    assert images.built(site) is None


@pytest.mark.parametrize("said", [True, False])
def test_an_image_that_holds_another_rstudio_than_the_site_says_is_not_made(
    site: ClusterSite, *, said: bool
) -> None:
    places = site.cluster.images.model_copy(update={"rstudio": said})
    other = site.model_copy(update={"cluster": site.cluster.model_copy(update={"images": places})})
    assert images._of_rstudio(other, given=said) is None
    found = images._of_rstudio(other, given=not said)
    assert found is not None
    assert "cluster.images.rstudio" in found
    without = {name: one for name, one in site.profiles.items() if one.image != "rstudio"}
    assert (
        images._of_rstudio(other.model_copy(update={"profiles": without}), given=not said) is None
    )


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
