"""The peer of the sessions' images: a bare Debian with JupyterLab, made by the same Docker from the same sources."""

import re
import shlex

from infra.settings import layout
from tests.bench.server import Server

TAG = "bench/bare-lab"
DOCKERFILE = """FROM {base}
USER 0:0
RUN apt-get update \\
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv
RUN --mount=type=secret,id=pypi_index \\
    index=$(cat /run/secrets/pypi_index 2>/dev/null || true) \\
    && python3 -m venv /opt/lab \\
    && PIP_CERT=$SSL_CERT_FILE /opt/lab/bin/pip install --quiet --no-cache-dir \\
       ${{index:+--index-url "$index"}} jupyterlab
"""


def build(server: Server, base: str) -> None:
    """Build the image without Docker's cache."""
    server.machine.succeed(
        f". {layout.IMAGE_SCRIPTS}/environment; docker build --quiet --no-cache "
        "--build-arg HTTP_PROXY --build-arg HTTPS_PROXY --build-arg NO_PROXY "
        f"--secret id=pypi_index,env=PYPI_INDEX --tag {TAG} -",
        stdin=DOCKERFILE.format(base=base),
        timeout_s=1200,
    )


# A whole JupyterLab, until its server answers. Both as a session runs: no root, a read-only image.
START = """
set -e
began=$(date +%s.%N)
docker run --detach --rm --name {NAME} --network sessions --read-only --tmpfs /tmp:exec,mode=1777 --user 65534:65534 \
    --env HOME=/tmp {REFERENCE} {COMMAND} >/dev/null
trap 'docker kill {NAME} >/dev/null' EXIT
address=$(docker inspect --format '{{{{range .NetworkSettings.Networks}}}}{{{{.IPAddress}}}}{{{{end}}}}' {NAME})
for i in $(seq 2400); do
    if curl -sf -o /dev/null "http://$address:{PORT}/api"; then
        echo "$began $(date +%s.%N)"
        exit 0
    fi
    sleep 0.05
done
docker logs {NAME} >&2
exit 1
"""
LAB = "/opt/lab/bin/jupyter lab --no-browser --ip=0.0.0.0"


def start(server: Server, reference: str, command: str = "") -> float:
    """Return the seconds from `docker run` to the first answer of an image's JupyterLab."""
    said = server.machine.succeed(
        START.format(
            NAME="bench-start",
            REFERENCE=shlex.quote(reference),
            COMMAND=command,
            PORT=layout.SESSION_PORT,
        ),
        timeout_s=300,
    )
    began, ended = map(float, said.split())
    return ended - began


def size(server: Server, reference: str) -> int:
    said = server.machine.succeed(
        f"docker image inspect --format '{{{{.Size}}}}' {shlex.quote(reference)}"
    )
    return int(said)


def remove(server: Server) -> None:
    server.machine.execute(f"docker image rm {TAG}")


def seconds_of_ours(server: Server) -> int | None:
    """Return how long the server took to build all its images; None where it loaded them."""
    said = server.machine.succeed(
        f"journalctl --unit={layout.IMAGES_UNIT} --no-pager --output=cat | grep 'images: built in' || true"
    )
    found = re.findall(r"images: built in (\d+) s", said)
    return int(found[-1]) if found else None
