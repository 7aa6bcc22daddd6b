"""Archives of images: each blob is what its name says, and the same program gives the same digest."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from infra.box.cluster.image_archive import write_archive


def written(tmp_path: Path, content: bytes = b"\x7fELF") -> tuple[str, dict[str, bytes]]:
    program = tmp_path / "serve"
    program.write_bytes(content)
    archive = tmp_path / "serve.tar"
    digest = write_archive(archive, name="localhost/serve", program=program)
    with tarfile.open(archive) as tar:
        members = {one.name: tar.extractfile(one) for one in tar}
        return digest, {name: file.read() for name, file in members.items() if file is not None}


def blob(files: dict[str, bytes], described: dict[str, Any]) -> bytes:
    found = files[f"blobs/sha256/{described['digest'].removeprefix('sha256:')}"]
    assert f"sha256:{hashlib.sha256(found).hexdigest()}" == described["digest"]
    assert len(found) == described["size"]
    return found


def test_it_leads_from_the_index_to_the_program(tmp_path: Path) -> None:
    digest, files = written(tmp_path)
    (named,) = json.loads(files["index.json"])["manifests"]
    assert named["digest"] == digest
    assert named["annotations"]["io.containerd.image.name"] == "localhost/serve:latest"
    manifest = json.loads(blob(files, named))
    config = json.loads(blob(files, manifest["config"]))
    assert config["config"] == {"Entrypoint": ["/serve"], "User": "65534:65534"}
    (described,) = manifest["layers"]
    layer = blob(files, described)
    assert config["rootfs"]["diff_ids"] == [described["digest"]]
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        (program,) = tar.getmembers()
        assert (program.name, program.mode) == ("serve", 0o755)


def test_a_digest_is_that_of_the_program(tmp_path: Path) -> None:
    first, _ = written(tmp_path)
    assert written(tmp_path)[0] == first
    assert written(tmp_path, b"\x7fELF2")[0] != first
