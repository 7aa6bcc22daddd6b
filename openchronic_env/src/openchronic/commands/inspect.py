"""``openchronic inspect``: reports on a delivery before anything is built."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openchronic.runtime.options import add_json

PLACE_IN_HELP = 30
HELP = "show what a folder of SNDS files holds, and whether a release can be built from it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of the delivered files")
    parser.add_argument("--count", action="store_true", help="read whole files to count their rows")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the report; returns 0 when a release can be built."""
    from openchronic.ingest.inspecting import inspect

    report = inspect(args.source, count=args.count)
    if args.json:
        print(json.dumps(report, indent=2, ensure_ascii=True))
    else:
        _show(report)
    return 0 if report["buildable"] else 1


def _show(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()

    def say(text: str) -> None:
        # A file name may hold bytes that are in no encoding.
        safe = text.encode("utf-8", "backslashreplace").decode()
        console.print(safe, highlight=False, soft_wrap=True, markup=False)

    for name, value in report["layout"].items():
        say(f"{name.replace('_', ' '):<12}{_text(value)}")
    table = Table(box=None, header_style="bold")
    for column in ("table", "files", "years", "bytes", "rows", ""):
        table.add_column(column)
    for one in report["tables"]:
        cells = (one["table"], one["files"], _text(one["years"]), f"{one['bytes']:,}")
        state = f"{one['rows_are']}, left aside" if one["left_aside"] else one["rows_are"]
        rows = (f"{one['rows']:,}", state)
        table.add_row(*(escape(str(cell)) for cell in cells + rows))
    console.print(table)
    for name in ("separators", "encodings", "date_formats"):
        for value, tables in _alike(report["tables"], name).items():
            where = "all" if len(tables) == len(report["tables"]) else ", ".join(tables)
            say(f"{name.replace('_', ' ')}: {value} ({where})")
    for one in report["tables"]:
        for name in ("missing_columns", "unknown_columns"):
            if one[name]:
                say(f"{one['table']}: {name.replace('_', ' ')}: {' '.join(one[name])}")
        for column, without in one["without_columns"].items():
            if column in one["costly"]:
                say(f"{one['table']} without {column}: {without}")
        idle = [name for name in one["missing_columns"] if name not in one["costly"]]
        if idle:
            say(f"{one['table']} without {' '.join(idle)}: nothing is lost, no rule reads them")
    for name in ("notes", "provisional", "left_aside"):
        for sentence in report[name]:
            say(f"{name.rstrip('s').replace('_', ' ')}: {sentence}")
    for need in report["missing"]:
        say(f"no {need['table']}: {need['without']}")
    for name in report["not_read_yet"]:
        say(f"not read by this version: {name}")
    for name in report["unknown"]:
        say(f"unknown file: {name}")
    for problem in report["problems"]:
        say(f"problem: {problem}")
    say("a release can be built" if report["buildable"] else "no release can be built from this")


def _alike(tables: Iterable[dict[str, Any]], name: str) -> dict[str, list[str]]:
    """Returns the tables by their value of ``name``: a delivery has one dialect, or a few."""
    groups: dict[str, list[str]] = {}
    for one in tables:
        if one[name]:
            groups.setdefault(" and ".join(one[name]), []).append(one["table"])
    return groups


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) or "none"
