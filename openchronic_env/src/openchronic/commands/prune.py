"""``openchronic prune``: removes the oldest releases of a base to free disk space."""

from __future__ import annotations

import argparse

PLACE_IN_HELP = 140
HELP = "remove the oldest releases of a base, never one in service or in use"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.description = (
        f"{parser.description} In use is what a session or a verb of openchronic has open; whoever reads the "
        "files by their path alone is not seen. Interrupted, it leaves whole releases."
    )
    parser.add_argument("releases", metavar="RELEASES", help="folder of the releases")
    parser.add_argument("--base", metavar="BASE", help="prune this base (default: the only one)")
    parser.add_argument(
        "--keep",
        type=int,
        required=True,
        metavar="N",
        help="leave the N newest releases, 1 or more",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="tell what would be removed, remove nothing"
    )


def run(args: argparse.Namespace) -> int:
    """Removes releases, and prints the outcome for each."""
    from rich.console import Console
    from rich.table import Table

    from openchronic.build.pruning import prune
    from openchronic.errors import SettingsError
    from openchronic.releases import base_of, location, named
    from openchronic.runtime.lock import lock

    if args.keep < 1:
        raise SettingsError(f"--keep {args.keep}: 1 or more")
    folder = location(args.releases)
    base = base_of(folder, args.base)
    with lock(folder / base / ".lock"):
        fates = prune(folder / base, keep=args.keep, dry_run=args.dry_run)
    gone = "would be removed" if args.dry_run else "removed"
    table = Table(box=None, header_style="bold")
    for column in ("release", "made"):
        table.add_column(column, no_wrap=True)
    table.add_column("MB", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in fates:
        table.add_row(
            named(base, one.id),
            one.created[:16].replace("T", " "),
            f"{one.size / 1e6:,.1f}",
            f"stays, {one.why}" if one.why else gone,
        )
    console = Console()
    console.print(table)
    freed = [one.size for one in fates if not one.why]
    console.print(
        f"{len(freed)} {gone}, {sum(freed) / 1e6:,.1f} MB {'to free' if args.dry_run else 'freed'}",
        highlight=False,
    )
    return 0
