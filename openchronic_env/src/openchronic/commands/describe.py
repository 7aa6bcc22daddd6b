"""``openchronic describe``: describes in French the tables of a release, and the known tables of the SNDS."""

from __future__ import annotations

import argparse

from openchronic.runtime.options import add_page, page_of

PLACE_IN_HELP = 20
HELP = "describe a table of a release or of the SNDS (in French): columns, types, key, meaning"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "table",
        nargs="?",
        metavar="TABLE",
        help="table of a release, table, file or nomenclature of the SNDS (default: all tables)",
    )
    add_page(parser, "write the whole dictionary as a page")


def run(args: argparse.Namespace) -> int:
    """Prints the description, or writes the page."""
    from openchronic.dictionary import describe, page
    from openchronic.errors import SettingsError

    html = page_of(args)
    if html and args.table:
        raise SettingsError("--html writes the whole dictionary: leave the table out")
    if html:
        html.write_text(page(), encoding="utf-8")
    else:
        print(describe(args.table))
    return 0
