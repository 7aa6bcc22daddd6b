"""Removes what a smoke test makes while it runs: on a server, and in its account's home on a cluster."""

from infra.settings import layout
from infra.settings.accounts import SMOKE_LOGINS
from tests.server.machine import Machine
from tests.smoke.hub import Hub
from tests.smoke.kernel import Kernel

SESSIONS = tuple(f"session-{login}" for login in SMOKE_LOGINS)
NEIGHBOUR = "smoke-test-neighbour"
MARK = ".smoke-test"
PICTURES = "smoke-test-pictures"

WORKSPACES = ".jupyter/lab/workspaces"


def clean(server: Machine) -> None:
    """Remove what an earlier run left: its sessions, its neighbour, its files and JupyterLab's saved workspace."""
    server.execute(f"docker rm --force {' '.join(SESSIONS)} {NEIGHBOUR}")
    for login in SMOKE_LOGINS:
        home = server.succeed(f"getent passwd {login}").split(":")[5]
        # As the home's owner: root must not follow a link in it.
        remove = f"rm -rf {home}/{MARK} {home}/{PICTURES} {home}/{WORKSPACES}"
        server.execute(f"runuser --user {login} -- {remove}")


def clean_home(hub: Hub) -> None:
    """Remove them by the running session of their owner: on a cluster, nothing else mounts a home."""
    kernel = Kernel(hub)
    try:
        names = (MARK, PICTURES, WORKSPACES)
        kernel.run(
            f"import os, subprocess; subprocess.run(['rm', '-rf', *{names!r}], cwd=os.path.expanduser('~'), check=True)"
        )
    finally:
        kernel.close()


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
