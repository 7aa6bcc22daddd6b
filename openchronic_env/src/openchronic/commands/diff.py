"""``openchronic diff``: shows what changed from one release of a base to another."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openchronic.runtime.options import (
    RELEASE,
    add_hiding,
    add_means,
    add_releases,
    hiding_of,
    means_of,
)

if TYPE_CHECKING:
    from openchronic.releases import Release

PLACE_IN_HELP = 70
HELP = "show what changed from one release of a base to another"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.description = (
        f"{parser.description} That is tables, columns, rows, events by type, subjects, filters, settings, "
        "delivered files and versions. Counts below 11 are hidden, and what would give them away."
    )
    parser.add_argument("before", metavar="A", help=RELEASE)
    parser.add_argument("after", metavar="B", help="likewise, of the same base")
    add_releases(parser)
    add_hiding(parser, "hide")
    add_means(parser)


def run(args: argparse.Namespace) -> int:
    """Compares two releases and prints the changes."""
    import tempfile

    from openchronic.changes import compare, tell
    from openchronic.errors import SettingsError
    from openchronic.quality.masking import Mask
    from openchronic.quality.material import Material
    from openchronic.releases import chosen
    from openchronic.runtime.database import engine
    from openchronic.terminal import console

    mask = Mask(hiding_of(args))
    means = means_of(args)
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
            memory=means.memory,
            threads=means.threads,
            spill=means.spill or here / "spill",
        ) as connection:
            changes = compare(connection, material(before), material(after))
    out = console()
    out.print(f"release {after.name}", highlight=False, soft_wrap=True, markup=False)
    tell(changes, out, mask, base=after.base)
    return 0
