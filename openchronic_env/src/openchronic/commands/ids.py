"""``openchronic ids``: maps identifiers kept from an older release to the current ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from openchronic.runtime.options import ONLY, add_release_option, add_releases

PLACE_IN_HELP = 120
HELP = "write which identifiers of today those of an older release are"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.description = (
        f"{parser.description} event_id, stay_id and episode_id had 32 hexadecimal digits in releases of manifest "
        "format 1, and have 16 characters since. The file has a row for each: column (event_id or stay_id, of which "
        "episode_id is one), old_id, new_id. What was kept of an older release is joined to a newer one by it."
    )
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="write this new file, which ends in .parquet or .csv",
    )
    add_release_option(parser, "read", ONLY)
    add_releases(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the file, and prints its number of rows."""
    from openchronic.releases import chosen
    from openchronic.releases.id_map import write_id_map

    release = chosen(args.release, base=None, releases=args.releases)
    rows = write_id_map(release, args.file.absolute())
    print(f"{release.name}: {rows:,} identifiers in {args.file}")
    return 0
