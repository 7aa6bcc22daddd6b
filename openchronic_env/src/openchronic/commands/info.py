"""``openchronic info``: shows the content of a release, its inputs, and what was left out."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

from openchronic.runtime.options import add_release, add_releases

PLACE_IN_HELP = 60
HELP = "show what a release holds and what it was made of"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    add_release(parser)
    add_releases(parser)
    parser.add_argument(
        "--reconciliation",
        action="store_true",
        help="show only what became of every delivered line and euro: kept, rejected, delivered twice, "
        "filtered (by which filter), regularised, orphans",
    )
    parser.add_argument("--accounts", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Prints the manifest as tables."""
    from openchronic.build.reconciliation_tables import print_reconciliation
    from openchronic.build.summary import print_counts
    from openchronic.changes import tell
    from openchronic.quality.masking import Mask
    from openchronic.releases import chosen
    from openchronic.terminal import console

    release = chosen(args.release, base=None, releases=args.releases)
    manifest = release.manifest
    out = console()
    if args.accounts:
        print(
            "openchronic: --accounts is now called --reconciliation, and means it still",
            file=sys.stderr,
        )
    if args.reconciliation or args.accounts:
        out.print(f"release  {release.name}", highlight=False, soft_wrap=True, markup=False)
        print_reconciliation(manifest, out)
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
        tell(manifest["changes"], out, Mask(), base=release.base)
    return 0


def _checks(manifest: Mapping[str, Any]) -> str:
    """Returns how many checks had each verdict when the release was made."""
    # Releases of early versions were judged by the assertions of their build alone.
    if "quality" not in manifest:
        return f"{len(manifest['assertions'])} passed"
    states = Counter(one["state"] for one in manifest["quality"])
    return ", ".join(f"{number} {state}" for state, number in states.most_common())
