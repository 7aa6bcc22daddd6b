"""A small SSH server that accepts or refuses as the test says; a real one would need root and accounts."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

PIECE = 65536
# A client of a bastion asks at once for the server behind it.
ASKED_WITHIN_S = 60
SUDO_ASKS = "sudo: a password is required"


@dataclass(frozen=True)
class Manner:
    """How the server treats a client."""

    admits: bool = True
    sudo: bool = True
    connections: int | None = None
    """After this number of logins, it accepts connections and closes them."""
    cuts: bool = False
    """It answers the check of `reach`, and closes the connection at any other command."""
    leads: bool = False
    """It leads on to whatever server is asked for, as a bastion does."""


class _Server(paramiko.ServerInterface):
    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.destination = ("", 0)

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL if self.manner.admits else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_direct_tcpip_request(
        self, chanid: int, origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        if not self.manner.leads:
            return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        self.destination = destination
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=self._run, args=(channel, command.decode()), daemon=True).start()
        return True

    def _run(self, channel: paramiko.Channel, command: str) -> None:
        """Answer a command `echo WORD; sudo …`, by which `reach` checks the server."""
        channel.sendall(command.split(";", maxsplit=1)[0].removeprefix("echo ").encode() + b"\n")
        if self.manner.cuts and not command.startswith("echo reached"):
            channel.get_transport().close()
            return
        refused = "sudo" in command and not self.manner.sudo
        if refused:
            channel.sendall_stderr(f"{SUDO_ASKS}\n".encode())
        channel.send_exit_status(int(refused))
        channel.close()


@contextmanager
def ssh_server(key: paramiko.PKey, manner: Manner) -> Iterator[int]:
    """Run the server, and give its port on this machine."""
    with _listening() as listener:
        transports: list[paramiko.Transport] = []

        def serve() -> None:
            served = 0
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                if manner.connections is not None and served >= manner.connections:
                    client.close()
                    continue
                served += 1
                transport = paramiko.Transport(client)
                transport.add_server_key(key)
                transports.append(transport)
                server = _Server(manner)
                try:
                    transport.start_server(threading.Event(), server)
                except (OSError, EOFError, paramiko.SSHException):
                    continue
                if manner.leads:
                    threading.Thread(target=_lead, args=(transport, server), daemon=True).start()

        with _at_work(serve, listener):
            yield int(listener.getsockname()[1])
        for transport in transports:
            transport.close()


def _lead(transport: paramiko.Transport, server: _Server) -> None:
    """Pass on to the server that a client asks for what it sends, and back what that one answers."""
    channel = transport.accept(ASKED_WITHIN_S)
    if channel is None:
        return

    def back() -> None:
        with suppress(OSError, EOFError):
            while said := beyond.recv(PIECE):
                channel.sendall(said)
        channel.close()

    with suppress(OSError, EOFError), socket.create_connection(server.destination) as beyond:
        threading.Thread(target=back, daemon=True).start()
        while asked := channel.recv(PIECE):
            beyond.sendall(asked)


@contextmanager
def _at_work(serve: Callable[[], None], listener: socket.socket) -> Iterator[None]:
    """Run `serve` in a thread and join it at the end: otherwise it could accept on a reused file descriptor."""
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@contextmanager
def plain_server(says: bytes | None) -> Iterator[int]:
    """Give the port of a server that is no SSH server: it sends `says` and closes, or stays silent (None)."""
    with _listening() as listener:

        def serve() -> None:
            clients = []
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                if says is None:
                    clients.append(client)
                else:
                    client.sendall(says)
                    client.close()

        with _at_work(serve, listener):
            yield int(listener.getsockname()[1])


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield listener


def closed_port() -> int:
    with _listening() as listener:
        return int(listener.getsockname()[1])
