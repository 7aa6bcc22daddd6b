"""``openchronic run``: runs a notebook or a script that goes on after the browser is closed."""

from __future__ import annotations

import argparse
import datetime
from pathlib import Path

from openchronic.errors import SettingsError

PLACE_IN_HELP = 135
HELP = "run a notebook or a script that goes on after the browser is closed"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.description = (
        "Run a notebook or a script that goes on after the browser is closed. It runs in this session, within its memory, and "
        "keeps the session from being stopped as idle. A notebook (.ipynb) gives a copy with its outputs, NAME.executed.ipynb, "
        "and its own file is not touched; a script is in Python (.py) or R (.R)."
    )
    parser.add_argument("file", nargs="?", metavar="FILE", help="a notebook or a script")
    parser.add_argument(
        "--hours",
        type=float,
        metavar="H",
        help="stop it after H hours (default: 12, or what is left)",
    )
    parser.add_argument("--list", action="store_true", help="list the runs, newest first")


def run(args: argparse.Namespace) -> int:
    """Starts a run, or lists them."""
    if args.list == bool(args.file) or (args.list and args.hours is not None):
        raise SettingsError("either a FILE, or --list")
    return _list() if args.list else _start(Path(args.file), args.hours)


def _start(file: Path, hours: float | None) -> int:
    from openchronic.runs import launch

    begun = launch(file, hours=hours)
    print(
        f"{begun.id} runs until {_hour(begun.ends)} at the latest; you may close the browser\nlog: {begun.log}"
    )
    return 0


def _list() -> int:
    from openchronic.runs import listed
    from openchronic.terminal import console, titled

    runs = listed()
    if not runs:
        print("no runs yet")
        return 0
    table = titled("Runs", "run", "file", "began", "state", "log", figures=())
    for one in runs:
        state = one.found_state()
        outcome = f"{state} ({one.status})" if state == "failed" else state
        until = f", until {_hour(one.ends)}" if state == "running" else ""
        ended = f", {_hour(one.ended)}" if one.ended else ""
        table.add_row(
            one.id, Path(one.file).name, _hour(one.started), outcome + until + ended, str(one.log)
        )
    console().print(table, markup=False)
    return 0


def _hour(moment: str) -> str:
    return f"{datetime.datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
