"""``openchronic info``: what a release holds, what it was made of, and what was left out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from typing import Any

from openchronic.runtime.options import add_releases

HELP = "show what a release holds and what it was made of"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="BASE[@ID]",
        help="default: the only base, its release in service",
    )
    add_releases(parser)
    parser.add_argument(
        "--accounts",
        action="store_true",
        help="only what became of every delivered line and euro: kept, rejected, delivered twice, "
        "filtered (by which filter), regularised, orphans",
    )


def run(args: argparse.Namespace) -> int:
    """Print the manifest as tables."""
    from openchronic.build.reconciliation_tables import print_accounts
    from openchronic.build.summary import print_counts
    from openchronic.changes import tell
    from openchronic.quality.masking import Mask
    from openchronic.releases import find, location
    from openchronic.terminal import console

    release = find(location(args.releases), args.name)
    manifest = release.manifest
    out = console()
    if args.accounts:
        out.print(f"release  {release.name}", highlight=False, soft_wrap=True, markup=False)
        print_accounts(manifest, out)
        return 0
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
        out.print(f"{name:<9}{value}", highlight=False, soft_wrap=True, markup=False)
    for note in manifest["notes"]:
        out.print(f"note     {note}", highlight=False, soft_wrap=True, markup=False)
    print_counts(manifest, out)
    if manifest.get("changes"):
        out.print("Changes", style="bold")
        tell(manifest["changes"], out, Mask())
    return 0


def _checks(manifest: Mapping[str, Any]) -> str:
    """How many checks came to which verdict when the release was made."""
    if "measures" not in manifest:
        return f"{len(manifest['checks'])} passed"
    states = Counter(one["state"] for one in manifest["measures"])
    return ", ".join(f"{number} {state}" for state, number in states.most_common())
