"""``openchronic cohort``: makes the cohort of a file on a release, and prints its flow chart."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openchronic.runtime.options import add_hiding, add_release_option, add_releases

if TYPE_CHECKING:
    from openchronic.cohort import Cohort

PLACE_IN_HELP = 123
HELP = "make the cohort that a file describes, and print its flow chart"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = (
        f"{parser.description} Prints CSV: name, step, fr, n_periods, n_subjects, removed (periods). Step 0 is the choice of "
        "index days; a number that is hidden is empty, with those that would tell it."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the cohort, in TOML")
    add_release_option(parser, "make the cohort on", "the only base, its release in service")
    add_releases(parser)
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="write cohort.csv (name, subject_id, period_no, index_date, end_date, end_reason) and cohort_step.csv, "
        "exact, in this folder (default: none)",
    )
    add_hiding(parser, "hide")


def run(args: argparse.Namespace) -> int:
    """Makes the cohort, writes it where asked, and prints the flow chart."""
    import csv
    import sys

    from openchronic.api.cohorts import run as made_of
    from openchronic.cohort import read_file
    from openchronic.cohort.flow import shown
    from openchronic.releases import chosen
    from openchronic.runtime.options import hiding_of

    least = hiding_of(args)
    said, where = read_file(args.file)
    release = chosen(args.release, base=None, releases=args.releases)
    cohort = made_of(said, where, release)
    if args.output:
        _write(cohort, args.output)
    # Notes are in French, for sessions: here those that matter are told in English.
    if cohort.allow_future:
        print("allow_future: subjects are chosen by what comes after their index", file=sys.stderr)
    for name, status in _unsure(cohort):
        print(f"definition {name}: {status}", file=sys.stderr)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("name", "step", "fr", "n_periods", "n_subjects", "removed"))
    for one in shown(cohort.flow.lines, least):
        numbers = (one.n_periods, one.n_subjects, one.removed)
        writer.writerow((cohort.name, one.line.step, one.line.fr, *numbers))
    return 0


def _unsure(cohort: Cohort) -> list[tuple[str, str]]:
    """Returns the definitions of the cohort that are not sourced, with their status."""
    if not cohort.definitions:
        return []
    return cohort.connection.execute(
        "SELECT definition, status FROM definition "
        "WHERE status <> 'sourced' AND definition IN (SELECT unnest(?)) ORDER BY ALL",
        [[*cohort.definitions]],
    ).fetchall()


def _write(cohort: Cohort, folder: Path) -> None:
    """Writes both files, each completely or not at all. Raises OpenChronicError."""
    import duckdb

    from openchronic.errors import OpenChronicError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in (("cohort.csv", cohort.rows), ("cohort_step.csv", cohort.steps)):
            fresh = folder / f".{name}.new"
            try:
                rows.write_csv(str(fresh), header=True)
                fresh.replace(folder / name)
            finally:
                fresh.unlink(missing_ok=True)
    except (OSError, duckdb.IOException) as error:
        raise OpenChronicError(f"--output {folder}: {str(error).splitlines()[0]}") from None
