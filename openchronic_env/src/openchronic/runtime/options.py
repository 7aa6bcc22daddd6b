"""Options that several verbs have: where the releases are, and what the engine may use."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

# An engine takes no more of a large machine unless it is told to.
MOST_BYTES = 4 * 10**9


@dataclass(frozen=True)
class Means:
    """``memory`` in bytes; ``spill``: where what does not fit goes (None: a temporary folder)."""

    memory: int
    threads: int
    spill: Path | None


def add_releases(parser: argparse.ArgumentParser) -> None:
    """Declare where the releases are."""
    parser.add_argument(
        "--releases",
        metavar="DIR",
        help="folder of the releases (default: $OPENCHRONIC_RELEASES, else ~/openchronic)",
    )


def add_means(parser: argparse.ArgumentParser, *, spill: str = "the temporary folder") -> None:
    """Declare what the engine may use. ``spill``: where it spills by default, in words."""
    parser.add_argument(
        "--memory",
        help="memory limit of the engine "
        "(default: half of what this machine or session has, at most 4GB)",
    )
    parser.add_argument("--threads", type=int, help="default: the processors at hand")
    parser.add_argument(
        "--spill",
        type=Path,
        metavar="DIR",
        help=f"disk for what does not fit in memory (default: {spill})",
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
    """Declare below which number ``what`` hides counts."""
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
