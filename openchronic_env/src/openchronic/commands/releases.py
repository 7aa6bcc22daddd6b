"""``openchronic releases``: lists the releases of every base, and marks those in service."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from openchronic.runtime.options import PLACE

PLACE_IN_HELP = 50
HELP = "list the releases of every base"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "releases", nargs="?", metavar="RELEASES", help=f"folder of the releases (default: {PLACE})"
    )


def run(args: argparse.Namespace) -> int:
    """Prints one line per release; `*` marks the one in service."""
    from rich.console import Console
    from rich.table import Table

    from openchronic.releases import current, location, releases_of, some_bases

    folder = location(args.releases)
    console = Console()
    for line in _session(folder):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    table = Table(box=None, header_style="bold")
    for column in ("", "release", "made", "care of"):
        table.add_column(column, no_wrap=True)
    for column in ("patients", "events"):
        table.add_column(column, justify="right", no_wrap=True)
    provisional = []
    for base in some_bases(folder):
        in_service = current(folder, base).id
        for one in releases_of(folder, base):
            years = one.manifest["years"]
            table.add_row(
                "*" if one.id == in_service else "",
                one.name,
                str(one.manifest["created"])[:16].replace("T", " "),
                f"{years[0]}-{years[-1]}" if years else "?",
                f"{one.rows('patient'):,}",
                f"{one.rows('event'):,}",
            )
            if one.provisional:
                provisional.append(f"{one.name} is provisional: {', '.join(one.provisional)}")
    console.print(table)
    for line in provisional:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    return 0


def _session(folder: Path) -> Iterator[str]:
    """Yields what a session of the server says first: its project, and the project's bases without a release."""
    from openchronic.releases import bases, project_of

    project = project_of(folder)
    if project is None:
        return
    yield f"project {project.name}: {project.title}"
    if missing := sorted(set(project.bases) - set(bases(folder))):
        yield f"no release in service yet: {', '.join(missing)}"
