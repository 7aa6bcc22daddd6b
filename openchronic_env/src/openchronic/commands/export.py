"""``openchronic export``: exports a release to another format, where the operator allows it."""

from __future__ import annotations

import argparse
from pathlib import Path

from openchronic.runtime.options import ONLY, add_quiet, add_release_option, add_releases

PLACE_IN_HELP = 130
HELP = "write a release as a MEDS dataset, into the restricted zone or where the operator allows it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.description = (
        f"{parser.description} Allowed are new folders in the base's own folder of exports in the restricted zone, "
        "and in those that RELEASES/BASE/exports.toml names. Each export is noted in the access "
        "journal of the zone."
    )
    parser.add_argument(
        "--meds",
        type=Path,
        required=True,
        metavar="DIR",
        help="write the dataset to this new folder",
    )
    add_release_option(parser, "write", ONLY)
    add_releases(parser)
    parser.add_argument(
        "--sample",
        type=float,
        metavar="SHARE",
        help="write a share of the subjects, such as 0.01 (default: all subjects)",
    )
    add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Exports, and prints the result."""
    from rich.console import Console

    from openchronic.meds import export
    from openchronic.releases import chosen
    from openchronic.runtime.progress import Steps

    release = chosen(args.release, base=None, releases=args.releases)
    if args.sample is not None:
        release = release.sampled(args.sample)
    done = export(release, args.meds, Steps(Console(stderr=True), quiet=args.quiet))
    Console().print(
        f"{release.name}: {done.events:,} events of {done.subjects:,} subjects in {done.folder}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    return 0
