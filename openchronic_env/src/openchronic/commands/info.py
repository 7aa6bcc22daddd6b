"""``openchronic info``: what a release holds, what it was made of, and what was left out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from typing import Any

HELP = "show what a release holds and what it was made of"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="BASE[@ID]",
        help="default: the only base, its release in service",
    )
    parser.add_argument(
        "--releases",
        metavar="DIR",
        help="folder of the releases (default: $OPENCHRONIC_RELEASES, else ~/openchronic)",
    )


def run(args: argparse.Namespace) -> int:
    """Print the manifest as tables."""
    from rich.console import Console

    from openchronic.building.summary import print_counts
    from openchronic.changes import tell
    from openchronic.checks.masking import Mask
    from openchronic.releases import find, location

    release = find(location(args.releases), args.name)
    manifest = release.manifest
    console = Console()
    key = manifest["key"]
    versions = manifest["versions"]
    for name, value in {
        "release": release.name,
        "folder": release.path,
        "made": manifest["created"],
        "care": f"{manifest['care_window']['start']} to {manifest['care_window']['end']}",
        "key": f"{key['fingerprint']}{' (the public one)' if key['public'] else ''}",
        "made by": f"openchronic {versions['openchronic']}, DuckDB {versions['duckdb']}"
        + (f", commit {versions['git_commit']}" if versions["git_commit"] else ""),
        "checks": _checks(manifest),
    }.items():
        console.print(f"{name:<9}{value}", highlight=False, soft_wrap=True, markup=False)
    for note in manifest["notes"]:
        console.print(f"note     {note}", highlight=False, soft_wrap=True, markup=False)
    print_counts(manifest, console)
    if manifest.get("changes"):
        console.print("Changes", style="bold")
        tell(manifest["changes"], console, Mask())
    return 0


def _checks(manifest: Mapping[str, Any]) -> str:
    """How many checks came to which verdict when the release was made."""
    if "measures" not in manifest:
        return f"{len(manifest['checks'])} passed"
    states = Counter(one["state"] for one in manifest["measures"])
    return ", ".join(f"{number} {state}" for state, number in states.most_common())
