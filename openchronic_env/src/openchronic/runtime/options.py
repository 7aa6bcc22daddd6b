"""Options that several verbs share: where the releases are, and what the engine may use."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

# An engine takes no more of a large machine unless an option says so.
MOST_BYTES = 4 * 10**9
# How a release may be named in a call; every answer names it BASE@ID.
RELEASE = "BASE, BASE@ID or the folder of a release"
ONLY = "the only base, its release in service"
PLACE = "$OPENCHRONIC_RELEASES, else ~/openchronic"


@dataclass(frozen=True)
class Means:
    """``memory`` in bytes; ``spill``: the folder for what does not fit in memory (None: a temporary one)."""

    memory: int
    threads: int
    spill: Path | None


def add_release(parser: argparse.ArgumentParser) -> None:
    """Declares the release as the argument of a verb that reads one."""
    parser.add_argument(
        "release", nargs="?", metavar="RELEASE", help=f"{RELEASE} (default: {ONLY})"
    )


def add_release_option(parser: argparse.ArgumentParser, does: str, default: str) -> None:
    """Declares the release as an option, where the argument of the verb is something else."""
    parser.add_argument(
        "--release",
        metavar="RELEASE",
        help=f"{does} this release: {RELEASE} (default: {default})",
    )


def add_releases(parser: argparse.ArgumentParser) -> None:
    """Declares the folder of the releases."""
    parser.add_argument(
        "--releases",
        metavar="DIR",
        help=f"look for releases in this folder (default: {PLACE})",
    )


def add_definitions(parser: argparse.ArgumentParser) -> None:
    """Declares the folder of a site's own definitions of diseases."""
    parser.add_argument(
        "--definitions",
        type=Path,
        metavar="DIR",
        help="take the definitions of diseases in this folder (files <name>.toml) to those of the package "
        "(default: none)",
    )


def add_means(parser: argparse.ArgumentParser, *, spill: str = "the temporary folder") -> None:
    """Declares the memory, the threads and the spill folder of the engine. ``spill``: the default folder, in
    words."""
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        help="limit the memory of the engine "
        "(default: half of what this machine or session has, at most 4GB)",
    )
    parser.add_argument(
        "--threads", type=int, metavar="N", help="use N processors (default: those at hand)"
    )
    parser.add_argument(
        "--spill",
        type=Path,
        metavar="DIR",
        help=f"put what does not fit in memory on this disk (default: {spill})",
    )


def means_of(args: argparse.Namespace) -> Means:
    """Returns the values of the options of ``add_means``. Raises SettingsError."""
    # A late import, so that `--help` answers at once.
    from openchronic.errors import SettingsError
    from openchronic.runtime.database import bytes_of
    from openchronic.runtime.limits import memory_limit, thread_limit

    if args.threads is not None and args.threads < 1:
        raise SettingsError(f"--threads {args.threads}: 1 or more")
    return Means(
        memory=bytes_of(args.memory) if args.memory else min(memory_limit() // 2, MOST_BYTES),
        threads=args.threads or thread_limit(),
        spill=args.spill.absolute() if args.spill else None,
    )


def add_hiding(parser: argparse.ArgumentParser, what: str) -> None:
    """Declares the number below which counts are hidden; ``what`` describes the counts, in the help text."""
    parser.add_argument(
        "--hide-below",
        type=int,
        default=11,
        metavar="N",
        help=f"{what} counts from 1 to N - 1 (default: %(default)s)",
    )


def hiding_of(args: argparse.Namespace) -> int:
    """Returns the value of the option of ``add_hiding``. Raises SettingsError."""
    from openchronic.errors import SettingsError

    if args.hide_below < 1:
        raise SettingsError(f"--hide-below {args.hide_below}: 1 (hides nothing) or more")
    return int(args.hide_below)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declares the option for output as JSON."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Declares the option that leaves out introductory lines."""
    parser.add_argument(
        "--quiet", action="store_true", help="print no progress, only what came of it"
    )


def add_page(parser: argparse.ArgumentParser, does: str) -> None:
    """Declares the option for a page of HTML."""
    parser.add_argument("--html", type=Path, metavar="FILE", help=f"{does} to this file")


def page_of(args: argparse.Namespace) -> Path | None:
    """Returns the file of the page, whose folder exists. Raises SettingsError."""
    from openchronic.errors import SettingsError

    file: Path | None = args.html
    if file and not file.absolute().parent.is_dir():
        raise SettingsError(f"--html {file}: there is no folder {file.absolute().parent}")
    return file
