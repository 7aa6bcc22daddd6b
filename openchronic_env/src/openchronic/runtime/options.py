"""Options that several verbs have: where the releases are, and what the engine may use."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

# An engine takes no more of a large machine unless it is told to.
MOST_BYTES = 4 * 10**9
# How a release may be named in a call; every answer names it BASE@ID.
RELEASE = "BASE, BASE@ID or the folder of a release"
ONLY = "the only base, its release in service"
PLACE = "$OPENCHRONIC_RELEASES, else ~/openchronic"


@dataclass(frozen=True)
class Means:
    """``memory`` in bytes; ``spill``: where what does not fit goes (None: a temporary folder)."""

    memory: int
    threads: int
    spill: Path | None


def add_release(parser: argparse.ArgumentParser) -> None:
    """Declare which release is meant, as the argument of a verb that reads one."""
    parser.add_argument(
        "release", nargs="?", metavar="RELEASE", help=f"{RELEASE} (default: {ONLY})"
    )


def add_release_option(parser: argparse.ArgumentParser, does: str, default: str) -> None:
    """Declare which release is meant, where the argument of the verb is something else."""
    parser.add_argument(
        "--release",
        metavar="RELEASE",
        help=f"{does} this release: {RELEASE} (default: {default})",
    )


def add_releases(parser: argparse.ArgumentParser) -> None:
    """Declare where the releases are."""
    parser.add_argument(
        "--releases",
        metavar="DIR",
        help=f"look for releases in this folder (default: {PLACE})",
    )


def add_means(parser: argparse.ArgumentParser, *, spill: str = "the temporary folder") -> None:
    """Declare what the engine may use. ``spill``: where it spills by default, in words."""
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
    """What the options of ``add_means`` say. Raises SettingsError."""
    # Late, so that `--help` answers at once.
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
    """Declare below which number counts are hidden; ``what`` says where, in an order."""
    parser.add_argument(
        "--hide-below",
        type=int,
        default=11,
        metavar="N",
        help=f"{what} counts from 1 to N - 1 (default: %(default)s)",
    )


def hiding_of(args: argparse.Namespace) -> int:
    """What the option of ``add_hiding`` says. Raises SettingsError."""
    from openchronic.errors import SettingsError

    if args.hide_below < 1:
        raise SettingsError(f"--hide-below {args.hide_below}: 1 (hides nothing) or more")
    return int(args.hide_below)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare an answer for machines."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Declare an answer without what goes before it."""
    parser.add_argument(
        "--quiet", action="store_true", help="print no progress, only what came of it"
    )


def add_page(parser: argparse.ArgumentParser, does: str) -> None:
    """Declare a page of HTML."""
    parser.add_argument("--html", type=Path, metavar="FILE", help=f"{does} to this file")


def page_of(args: argparse.Namespace) -> Path | None:
    """The file of the page, in a folder that is there. Raises SettingsError."""
    from openchronic.errors import SettingsError

    file: Path | None = args.html
    if file and not file.absolute().parent.is_dir():
        raise SettingsError(f"--html {file}: there is no folder {file.absolute().parent}")
    return file
