"""``openchronic pathways``: the care pathways of a cohort, from any two tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from openchronic.runtime.options import add_means, add_quiet

PLACE_IN_HELP = 125
HELP = "print the sequences of treatments of a cohort, and how many of its periods have each"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.description = (
        f"{parser.description} Prints CSV: pathway, path, n_periods, n_subjects, share_of_periods (of all periods of the "
        "cohort, those without treatment included). In a path, - is between steps and + between treatments held "
        "together, in alphabetical order; an empty path is no treatment. Days are inclusive."
    )
    parser.add_argument(
        "exposures",
        type=Path,
        metavar="EXPOSURES",
        help="CSV or Parquet: subject_id, treatment, start_date, end_date; class, where treatments have one",
    )
    parser.add_argument(
        "cohort",
        type=Path,
        metavar="COHORT",
        help="CSV or Parquet: subject_id, start_date, end_date; each row is a period",
    )
    parser.add_argument(
        "--hospital",
        type=Path,
        metavar="FILE",
        help="read nights in hospital from this CSV or Parquet: subject_id, start_date, end_date; adherence leaves them out of the "
        "days that count, and takes what was bought to last as much longer (default: none)",
    )
    parser.add_argument(
        "--parameters",
        type=Path,
        metavar="FILE",
        help="read sets of parameters from this CSV: a column pathway names them, the others are those that differ; all sets are "
        "computed (default: one set, as --list-parameters shows)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="write pathway_step.csv, pathway.csv, adherence.csv, persistence.csv and treatment_line.csv, by subject and period, in this "
        "folder (default: none)",
    )
    parser.add_argument(
        "--list-parameters",
        action=_List,
        help="print each parameter with its value where no file says another, and exit",
    )
    add_means(parser)
    add_quiet(parser)


class _List(argparse.Action):
    """Prints the parameters, also where the tables are not named."""

    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:  # noqa: A002 - argparse's name
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from openchronic.pathway.parameters import known

        for one in known().values():
            values = one.choices.replace(" ", "|") or (
                f"{one.least}..{one.most}" if one.least else "true|false"
            )
            print(f"{one.name:<18} {one.default:<8} {values}: {one.meaning}")
        parser.exit()


def run(args: argparse.Namespace) -> int:
    """Computes, writes the files where asked, and prints the shares."""
    import sys
    import tempfile

    from rich.console import Console

    from openchronic.pathway import parameters_of, pathways_of, read_parameters
    from openchronic.pathway.writing import print_shares, write_files
    from openchronic.runtime.database import engine
    from openchronic.runtime.options import means_of
    from openchronic.runtime.progress import Steps

    means = means_of(args)
    parameters = read_parameters(args.parameters) if args.parameters else parameters_of()
    with tempfile.TemporaryDirectory(prefix="openchronic-pathways-") as folder:
        place = Path(folder)
        spill = means.spill or place
        with engine(place, memory=means.memory, threads=means.threads, spill=spill) as connection:
            made = pathways_of(
                connection,
                args.exposures,
                args.cohort,
                args.hospital,
                parameters=parameters,
                place=place,
                memory=means.memory,
                steps=Steps(Console(stderr=True), quiet=args.quiet),
            )
            if args.output:
                write_files(made, args.output)
            print_shares(made, sys.stdout)
    return 0
