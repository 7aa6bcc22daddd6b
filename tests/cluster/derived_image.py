"""Puts an image on the node that is one of the project's with a few other files, as a newer version of it would be."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

from infra.box import machine
from infra.box.cluster.images import CTR, by_digest
from infra.settings.box_identity import BoxIdentity

CONTENT = ("ctr", "--namespace=k8s.io", "content")
# On the node's disk.
PLACE = "/var/tmp/derived.tar"
DOCKERS = "application/vnd.docker.distribution.manifest.v2+json"


def derive(box: BoxIdentity, reference: str, files: Mapping[str, str]) -> str:
    """Import the image of this reference by digest with other files, text by path, and return the new one's reference."""
    manifest = _content(box, reference.rpartition("@")[2])
    config = _content(box, manifest["config"]["digest"])
    layer = _packed({path: text.encode() for path, text in files.items()})
    config["rootfs"]["diff_ids"].append(_digest(layer))
    config.setdefault("history", []).append({"created_by": "a test of this project"})
    of_docker = manifest.get("mediaType") == DOCKERS
    kind = "vnd.docker.image.rootfs.diff" if of_docker else "vnd.oci.image.layer.v1"
    manifest["layers"].append(_described(layer, f"application/{kind}.tar"))
    new_config = json.dumps(config).encode()
    manifest["config"] |= _described(new_config, manifest["config"]["mediaType"])
    new = json.dumps(manifest).encode()
    name = f"docker.io/{reference.partition('@')[0].removeprefix('docker.io/')}:derived"
    index = {
        "schemaVersion": 2,
        "manifests": [
            {
                **_described(new, manifest["mediaType"]),
                "platform": {"architecture": "amd64", "os": "linux"},
                "annotations": {"io.containerd.image.name": name},
            }
        ],
    }
    blobs = {f"blobs/sha256/{_digest(one)[7:]}": one for one in (layer, new_config, new)}
    archive = {
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        "index.json": json.dumps(index).encode(),
        **blobs,
    }
    (box.root / PLACE.lstrip("/")).write_bytes(_packed(archive))
    (made,) = by_digest(machine.enter(box, "sh", "-c", f"{' '.join(CTR)} import {PLACE} 2>&1")).values()  # fmt: skip
    machine.enter(box, *CTR, "tag", "--force", name, made)
    return made.removeprefix("docker.io/") if "docker.io/" not in reference else made


def _content(box: BoxIdentity, digest: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(machine.enter(box, *CONTENT, "get", digest))
    return found


def _packed(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _described(blob: bytes, kind: str) -> dict[str, Any]:
    return {"mediaType": kind, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"
