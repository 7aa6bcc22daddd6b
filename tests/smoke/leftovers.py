"""Removes what a smoke test makes on a server while it runs."""

from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGINS
from tests.server.machine import Machine

SESSIONS = tuple(f"session-{login}" for login in SMOKE_LOGINS)
NEIGHBOUR = "smoke-test-neighbour"
MARK = ".smoke-test"
PICTURES = "smoke-test-pictures"


def clean(server: Machine) -> None:
    """Remove what an earlier run left: its sessions, its neighbour, its files and JupyterLab's saved workspace."""
    server.execute(f"docker rm --force {' '.join(SESSIONS)} {NEIGHBOUR}")
    for login in SMOKE_LOGINS:
        home = server.succeed(f"getent passwd {login}").split(":")[5]
        # As the home's owner: root must not follow a link in it.
        remove = f"rm -rf {home}/{MARK} {home}/{PICTURES} {home}/.jupyter/lab/workspaces"
        server.execute(f"runuser --user {login} -- {remove}")


def wait_for_hub(server: Machine) -> None:
    """Wait until the hub has noticed that a session is gone, at most half a minute: it would redirect the user to it."""
    routes = (
        "curl --silent --header @<(printf 'Authorization: token %s' \"$CONFIGPROXY_AUTH_TOKEN\") "
        f"{layout.PROXY_API_URL}/api/routes"
    )
    server.execute(
        f". {layout.PROXY_SECRET}; for i in $(seq 120); do "
        f"{routes} | grep -qE '/user/({'|'.join(SMOKE_LOGINS)})/' || exit 0; sleep 0.5; done"
    )
