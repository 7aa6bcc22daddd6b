"""``openchronic synth``: writes a synthetic SNDS extraction, and shows what was planted in it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from openchronic.errors import SettingsError
from openchronic.synth.law import Law, read_law
from openchronic.synth.settings import (
    DEFAULT_FIRST_YEAR,
    DEFAULT_YEARS,
    FORMATS,
    LAYOUTS,
    Settings,
)
from openchronic.synth.truths import truths

PLACE_IN_HELP = 10
HELP = "write a synthetic SNDS extraction, with the traps of the real one, and count them"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder to write (new or empty)")
    parser.add_argument(
        "--patients", type=int, required=True, metavar="N", help="make up N persons"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="start chance from N: same seed, same files (default: %(default)s)",
    )
    parser.add_argument(
        "--years",
        type=int,
        default=DEFAULT_YEARS,
        metavar="N",
        help="make up N years of care, with claims until a year later (default: %(default)s)",
    )
    parser.add_argument(
        "--first-year",
        type=int,
        default=DEFAULT_FIRST_YEAR,
        metavar="YEAR",
        help="begin the care in this year (default: %(default)s)",
    )
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        default="portal",
        help="name files and folders as the portal does, as an extraction of a project (NUM_ENQ) or as the "
        "simplified product (NS_…) (default: %(default)s)",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="csv",
        help="write files of this format (default: %(default)s)",
    )
    parser.add_argument(
        "--tidy",
        action="store_true",
        help="write no file with what programs and people do to files: NA, lone quotes, a header in the middle…",
    )
    parser.add_argument(
        "--hard",
        action="store_true",
        help="also write files that a build refuses: codes as powers of ten, return codes as true and false, a byte "
        "that is no text",
    )
    parser.add_argument(
        "--treatment-law",
        nargs="?",
        const="",
        metavar="FILE",
        help="let a known share of adults take drugs that nobody else takes, by a law of chance in this file, or by that of the "
        "package; synth.json then tells what analyses must find (default: none)",
    )
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="use N processors, for the same files (default: those at hand)",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace an earlier synthetic extraction"
    )


def run(args: argparse.Namespace) -> int:
    """Generates the extraction, then prints the table of what was planted."""
    if args.threads is not None and args.threads < 1:
        raise SettingsError(f"--threads {args.threads}: 1 or more")
    settings = Settings(
        patients=args.patients,
        seed=args.seed,
        years=args.years,
        first_year=args.first_year,
        layout=args.layout,
        format=args.format,
        tidy=args.tidy,
        hard=args.hard,
        law=None
        if args.treatment_law is None
        else read_law(Path(args.treatment_law) if args.treatment_law else None),
    )
    # A late import, so that `openchronic --help` does not wait for DuckDB.
    from openchronic.runtime.limits import thread_limit
    from openchronic.synth.generating import generate

    threads = args.threads or thread_limit()
    with _progress(settings.patients) as done:
        counts = generate(args.folder, settings, force=args.force, threads=threads, done=done)
    out = Console()
    out.print(_table(counts, settings))
    if settings.law:
        out.print(_truths(settings.law))
    out.print(f"{args.folder}: made-up patients, they describe nobody", soft_wrap=True)
    return 0


def _table(counts: Counter[str], settings: Settings) -> Table:
    from openchronic.synth.odd_files import load_oddities
    from openchronic.synth.traps import load_traps

    first, last = settings.care_years[0], settings.care_years[-1]
    table = Table(title=f"Planted, {first}-{last}, seed {settings.seed}", title_justify="left")
    table.add_column("what")
    table.add_column("number", justify="right")
    table.add_column("share", justify="right")
    labels = {trap.name: trap.label for trap in load_traps()}
    for trap in load_traps():
        total = counts[trap.among] if trap.among else 0
        share = f"{100 * counts[trap.name] / total:.2f} % of {labels[trap.among]}" if total else ""
        table.add_row(trap.label, f"{counts[trap.name]:,}", share)
    for oddity in load_oddities():
        if oddity.name in counts and (settings.hard or not oddity.hard):
            table.add_row(oddity.label, f"{counts[oddity.name]:,}", "")
    per_year = counts["lines"] / (counts["patients"] * settings.years)
    table.add_row("claim lines per patient-year", f"{per_year:.1f}", "")
    return table


def _truths(law: Law) -> Table:
    table = Table(title="True by the law of treatments", title_justify="left")
    table.add_column("what")
    table.add_column("value", justify="right")
    for name, value in truths(law).items():
        table.add_row(name, f"{value:.4f}")
    return table


@contextmanager
def _progress(patients: int) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield _plain_lines(patients)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("patients", total=patients)
        yield lambda written: bar.update(task, completed=written)


def _plain_lines(patients: int) -> Callable[[int], None]:
    shown = 0

    def done(written: int) -> None:
        nonlocal shown
        # One line per tenth, whatever the number of patients.
        if written * 10 // patients > shown:
            shown = written * 10 // patients
            print(f"synth: {written:,} of {patients:,} patients", file=sys.stderr, flush=True)

    return done
