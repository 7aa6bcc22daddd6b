"""Records what was deployed, and removes what an earlier deploy owned and this one does not."""

import hashlib
import json
import shlex
import subprocess

from pyinfra.api.command import StringCommand
from pyinfra.api.deploy import deploy
from pyinfra.api.operation import operation
from pyinfra.context import host

from infra.facts import Prints
from infra.ops import Commands, File, tree
from infra.ownership import Owned
from infra.settings_file import ROOT
from infra.site import Site

FOLDER = "/var/lib/openchronic-server"
RECORD = f"{FOLDER}/release.json"
IMAGES = "/var/lib/images/current.json"


@deploy("Release")
def release(*, site: Site, owned: Owned) -> None:
    remove_disowned(name="Remove what an earlier deploy owned", owned=owned)
    record(name="Record what was deployed", content=recorded(site, owned))


def recorded(site: Site, owned: Owned) -> dict[str, object]:
    settings = json.dumps(site.model_dump(mode="json"), sort_keys=True)
    return {
        "site": site.name,
        "commit": commit(),
        "settings": hashlib.sha256(settings.encode()).hexdigest(),
        "owned": {"units": list(owned.units), "directories": list(owned.directories)},
    }


def commit() -> str:
    """The checkout's commit, with `+` when it holds changes that no commit has."""
    described = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


@operation()
def remove_disowned(owned: Owned) -> Commands:
    """Units first, so that nothing runs from a directory that goes."""
    there = host.get_fact(Prints, script=f"cat {RECORD}")
    before = json.loads(there)["owned"] if there else {"units": [], "directories": []}
    for unit in sorted(set(before["units"]) - set(owned.units)):
        name = shlex.quote(unit)
        yield StringCommand(
            f"systemctl disable --now --quiet {name} 2>/dev/null; rm -f /etc/systemd/system/{name}; "
            "systemctl daemon-reload"
        )
    for directory in sorted(set(before["directories"]) - set(owned.directories)):
        yield StringCommand("rm", "-rf", "--one-file-system", shlex.quote(directory))


@operation()
def record(content: dict[str, object]) -> Commands:
    """The record names the images that are current on the host once all else is done."""
    images = host.get_fact(Prints, script=f"cat {IMAGES}")
    wanted = {**content, "images": json.loads(images) if images else {}}
    text = json.dumps(wanted, indent=2, sort_keys=True) + "\n"
    yield from tree._inner(
        dest=FOLDER, files={"release.json": File(text.encode())}, exclusive=False
    )
