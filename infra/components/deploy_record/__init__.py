"""Records what was deployed, and removes what an earlier deploy owned and this one does not."""

import hashlib
import json
import re
import shlex
from typing import Any

from pyinfra.api.command import StringCommand
from pyinfra.api.deploy import deploy
from pyinfra.api.operation import operation
from pyinfra.context import host

from infra.components.images.operation import read_current
from infra.operations.checkout import look, version
from infra.operations.facts import Prints
from infra.operations.ops import Commands, File, tree
from infra.operations.ownership import Owned, written
from infra.settings import layout
from infra.settings.site import Site


@deploy("Deploy record")
def deploy_record(*, site: Site, owned: Owned) -> None:
    remove_disowned(name="Remove what an earlier deploy owned", owned=owned)
    record(name="Record what was deployed", content=recorded(site, owned))


def recorded(site: Site, owned: Owned) -> dict[str, object]:
    settings = json.dumps(site.model_dump(mode="json"), sort_keys=True)
    return {
        "site": site.name,
        "commit": look().name,
        "version": version(),
        "settings": hashlib.sha256(settings.encode()).hexdigest(),
        "owned": {"units": list(owned.units), "directories": list(owned.directories)},
    }


@operation()
def announce(owned: Owned) -> Commands:
    """Record, before anything is written, what this deploy will own: if it stops half-way, the next one knows it."""
    before = earlier()
    wanted = {
        "units": sorted({*before["owned"]["units"], *owned.units}),
        "directories": sorted({*before["owned"]["directories"], *owned.directories}),
    }
    if wanted != before["owned"]:
        yield from _write({**before, "owned": wanted})


def earlier() -> dict[str, Any]:
    """Return the record of the last deploy; before the first one, a record that owns nothing."""
    there = host.get_fact(Prints, script=f"cat {layout.DEPLOY_RECORD}")
    nothing: dict[str, list[str]] = {"units": [], "directories": []}
    return json.loads(there) if there else {"owned": nothing}


@operation()
def remove_disowned(owned: Owned) -> Commands:
    """Remove units, then directories and files that the last deploy owned and this one does not.

    Units are removed first, so that none runs from a removed directory.
    """
    before = earlier()
    for unit in sorted(set(before["owned"]["units"]) - set(owned.units)):
        name = shlex.quote(unit)
        yield StringCommand(
            f"systemctl disable --now --quiet {name} 2>/dev/null; rm -f {layout.UNITS}/{name}; "
            "systemctl daemon-reload"
        )
    for directory in sorted(set(before["owned"]["directories"]) - set(owned.directories)):
        yield from _remove(directory)
    # The record of an older commit may lack `written`; what that commit wrote is then known from `owned` only.
    now = written()
    there = before.get("written", {"files": [], "trees": []})
    for path in [*there["files"], *there["trees"]]:
        if not now.holds(path):
            yield from _remove(path)


def _remove(path: str) -> Commands:
    """Remove a file or a folder; with the link of an environment, also the folders that it linked to.

    A service whose drop-in is removed is restarted: it would keep the old settings.
    """
    quoted = shlex.quote(path)
    gone = f"[ ! -L {quoted} ] || rm -rf --one-file-system {quoted}-????????????; rm -rf --one-file-system {quoted}"
    restart = ""
    if drop_in := re.match(rf"{layout.UNITS}/([^/]+\.service)\.d(/|$)", path):
        restart = f"; systemctl daemon-reload; systemctl try-restart {shlex.quote(drop_in[1])}"
    yield StringCommand(f"if [ -e {quoted} ] || [ -L {quoted} ]; then {gone}{restart}; fi")


@operation()
def record(content: dict[str, object]) -> Commands:
    """Write the record. It comes last, since it holds the images in service and the files that were written."""
    images = host.get_fact(Prints, script=f"cat {layout.IMAGES_IN_SERVICE}")
    yield from _write(
        {
            **content,
            "images": read_current(images),
            # The record itself is left out: no later deploy may remove it.
            "written": {
                "files": [path for path in written().files if path != layout.DEPLOY_RECORD],
                "trees": list(written().trees),
            },
        }
    )


def _write(content: dict[str, Any]) -> Commands:
    text = json.dumps(content, indent=2, sort_keys=True) + "\n"
    folder, _, name = layout.DEPLOY_RECORD.rpartition("/")
    yield from tree._inner(dest=folder, files={name: File(text.encode())}, exclusive=False)
