"""``openchronic rejects``: shows the first rejected lines of each kind with their values, in the restricted zone."""

from __future__ import annotations

import argparse

from openchronic.runtime.options import add_release, add_releases

PLACE_IN_HELP = 100
HELP = (
    "show the lines that could not be read, with their values, to who may read the restricted zone"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.description = (
        f"{parser.description} Values are delivered data: no release, manifest or log holds them, and this "
        "output should not leave the zone."
    )
    add_release(parser)
    add_releases(parser)
    parser.add_argument(
        "--table", metavar="TABLE", help="show those of one table (default: of all)"
    )


def run(args: argparse.Namespace) -> int:
    """Prints one row per line, by table and file."""
    from rich.console import Console
    from rich.table import Table

    from openchronic.errors import OpenChronicError
    from openchronic.releases import chosen
    from openchronic.store.entry import read_entry
    from openchronic.store.places import STORE, beside_releases
    from openchronic.store.refused import refused

    release = chosen(args.release, base=None, releases=args.releases)
    store = release.path.parent / beside_releases(STORE)
    table = Table(box=None, header_style="bold")
    for column in ("table", "file", "line", "column", "reason", "value"):
        table.add_column(column, overflow="fold")
    for one in release.manifest["inputs"]:
        if one["rows"] > one["kept"] and args.table in (None, one["table"]):
            try:
                entry = read_entry(store / str(one["typed"]), one["sha256"])
            except (PermissionError, ValueError):
                raise OpenChronicError(
                    f"the typed files of {release.name} are not kept, or not for this account: "
                    "the account that builds has those of the release in service"
                ) from None
            for line in refused(entry):
                value = "" if line.value is None else repr(line.value)
                table.add_row(
                    one["table"], one["file"], str(line.line), line.column, line.reason, value
                )
    Console().print(table if table.row_count else f"{release.name}: every line was read")
    return 0
