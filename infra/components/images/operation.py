"""The operations that build the images when their inputs changed."""

import json
import shlex
from collections.abc import Mapping, Sequence

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase
from pyinfra.api.operation import OperationMeta, operation
from pyinfra.context import host

from infra.components.images.inputs import Inputs
from infra.operations.facts import Prints
from infra.operations.ops import UMASK, Commands
from infra.settings import layout

BUILD_S = 3600
SCRIPT = f"{layout.IMAGE_SCRIPTS}/build-images"
APT = (layout.APT_LISTS, layout.APT)
EMPTY_SYSTEM = ("?essential", "?priority(required)", "apt")
KEPT_DAYS = 30


class ResolvedPackages(FactBase[dict[str, str]]):
    """What apt would install today into an empty Debian, for sets of packages: sorted `name version` lines by set.

    Each simulation takes apt seconds and depends on its lists and settings only: its result is cached on the server,
    under a hash of the set and of what these files hold, which takes a tenth of a second and outlives a file that is written
    again as it was.
    """

    @staticmethod
    def default() -> dict[str, str]:
        return {}

    def command(
        self,
        sets: Mapping[str, Sequence[str]],
        kept_in: str = layout.RESOLVED_PACKAGES,
        apt: Sequence[str] = APT,
    ) -> str:
        """Return the script that simulates the sets in parallel; `touch` keeps a used result from being deleted by age."""
        ask = " ".join(f"resolve {shlex.join(packages)} &" for packages in sets.values())
        show = "; ".join(
            f'sed {shlex.quote(f"s/^/{name} /")} "$kept/$(key {shlex.join(packages)})"'
            for name, packages in sets.items()
        )
        return f"""
kept={shlex.quote(kept_in)}; mkdir -p "$kept"
state=$({{ find {shlex.join(apt)} -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum --; apt-get --version; }} | sha256sum)
key() {{ printf '%s ' "$state" "$@" | sha256sum | cut -c1-32; }}
resolve() {{
  file=$kept/$(key "$@")
  if [ ! -s "$file" ]; then
    partial=$(mktemp "$kept/.XXXXXX")
    apt-get -o Dir::State::status=/dev/null -o Debug::NoLocking=1 -qq --simulate install \\
      --no-install-recommends {shlex.join(EMPTY_SYSTEM)} "$@" 2>/dev/null \\
      | sed -n 's/^Inst \\([^ ]*\\) (\\([^ ]*\\) .*/\\1 \\2/p' | LC_ALL=C sort > "$partial"
    mv "$partial" "$file"
  fi
  touch "$file"
}}
find "$kept" -type f -mtime +{KEPT_DAYS} -delete
{ask} wait
{show}"""

    def process(self, output: list[str]) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for line in output:
            name, _, package = line.partition(" ")
            found.setdefault(name, []).append(package)
        return {name: "\n".join(lines) for name, lines in found.items()}


def read_current(text: str) -> dict[str, str]:
    """Return the images that the text of current.json names; none when it is missing or damaged."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@operation()
def begin_images(inputs: Inputs) -> Commands:
    """Start loading or building the images on the server; meanwhile the deploy goes on with what needs no image.

    `images` reports the result: its own run of the script waits for the lock of this one.
    """
    if command := _needed(inputs):
        yield StringCommand(in_background(command))


def in_background(command: str) -> str:
    """Return the shell command that starts one in a unit of its own.

    Each has another name: systemd refuses the name of a unit that is still ending (for up to 90 s, after whatever it left
    running), or whose file is still there. Of two that run at once, one waits for the other's lock.
    """
    name = f"{layout.IMAGES_UNIT}-$(cut -c1-8 /proc/sys/kernel/random/uuid)"
    return f'systemd-run --quiet --collect --unit="{name}" --setenv=HOME=/root {command}'


@operation()
def images(inputs: Inputs, begun: OperationMeta) -> Commands:
    """Build, or load from the cache, the images whose inputs changed, and put them into service.

    Where what was begun had nothing to do, they were whole and in service a moment ago: to look at each of their files again
    would take a second of the server's processor.
    """
    if begun.changed and (command := _needed(inputs)):
        yield StringCommand(f"{UMASK}; {command}", _timeout=BUILD_S)


def _needed(inputs: Inputs) -> str:
    """Return the command that makes the images of these inputs; empty when they are undamaged and in service."""
    versions: dict[str, str] = host.get_fact(ResolvedPackages, sets=inputs.asked())
    keys, packages = inputs.keys(versions), inputs.packages(versions)
    references = {image: f"openchronic/{image}:{key}" for image, key in keys.items()}
    names = shlex.join(references.values())
    whole = f"{layout.IMAGE_SCRIPTS}/whole-images check {names}"
    there = host.get_fact(
        Prints,
        script=f"docker image inspect {names} >/dev/null && {whole} && cat {layout.IMAGES_IN_SERVICE}",
    )
    if read_current(there) == references:
        return ""
    return shlex.join(
        [SCRIPT, *(f"{image}={key}+{packages[image]}" for image, key in keys.items())]
    )
