"""`python -m infra.box VERB`: creates, starts, stops and removes the disposable server of this checkout."""

import argparse
import shutil
import sys

from infra.box import machine, preflight, rootfs, up
from infra.box.errors import BoxError
from infra.settings.box_identity import BoxIdentity, box_identity
from infra.settings.site import SiteError
from infra.settings.site_file import load_site

VERBS = {
    "up": "create, start, deploy, build and prove the whole server",
    "check": "say whether this machine can boot a box, and if not why",
    "start": "create it if need be, and boot it",
    "stop": "power it off, keeping its disk",
    "kill": "cut its power",
    "destroy": "stop it and remove all that belongs to it",
    "status": "say whether it runs and where",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.box", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, meaning in VERBS.items():
        command = verbs.add_parser(verb, help=meaning, description=meaning)
        command.add_argument(
            "--purpose", help="which of the checkout's boxes (default: $BOX, or demo)"
        )
    arguments = parser.parse_args()
    try:
        return act(arguments.verb, box_identity(arguments.purpose))
    except (BoxError, SiteError, ValueError) as error:
        print(f"box: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("box: interrupted; the same command goes on from there.", file=sys.stderr)
        return 130


def act(verb: str, box: BoxIdentity) -> int:
    match verb:
        case "up":
            up.up(box)
        case "check":
            return check(box)
        case "start":
            site = load_site("box")
            assert site.box is not None, "the box's site file has a [box] table"
            up.create_and_start(box, site.box, site)
            print(f"{box.name} runs at {box.address}")
        case "stop":
            machine.stop(box)
            print(f"{box.name} is stopped; `make box` starts it again")
        case "kill":
            machine.kill(box)
        case "destroy":
            destroy(box)
            print(f"{box.name} is gone")
        case "status":
            return status(box)
    return 0


def check(box: BoxIdentity) -> int:
    site = load_site("box")
    assert site.box is not None, "the box's site file has a [box] table"
    found = list(preflight.obstacles(box, site.box))
    print("\n".join(found) if found else "a box can start here")
    return 1 if found else 0


def destroy(box: BoxIdentity) -> None:
    # Nothing of it is kept: an orderly power-off would only take its time.
    machine.end(box)
    rootfs.remove(box)
    if not any(box.state.parent.glob("*")):
        shutil.rmtree(box.state.parent, ignore_errors=True)


def status(box: BoxIdentity) -> int:
    if not box.root.exists():
        print(f"{box.name}: none; `make box` makes one")
        return 1
    if not machine.is_running(box):
        print(f"{box.name}: stopped; `make box` starts it")
        return 1
    print(f"{box.name}: runs at https://{box.address}/")
    return 0 if machine.answers(box) else 1


if __name__ == "__main__":
    sys.exit(main())
