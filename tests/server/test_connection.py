"""The connection that the commands of these tests share: opened once, anew when it has ended, and not shared on demand."""

import pytest

from tests.server.machine import Machine, Unreachable

LOGINS = (
    "journalctl --identifier=sshd --identifier=sshd-session --output=cat --no-pager"
    " | grep -c 'Accepted publickey for ops'"
)


def logins(server: Machine) -> int:
    """Return how often the operator has connected, this time included."""
    return int(server.succeed(LOGINS))


def test_commands_share_one_connection(server: Machine) -> None:
    before = logins(server)
    assert server.execute("cat; echo said >&2; exit 3", stdin="given").status == 3
    assert server.succeed("cat", stdin="given") == "given"
    assert logins(server) == before


def test_a_command_after_its_end_opens_another(server: Machine) -> None:
    before = logins(server)
    with pytest.raises(Unreachable):
        server.execute("pkill --full 'sshd-session: [o]ps'; sleep 30")
    assert logins(server) == before + 1
    assert logins(server) == before + 1


def test_where_none_is_shared_each_command_connects(server: Machine) -> None:
    assert server.connection is not None
    before = logins(server)
    with server.connection.apart():
        assert [logins(server) for _ in range(2)] == [before + 1, before + 2]
    assert logins(server) == before + 3
