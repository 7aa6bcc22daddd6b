"""A key that hardware keeps is recognised by its file, so that a deploy is refused before it connects."""

import base64
import subprocess
from pathlib import Path

import paramiko
import pytest

from infra.settings.ssh_key import is_in_hardware
from tests.infra.settings.conftest import Read
from tests.infra.settings.test_refused_settings import errors


def text(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def key_in_hardware(kind: bytes) -> str:
    """Return the file that ssh-keygen makes of a device's key; its second part is never read here."""
    curve = text(b"nistp256") if b"ecdsa" in kind else b""
    point = b"\4" + bytes(64) if b"ecdsa" in kind else bytes(32)
    public = text(kind) + curve + text(point) + text(b"ssh:")
    content = b"openssh-key-v1\0" + text(b"none") * 2 + text(b"") + (1).to_bytes(4, "big")
    lines = base64.encodebytes(content + text(public) + text(b"handle")).decode()
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}-----END OPENSSH PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "kind", [b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com"]
)
def test_a_key_in_hardware_is_refused_with_what_to_do(
    tmp_path: Path, read: Read, kind: bytes
) -> None:
    key = tmp_path / "id_sk"
    key.write_text(key_in_hardware(kind))
    assert is_in_hardware(key)
    found = errors(read, old='ssh.user = "durand"', new=f'ssh.user = "durand"\nssh.key = "{key}"')
    assert found == [
        f"server.ssh.key: {key} is a key in hardware, which deploys use through an agent alone: leave the setting "
        "out, and `ssh-add` the key to an agent that holds no other"
    ]


def test_a_key_of_a_file_is_none_of_hardware(tmp_path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")]
    subprocess.run(command, check=True)
    paramiko.ECDSAKey.generate().write_private_key_file(str(tmp_path / "pem"))
    (tmp_path / "broken").write_text(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n\n-----END OPENSSH PRIVATE KEY-----\n"
    )
    for name in ("key", "key.pub", "pem", "broken"):
        assert not is_in_hardware(tmp_path / name), name
