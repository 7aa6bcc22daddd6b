"""Runs the command line: finds the verbs, runs one, and turns an error into one clear message."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import re
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Protocol, cast

from openchronic import __version__, commands
from openchronic.errors import (
    LockError,
    OpenChronicError,
    SchemaError,
    SettingsError,
    is_disk_full,
)

FAILED, WRONG_CALL, INTERRUPTED, TERMINATED = 1, 2, 130, 143
# EX_TEMPFAIL of sysexits.h: try again later.
BUSY = 75
STATUS: dict[type[OpenChronicError], int] = {
    SettingsError: WRONG_CALL,
    SchemaError: WRONG_CALL,
    LockError: BUSY,
}


class Verb(Protocol):
    """The interface of a module of ``openchronic.commands``.

    ``HELP``: what the verb does, in the imperative, without a capital and a full stop; ``configure`` may add
    sentences to the description made from it. ``PLACE_IN_HELP``: verbs are listed in the order of these numbers.
    """

    PLACE_IN_HELP: int
    HELP: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


class Terminated(BaseException):
    """SIGTERM arrived: the process ends as after an interrupt, so that files are closed and locks released."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb.

    Exit status: 0 done, 1 refused or failed, 2 wrong call, 75 busy, 130 interrupted, 143 stopped.
    """
    arguments = parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return cast(int, arguments.run(arguments))
    except BaseException as problem:  # noqa: BLE001 - the last place: no traceback for anybody
        status, message = explain(problem)
        if message and os.environ.get("OPENCHRONIC_DEBUG") == "1":
            traceback.print_exc()
        if message:
            print(f"openchronic: {message}", file=sys.stderr)
        return status


def parser() -> argparse.ArgumentParser:
    """Builds the parser from the modules of ``openchronic.commands``."""
    top = argparse.ArgumentParser(
        prog="openchronic",
        description="Build and read releases of Open Chronic, "
        "the care-pathway database of patients with a long-term condition.",
        epilog="Exit status: 0 done, 1 refused or failed, 2 wrong call, 75 busy (try again later), "
        "130 interrupted, 143 stopped.",
    )
    top.add_argument("--version", action="version", version=f"openchronic {__version__}")
    listed = top.add_subparsers(title="verbs", metavar="VERB", required=True)
    for name, verb in verbs().items():
        one = listed.add_parser(
            name, help=verb.HELP, description=f"{verb.HELP[0].upper()}{verb.HELP[1:]}."
        )
        verb.configure(one)
        one.set_defaults(run=verb.run)
    return top


def explain(problem: BaseException) -> tuple[int, str]:
    """Returns the exit status and the message for what stopped a verb. Data never reaches the message."""
    if isinstance(problem, SystemExit):
        return (problem.code if isinstance(problem.code, int) else FAILED), ""
    if isinstance(problem, OpenChronicError):
        # The class of the error alone decides the exit status of a command.
        return next(
            (status for kind, status in STATUS.items() if isinstance(problem, kind)), FAILED
        ), problem.english
    if isinstance(problem, KeyboardInterrupt) or _is(problem, "InterruptException"):
        return INTERRUPTED, "interrupted; the release in service has not changed"
    if isinstance(problem, Terminated):
        return TERMINATED, "stopped (SIGTERM); the release in service has not changed"
    if isinstance(problem, BrokenPipeError):
        # The reader of our output has gone (`| head`): Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED, ""
    return FAILED, _words(problem)


def _words(problem: BaseException) -> str:
    text = redact(str(problem))
    if isinstance(problem, MemoryError) or _is(problem, "OutOfMemoryException"):
        if "directory" in text or "disk" in text.lower():
            return (
                "not enough disk for intermediate results: free some space, "
                f"or name another disk with --spill and --work ({text})"
            )
        return f"out of memory: raise --memory, or lower --threads ({text})"
    if is_disk_full(problem):
        return (
            "the disk is full; the release in service has not changed. Free some space, "
            "or name other disks with --work and --spill"
        )
    if isinstance(problem, PermissionError):
        return f"permission denied: {problem.filename or text}"
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{problem.strerror}: {problem.filename}"
    return (
        f"internal error, {type(problem).__name__}: {text} "
        "(OPENCHRONIC_DEBUG=1 shows where; it may show data)"
    )


def redact(text: str) -> str:
    """Returns the first line of an engine's message without the values that it quotes: they may be data."""
    first = text.strip().split("\n", 1)[0]
    return re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", first)[:300]


def _is(problem: BaseException, name: str) -> bool:
    # By name, so that `openchronic --help` does not wait for DuckDB to load.
    return type(problem).__name__ == name


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise Terminated


def verbs() -> dict[str, Verb]:
    """Returns the modules of ``openchronic.commands`` by name, in the order of the help."""
    found = {
        module.name: cast(Verb, importlib.import_module(f"{commands.__name__}.{module.name}"))
        for module in pkgutil.iter_modules(commands.__path__)
    }
    return dict(sorted(found.items(), key=lambda item: item[1].PLACE_IN_HELP))
