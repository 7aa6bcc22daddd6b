"""The operation that builds the images when their inputs changed."""

import json
import shlex
from collections.abc import Mapping, Sequence

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase
from pyinfra.api.operation import operation
from pyinfra.context import host

from infra.facts import Prints
from infra.images.inputs import CHAIN, Inputs
from infra.ops import UMASK, Commands

BUILD_S = 3600
RESOLVED = "/var/cache/openchronic-server/resolved"
APT = ("/var/lib/apt/lists", "/etc/apt")
EMPTY_SYSTEM = ("?essential", "?priority(required)", "apt")
KEPT_DAYS = 30
UNIT = "openchronic-images"


class ResolvedPackages(FactBase[dict[str, str]]):
    """What apt would install today into an empty Debian for sets of packages: `name version` lines, sorted, per set.

    Each answer takes apt seconds and follows from its lists and settings alone: it is kept beside them, under a name
    made of the question and of these files as they are.
    """

    @staticmethod
    def default() -> dict[str, str]:
        return {}

    def command(
        self,
        sets: Mapping[str, Sequence[str]],
        kept_in: str = RESOLVED,
        apt: Sequence[str] = APT,
    ) -> str:
        """The sets are asked for side by side; an answer that fails is not kept."""
        ask = " ".join(f"resolve {shlex.join(packages)} &" for packages in sets.values())
        show = "; ".join(
            f'sed {shlex.quote(f"s/^/{name} /")} "$kept/$(key {shlex.join(packages)})"'
            for name, packages in sets.items()
        )
        return f"""
kept={shlex.quote(kept_in)}; mkdir -p "$kept"
state=$({{ find {shlex.join(apt)} -type f -printf '%p %s %T@ %C@\\n' | LC_ALL=C sort; apt-get --version; }} | sha256sum)
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


def asked(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """Per image, its own packages and those of the images below."""
    below: tuple[str, ...] = ()
    sets = {}
    for image, packages in zip(CHAIN, inputs.packages, strict=True):
        sets[image] = below = below + packages
    return sets


def read_current(text: str) -> dict[str, str]:
    """The images that current.json names; a missing or damaged one names none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@operation()
def begin_images(inputs: Inputs, script: str, state: str) -> Commands:
    """Begin what `images` finishes: the server loads or builds while the deploy goes on with what needs none.

    Whether it ends well is for `images` to say: a second run of the script waits for the first by its lock.
    """
    if command := _needed(inputs, script, state):
        # Refused while an earlier deploy's still runs, which is as good.
        yield StringCommand(
            f"systemd-run --quiet --collect --unit={UNIT} --setenv=HOME=/root {command} "
            f"|| systemctl is-active --quiet {UNIT}"
        )


@operation()
def images(inputs: Inputs, script: str, state: str) -> Commands:
    """Build, or load from the cache, the images whose inputs changed, and make them the current ones."""
    if command := _needed(inputs, script, state):
        yield StringCommand(f"{UMASK}; {command}", _timeout=BUILD_S)


def _needed(inputs: Inputs, script: str, state: str) -> str:
    """The command that makes the images of these inputs; nothing when they are the current ones."""
    versions: dict[str, str] = host.get_fact(ResolvedPackages, sets=asked(inputs))
    keys = inputs.keys({image: versions.get(image, "") for image in CHAIN})
    references = {image: f"openchronic/{image}:{key}" for image, key in keys.items()}
    names = shlex.join(references.values())
    whole = f"{script.rpartition('/')[0]}/whole-images check {names}"
    there = host.get_fact(
        Prints,
        script=f"docker image inspect {names} >/dev/null && {whole} && cat {state}/current.json",
    )
    if read_current(there) == references:
        return ""
    return shlex.join([script, *(f"{image}={key}" for image, key in keys.items())])
