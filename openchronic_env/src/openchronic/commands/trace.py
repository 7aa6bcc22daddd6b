"""``openchronic trace``: shows the delivered rows of an event, in the restricted zone."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from openchronic.runtime.options import ONLY, add_release_option, add_releases

PLACE_IN_HELP = 110
HELP = "show the delivered rows of an event, to who may read the restricted zone and the site key"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.description = (
        f"{parser.description} No map is kept: the event is made again of its person's rows. Each use is noted in "
        "the access journal of the zone (who, when, which event), and this output should not leave it."
    )
    parser.add_argument("event_id", metavar="EVENT_ID", help="event_id of a row of the table event")
    add_release_option(parser, "look in", ONLY)
    add_releases(parser)
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="read the site key that the base was built with there (default: $OPENCHRONIC_KEY, else the public key)",
    )
    parser.add_argument(
        "--show-pseudonyms",
        action="store_true",
        help="show the columns that name a person; the journal notes it",
    )


def run(args: argparse.Namespace) -> int:
    """Prints one table per row: columns and values, except empty ones."""
    from rich.console import Console
    from rich.table import Table

    from openchronic.api.tracing import KEY
    from openchronic.lineage import trace
    from openchronic.releases import chosen
    from openchronic.runtime.sitekey import read_key

    named = args.key or os.environ.get(KEY)
    key = read_key(Path(named) if named else None, required=False)
    release = chosen(args.release, base=None, releases=args.releases)
    found = trace(release, args.event_id, key=key, pseudonyms=args.show_pseudonyms)
    console = Console()
    event = found.event
    what = " ".join(
        str(event[name]) for name in ("event_type", "vocabulary", "code") if event[name]
    )
    number = len(found.rows)
    console.print(
        f"{event['event_id']} of {found.release}: {what}, {event['start_date']}, made of {number} "
        f"{'row' if number == 1 else 'rows'} of {event['source_table']}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    for row in found.rows:
        console.print(f"\n{row.table}, {row.file}", highlight=False, markup=False, soft_wrap=True)
        table = Table(box=None, show_header=False)
        table.add_column("column", no_wrap=True)
        table.add_column("value", overflow="fold")
        for name, value in row.values.items():
            if value is not None:
                table.add_row(name, str(value))
        console.print(table, markup=False)
    if found.concluded_from:
        console.print(
            f"the date was concluded from {found.concluded_from}: these are the person's records"
        )
    return 0
