"""The connection that the commands of these tests share: opened once, anew when it has ended, and not shared on demand."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.server.connection import SharedConnection
from tests.server.machine import Machine, Unreachable

# The server's process for the connection of a command. Others connect meanwhile.
SERVING = (
    "serving=$$; until grep -q ^sshd-session /proc/$serving/comm; do "
    "serving=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$serving/status); done"
)


@pytest.fixture
def connected(server: Machine) -> Iterator[Machine]:
    """The server, by a connection of this test's own."""
    connection = SharedConnection(server.site)
    yield replace(server, connection=connection)
    connection.close()


def process_of(connected: Machine) -> int:
    return int(connected.succeed(f"{SERVING}; echo $serving"))


def test_commands_share_one_connection(connected: Machine) -> None:
    before = process_of(connected)
    assert connected.execute("cat; echo said >&2; exit 3", stdin="given").status == 3
    assert connected.succeed("cat", stdin="given") == "given"
    assert process_of(connected) == before


def test_a_command_after_its_end_opens_another(connected: Machine) -> None:
    before = process_of(connected)
    with pytest.raises(Unreachable):
        connected.execute(f"{SERVING}; kill $serving; sleep 30")
    # The first may connect alone, before ssh has told that the connection is over.
    after = [process_of(connected) for _ in range(4)]
    assert before not in after
    assert after[-1] == after[-2]


def test_where_none_is_shared_each_command_connects(connected: Machine) -> None:
    assert connected.connection is not None
    before = process_of(connected)
    with connected.connection.apart():
        assert len({before, process_of(connected), process_of(connected)}) == 3
    after = process_of(connected)
    assert after != before
    assert process_of(connected) == after
