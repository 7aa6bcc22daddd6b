"""Configures Docker: limited logs, containers that keep running while it restarts, and the sessions' network."""

import json
from pathlib import Path

from pyinfra.api.deploy import deploy

from infra.operations.ops import File, ensure, tree, unit
from infra.operations.ownership import Owned
from infra.settings import layout
from infra.settings.sessions_network import SessionsNetwork
from infra.settings.site import Storage

FILES = Path(__file__).parent / "files"
PACKAGES = ("docker.io", "docker-cli", "docker-buildx")
OWNED = Owned(directories=(layout.DOCKER, layout.CONTAINERD_DROP_IN, layout.DOCKER_DROP_IN))


@deploy("Docker")
def docker(*, storage: Storage, network: SessionsNetwork, cards: bool) -> None:
    configuration = tree(
        name="Configure Docker",
        dest=layout.DOCKER,
        files={
            layout.DOCKER_DAEMON.rpartition("/")[2]: File(
                daemon_json(storage, cards=cards).encode()
            )
        },
    )
    always = File((FILES / "always.conf").read_bytes())
    containerd_restarts = tree(
        name="Restart containerd however often it dies",
        dest=layout.CONTAINERD_DROP_IN,
        files={"always.conf": always},
    )
    docker_restarts = tree(
        name="Restart Docker however often it dies",
        dest=layout.DOCKER_DROP_IN,
        files={"always.conf": always},
    )
    containerd = unit(
        name="Run containerd",
        unit="containerd.service",
        watched=[layout.CONTAINERD_DROP_IN],
        changes=[containerd_restarts],
    )
    unit(
        name="Run Docker",
        unit="docker.service",
        watched=[layout.DOCKER_DAEMON, layout.DOCKER_DROP_IN],
        changes=[configuration, docker_restarts, containerd],
        ready="docker info",
    )
    ensure(
        name="Make the sessions' network",
        condition=f"docker network inspect {layout.SESSIONS_NETWORK} --format "
        "'{{.Internal}} {{(index .IPAM.Config 0).Subnet}} {{(index .IPAM.Config 0).Gateway}}'"
        f" | grep -qx 'true {network.addresses} {network.gateway}'",
        # When the subnet changes, Docker refuses to remove a network with running sessions and names them.
        command=f"! docker network inspect {layout.SESSIONS_NETWORK} >/dev/null 2>&1 || docker network rm {layout.SESSIONS_NETWORK}; "
        f"docker network create --internal --subnet {network.addresses} --gateway {network.gateway}"
        f" --opt com.docker.network.bridge.name={layout.SESSIONS_BRIDGE}"
        f" --opt com.docker.network.bridge.enable_icc=false {layout.SESSIONS_NETWORK}",
    )


def daemon_json(storage: Storage, *, cards: bool = False) -> str:
    settings: dict[str, object] = {
        "data-root": str(storage.docker),
        "live-restore": True,
        "userland-proxy": False,
        "no-new-privileges": True,
        "icc": False,
        "log-driver": "local",
        "log-opts": {"max-size": "10m", "max-file": "3"},
        "default-ulimits": {
            "nofile": {"Name": "nofile", "Soft": 16384, "Hard": 16384},
            # Debian's unit allows core dumps for Docker and its containers; a session's would hold data.
            "core": {"Name": "core", "Soft": 0, "Hard": 0},
        },
        "builder": {"gc": {"enabled": True, "defaultKeepStorage": "8GB"}},
    }
    if cards:
        settings["features"] = {"cdi": True}
    return json.dumps(settings, indent=2) + "\n"
