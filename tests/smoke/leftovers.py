"""What a smoke test leaves on a server while it runs, and how it goes."""

from infra.accounts import SMOKE_LOGIN
from tests.server.machine import Machine

SESSION = f"session-{SMOKE_LOGIN}"
NEIGHBOUR = "smoke-test-neighbour"
MARK = ".smoke-test"


def clean(server: Machine) -> None:
    """Remove what an earlier run left: its session, its neighbour, its file in the account's home."""
    server.execute(f"docker rm --force {SESSION} {NEIGHBOUR}")
    home = server.succeed(f"getent passwd {SMOKE_LOGIN}").split(":")[5]
    server.execute(f"rm -f {home}/{MARK}")
