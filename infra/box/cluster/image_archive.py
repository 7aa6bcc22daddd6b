"""Writes an image of one static program as an archive that containerd imports, without Docker."""

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

TYPE = "application/vnd.oci.image"
PLATFORM = {"architecture": "amd64", "os": "linux"}
# Nobody, who needs no entry in a file of users.
USER = "65534:65534"


def write_archive(archive: Path, *, name: str, program: Path, user: str = USER) -> str:
    """Write the image that runs this program at `/<its name>`, and return its digest, `sha256:…`.

    The same program gives the same digest. `name` is that of the image, without a tag: it gets `latest`.
    """
    layer = _layer(program)
    config = _json(
        {
            **PLATFORM,
            "config": {"Entrypoint": [f"/{program.name}"], "User": user},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
            "history": [{"created_by": "openchronic-server"}],
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{TYPE}.manifest.v1+json",
            "config": _described(config, f"{TYPE}.config.v1+json"),
            "layers": [_described(layer, f"{TYPE}.layer.v1.tar")],
        }
    )
    index = {
        "schemaVersion": 2,
        "manifests": [
            {
                **_described(manifest, f"{TYPE}.manifest.v1+json"),
                "platform": PLATFORM,
                "annotations": {
                    "io.containerd.image.name": f"{name}:latest",
                    "org.opencontainers.image.ref.name": "latest",
                },
            }
        ],
    }
    with tarfile.open(archive, "w") as tar:
        _put(tar, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        _put(tar, "index.json", _json(index))
        for blob in (layer, config, manifest):
            _put(tar, f"blobs/sha256/{_digest(blob).removeprefix('sha256:')}", blob)
    return _digest(manifest)


def _layer(program: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        _put(tar, program.name, program.read_bytes(), mode=0o755)
    return packed.getvalue()


def _put(tar: tarfile.TarFile, name: str, content: bytes, *, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _described(blob: bytes, kind: str) -> dict[str, Any]:
    return {"mediaType": kind, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _json(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
