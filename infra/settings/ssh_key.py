"""Tells whether a key of SSH is kept in hardware: its file then holds only the handle of what the device has."""

import base64
import re
from pathlib import Path

TYPES = (b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com")
PRIVATE = rb"(?s)-----BEGIN OPENSSH PRIVATE KEY-----(.*?)-----END"


def is_in_hardware(path: Path) -> bool:
    """Whether a private or public key's file says so; the type is in clear even where a passphrase protects the rest."""
    text = path.read_bytes()
    if text.startswith(TYPES):
        return True
    if not (found := re.search(PRIVATE, text)):
        return False
    try:
        content = base64.b64decode(found[1])
    except ValueError:
        return False
    return any(one in content for one in TYPES)
