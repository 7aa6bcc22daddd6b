"""TLS servers on this machine that accept weak settings, to prove that the probes work."""

import datetime
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@contextmanager
def lenient_server(folder: Path) -> Iterator[tuple[str, int]]:
    """Run a server with every version and suite that this machine's OpenSSL has, at security level 0."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.load_cert_chain(*certificate(folder))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(listener, context), daemon=True)
    thread.start()
    try:
        yield ("127.0.0.1", int(listener.getsockname()[1]))
    finally:
        # Closing the socket does not interrupt a blocked accept.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=10)


def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            wire, _ = listener.accept()
        except OSError:
            return
        wire.settimeout(10)
        with suppress(OSError), wire, context.wrap_socket(wire, server_side=True) as secure:
            secure.sendall(b"HTTP/1.0 200 OK\r\n\r\n")


def certificate(folder: Path) -> tuple[Path, Path]:
    chain, private = folder / "lenient.pem", folder / "lenient.key"
    if not chain.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return chain, private


@contextmanager
def renegotiating_server(folder: Path) -> Iterator[tuple[str, int]]:
    """Run OpenSSL's server with client renegotiation, which Python's does not support."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    chain, private = certificate(folder)
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-client_renegotiation"]
    process = subprocess.Popen(
        [*command, "-cert", str(chain), "-key", str(private), "-tls1_2", "-quiet", "-www"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            if process.poll() is not None:
                break
            threading.Event().wait(0.1)
        yield ("127.0.0.1", port)
    finally:
        process.terminate()
        process.wait(timeout=10)
