"""The operation that builds the images when their inputs changed."""

import json
import shlex

from pyinfra.api.command import StringCommand
from pyinfra.api.facts import FactBase
from pyinfra.api.operation import operation
from pyinfra.context import host

from infra.facts import Prints
from infra.images.inputs import CHAIN, Inputs
from infra.ops import Commands

BUILD_S = 3600


class ResolvedPackages(FactBase[str]):
    """What apt would install today into an empty Debian for these packages: `name version` lines, sorted."""

    @staticmethod
    def default() -> str:
        return ""

    def command(self, packages: tuple[str, ...]) -> str:
        wanted = shlex.join(["?essential", "?priority(required)", "apt", *packages])
        return (
            "apt-get -o Dir::State::status=/dev/null -o Debug::NoLocking=1 -qq --simulate install "
            f"--no-install-recommends {wanted} 2>/dev/null"
            " | sed -n 's/^Inst \\([^ ]*\\) (\\([^ ]*\\) .*/\\1 \\2/p' | LC_ALL=C sort || true"
        )

    def process(self, output: list[str]) -> str:
        return "\n".join(output)


def read_current(text: str) -> dict[str, str]:
    """The images that current.json names; a missing or damaged one names none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@operation()
def images(inputs: Inputs, script: str, state: str) -> Commands:
    """Build, or load from the cache, the images whose inputs changed, and make them the current ones."""
    versions: dict[str, str] = {}
    asked: tuple[str, ...] = ()
    for image, packages in zip(CHAIN, inputs.packages, strict=True):
        asked += packages
        versions[image] = host.get_fact(ResolvedPackages, packages=asked)
    keys = inputs.keys(versions)
    references = {image: f"openchronic/{image}:{key}" for image, key in keys.items()}
    names = shlex.join(references.values())
    whole = f"{script.rpartition('/')[0]}/whole-images check {names}"
    there = host.get_fact(
        Prints,
        script=f"docker image inspect {names} >/dev/null && {whole} && cat {state}/current.json",
    )
    if read_current(there) == references:
        return
    yield StringCommand(
        shlex.join([script, *(f"{image}={key}" for image, key in keys.items())]), _timeout=BUILD_S
    )
