"""Boots the cluster, waits until it serves, and writes a kubeconfig for this machine."""

import time
from pathlib import Path

from infra.box import machine
from infra.box.cluster import node
from infra.box.cluster.programs import programs
from infra.box.errors import BoxError
from infra.box.up import step
from infra.settings.box_identity import BoxIdentity
from infra.settings.site_file import load_site

# The longest that a part may take to be ready, on a machine whose processors are shared.
READY_S = 300
ADMIN = "/etc/kubernetes/admin.conf"
# What must all be so, as commands of the node: each ends well once it is.
READY = (
    # Removed when Cilium starts, written when it serves.
    "test -e /etc/cni/net.d/05-cilium.conflist",
    "python3 -c 'import urllib.request as ask; ask.urlopen(\"http://127.0.0.1:9879/healthz\")'",
    "kubectl wait --for=condition=Ready nodes --all --timeout=1s",
    "kubectl --namespace=kube-system wait --for=condition=Ready pods --selector=k8s-app=kube-dns --timeout=1s",
)


def up(box: BoxIdentity) -> Path:
    """Bring the cluster up, whatever there is of it already, and return the path of its kubeconfig."""
    with step("the programs of the cluster are there"):
        built = programs(say=lambda line: print(f"   {line}", flush=True))
    with step("a Debian 13 node boots"):
        node.create_and_start(box, built, load_site("box").packages)
    with step("the API answers"):
        wait_until("kubectl get --raw=/readyz", box)
    with step("the node, its network and its names are ready"):
        for command in READY:
            wait_until(command, box)
    return write_kubeconfig(box)


def succeeds_in(box: BoxIdentity, command: str) -> bool:
    """Whether a shell command on the node succeeds, as the cluster's administrator."""
    said = machine.enter(
        box,
        "sh",
        "-c",
        f"export KUBECONFIG={ADMIN}; {command} >/dev/null 2>&1 && echo so",
        check=False,
    )
    return said.strip() == "so"


def is_ready(box: BoxIdentity) -> bool:
    return all(succeeds_in(box, command) for command in READY)


def kubeconfig_of(box: BoxIdentity) -> Path:
    return box.state / "kubeconfig"


def write_kubeconfig(box: BoxIdentity) -> Path:
    """Copy the administrator's kubeconfig, which names the node's address on its link to this machine."""
    kubeconfig = kubeconfig_of(box)
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text((box.root / ADMIN.lstrip("/")).read_text())
    return kubeconfig


def wait_until(command: str, box: BoxIdentity) -> None:
    """Wait until a shell command on the node succeeds. Raises BoxError, with where to look, when it does not for long."""
    deadline = time.monotonic() + READY_S
    while not succeeds_in(box, command):
        if not machine.is_running(box):
            raise BoxError(f"the node stopped; its console is {box.console_log}.")
        if time.monotonic() > deadline:
            failed = machine.enter(
                box, "systemctl", "--failed", "--plain", "--no-legend", check=False
            )
            raise BoxError(
                f"after {READY_S} s this is still not so: `{command}`. Failed units: {failed.strip() or 'none'}. "
                f"Look around with `{' '.join(machine.ssh_command(box))}` (sudo journalctl -b), then run the same again."
            )
        time.sleep(0.5)
