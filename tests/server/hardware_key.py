"""An operator's key in hardware: an agent that signs as a FIDO device of OpenSSH does (`sk-ssh-ed25519@openssh.com`)."""

import base64
import hashlib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TYPE = b"sk-ssh-ed25519@openssh.com"
APPLICATION = b"ssh:"
# SSH_AGENTC_REQUEST_IDENTITIES and SSH_AGENTC_SIGN_REQUEST with their answers, and SSH_AGENT_FAILURE.
LIST, LISTED, SIGN, SIGNED, FAILURE = 11, 12, 13, 14, 5
# The device was touched.
TOUCHED = b"\x01"


def text(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


class Device:
    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self._blob = (
            text(TYPE) + text(self._key.public_key().public_bytes_raw()) + text(APPLICATION)
        )
        self.touched = 0

    @property
    def public(self) -> str:
        """The line for authorized_keys."""
        return f"{TYPE.decode()} {base64.b64encode(self._blob).decode()} of-this-test"

    def answer(self, asked: bytes) -> bytes:
        if asked[0] == LIST:
            return bytes([LISTED]) + (1).to_bytes(4, "big") + text(self._blob) + text(b"device")
        if asked[0] != SIGN:
            return bytes([FAILURE])
        _, after = _cut(asked[1:])
        message, _ = _cut(after)
        self.touched += 1
        state = TOUCHED + self.touched.to_bytes(4, "big")
        signed = self._key.sign(
            hashlib.sha256(APPLICATION).digest() + state + hashlib.sha256(message).digest()
        )
        return bytes([SIGNED]) + text(text(TYPE) + text(signed) + state)


def _cut(content: bytes) -> tuple[bytes, bytes]:
    end = 4 + int.from_bytes(content[:4], "big")
    return content[4:end], content[end:]


@contextmanager
def agent(device: Device, *, socket: Path) -> Iterator[None]:
    """Serve the device's key as ssh-agent does."""

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while len(length := self.rfile.read(4)) == 4:
                asked = self.rfile.read(int.from_bytes(length, "big"))
                self.wfile.write(text(device.answer(asked)))

    server = socketserver.ThreadingUnixStreamServer(str(socket), Conversation)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
