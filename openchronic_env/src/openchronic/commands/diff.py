"""``openchronic diff``: what changed from one release of a base to another."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openchronic.releases import Release

HELP = "show what changed from one release of a base to another"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        f"{HELP}: tables, columns, rows, events by type, subjects, filters, settings, delivered "
        "files, versions. Counts below 11 are hidden, and what would give them away."
    )
    parser.add_argument("before", metavar="A", help="BASE@ID, BASE, or the folder of a release")
    parser.add_argument("after", metavar="B", help="likewise; of the same base")
    parser.add_argument(
        "--releases",
        metavar="DIR",
        help="folder of the releases (default: $OPENCHRONIC_RELEASES, else ~/openchronic)",
    )
    parser.add_argument(
        "--hide-below",
        type=int,
        default=11,
        metavar="N",
        help="hide counts from 1 to N - 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--memory",
        help="memory limit of the engine "
        "(default: half of what this machine or session has, at most 4GB)",
    )
    parser.add_argument("--threads", type=int, help="default: the processors at hand")
    parser.add_argument(
        "--spill",
        type=Path,
        metavar="DIR",
        help="disk for what does not fit in memory (default: the temporary folder)",
    )


def run(args: argparse.Namespace) -> int:
    """Compare, print."""
    import tempfile

    from rich.console import Console

    from openchronic.building.engine import bytes_of, engine
    from openchronic.changes import compare, tell
    from openchronic.checks.masking import Mask
    from openchronic.checks.material import Material
    from openchronic.errors import SettingsError
    from openchronic.releases import chosen
    from openchronic.session.limits import memory_limit, thread_limit

    if args.threads is not None and args.threads < 1:
        raise SettingsError(f"--threads {args.threads}: 1 or more")
    if args.hide_below < 1:
        raise SettingsError(f"--hide-below {args.hide_below}: 1 (hides nothing) or more")
    memory = bytes_of(args.memory) if args.memory else min(memory_limit() // 2, 4 * 10**9)
    before, after = (
        chosen(name, base=None, releases=args.releases) for name in (args.before, args.after)
    )
    if before.base != after.base:
        raise SettingsError(
            f"{before.name} and {after.name} are of two bases: name two releases of one"
        )

    def material(release: Release) -> Material:
        return Material({name: release.files(name) for name in release.tables}, release.manifest)

    with tempfile.TemporaryDirectory(prefix="openchronic-diff-") as folder:
        here = Path(folder)
        with engine(
            here,
            memory=memory,
            threads=args.threads or thread_limit(),
            spill=args.spill.absolute() if args.spill else here / "spill",
        ) as connection:
            changes = compare(connection, material(before), material(after))
    console = Console()
    console.print(f"release {after.name}", highlight=False, soft_wrap=True, markup=False)
    tell(changes, console, Mask(args.hide_below))
    return 0
