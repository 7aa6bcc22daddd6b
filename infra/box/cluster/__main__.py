"""`python -m infra.box.cluster VERB`: a real Kubernetes of one node in a disposable box of this checkout."""

import argparse
import sys

from infra.box import machine
from infra.box.cluster import images, node, up
from infra.box.cluster.programs import programs
from infra.box.errors import BoxError
from infra.settings.box_identity import BoxIdentity, box_identity
from infra.settings.site import SiteError

VERBS = {
    "up": "build what is not built, boot the node, wait until pods can run; print the kubeconfig",
    "build": "build the programs of the cluster into the cache, and print where they are",
    "images": "import the project's images from the newest archive of the cache; print their references",
    "status": "say whether it runs, whether pods can run, and with which kubeconfig it is reached",
    "stop": "power it off, keeping its disk",
    "destroy": "remove it and all that belongs to it",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.box.cluster", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, meaning in VERBS.items():
        command = verbs.add_parser(verb, help=meaning, description=meaning)
        command.add_argument(
            "--purpose",
            default=node.PURPOSE,
            help="which of the checkout's boxes (default: %(default)s)",
        )
    arguments = parser.parse_args()
    try:
        return act(arguments.verb, box_identity(arguments.purpose))
    except (BoxError, SiteError, ValueError) as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cluster: interrupted; the same command goes on from there.", file=sys.stderr)
        return 130


def act(verb: str, box: BoxIdentity) -> int:
    match verb:
        case "up":
            kubeconfig = up.up(box)
            print(f"\n{box.name} serves pods.\n  export KUBECONFIG={kubeconfig}")
        case "build":
            print(programs())
        case "images":
            archive = images.newest_archive()
            print(f"importing {archive} …", flush=True)
            for name, reference in images.import_images(box, archive).items():
                print(f"{name}  {reference}")
        case "status":
            return status(box)
        case "stop":
            machine.stop(box)
            print(f"{box.name} is stopped; `python -m infra.box.cluster up` starts it again")
        case "destroy":
            node.destroy(box)
            print(f"{box.name} is gone")
    return 0


def status(box: BoxIdentity) -> int:
    if not box.root.exists():
        print(f"{box.name}: none; `python -m infra.box.cluster up` makes one")
        return 1
    if not machine.is_running(box):
        print(f"{box.name}: stopped; `python -m infra.box.cluster up` starts it")
        return 1
    ready = up.is_ready(box)
    print(f"{box.name}: {'serves pods' if ready else 'runs, and is not ready'}")
    print(f"  export KUBECONFIG={up.kubeconfig_of(box)}")
    return 0 if ready else 1


if __name__ == "__main__":
    sys.exit(main())
