"""`make gpu-image`: builds the image of PyTorch on a disposable server and runs its tests there, and its ancestors'.

It fetches 3 GB of packages. Prints the size of the image and how long the deploy that built it took.
"""

import json
import os
import subprocess
import sys

from infra.settings import layout
from infra.settings.settings_file import ROOT
from infra.settings.site_file import load_site
from tests.server import preparation
from tests.server.deployment import deploy, variant
from tests.server.machine import Machine

IMAGE = "pytorch-gpu"
# The first profile of the test box's site gets the image.
FIRST = '[profiles.petite]\ntitle = "Petite"\n'


def main() -> int:
    if reason := preparation.obstacle():
        print(f"gpu-image: no box can boot here: {reason}", file=sys.stderr)
        return 1
    try:
        with variant({FIRST: f'{FIRST}image = "{IMAGE}"\n'}, name="gpu-image") as site:
            preparation.prepare()
            done = deploy(site)
            if done.status:
                print(f"gpu-image: {done}", file=sys.stderr)
                return 1
            return _tested(Machine(load_site(site)), done.seconds)
    except preparation.NotPrepared as error:
        print(f"gpu-image: {error}", file=sys.stderr)
        return 1
    finally:
        if not preparation.keep():
            preparation.destroy()


def _tested(server: Machine, seconds: float) -> int:
    text = server.succeed(f"cat {layout.IMAGES_IN_SERVICE}")
    references: dict[str, str] = json.loads(text)
    sizes = {
        name: int(server.succeed(f"docker image inspect --format '{{{{.Size}}}}' {reference}"))
        for name, reference in references.items()
    }
    print(f"gpu-image: deployed in {seconds:.0f} s", flush=True)
    for name, size in sizes.items():
        print(f"  {name}: {size / 1e9:.2f} GB", flush=True)
    tests = [sys.executable, "-m", "pytest", "--box", "-q", "tests/images", "-k", IMAGE]
    environment = {**os.environ, preparation.PREPARED: "1", "IMAGES_JSON": text}
    return subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
