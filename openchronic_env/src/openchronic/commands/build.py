"""``openchronic build``: builds a release from a folder of SNDS files and puts it into service."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from openchronic.errors import SettingsError
from openchronic.runtime.options import add_definitions, add_means, add_quiet, means_of

PLACE_IN_HELP = 40
HELP = "build a release from a folder of SNDS files and put it into service"
BASE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    # argparse's own error, for a build that is called without its arguments.
    parser.set_defaults(refuse=parser.error)
    parser.add_argument(
        "source", type=Path, nargs="?", metavar="SOURCE", help="folder of the delivered files"
    )
    parser.add_argument(
        "releases",
        type=Path,
        nargs="?",
        metavar="RELEASES",
        help="folder that holds the releases of all bases",
    )
    parser.add_argument(
        "--explain",
        metavar="MODEL",
        help="print what a model (drug_line, mco_stay, claim_event, …) reads and its SQL "
        "as the engine runs it, with the filters that are on, and build nothing; a wrong name lists them all",
    )
    parser.add_argument(
        "--graph",
        action="store_true",
        help="print all models in their order, and what each reads and writes, and build nothing; "
        "of the delivery in SOURCE, or of all tables that a build reads",
    )
    parser.add_argument(
        "--base",
        default="snds",
        metavar="BASE",
        help="build this base (default: %(default)s)",
    )
    add_means(parser, spill="the work folder")
    parser.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="compute by this engine; spark is for beyond one machine, by SPARK_CONF_DIR or SPARK_REMOTE, and "
        "makes the same release "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--ingest",
        choices=("auto", "driver", "executors"),
        default="auto",
        help="read the delivery by DuckDB in this process, or in tasks of Spark's executors, which must see SOURCE, "
        "RELEASES and --work at the same places and have the same openchronic; auto is executors where --engine spark has "
        "some outside of this process (default: %(default)s)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="keep typed tables, which hold pseudonyms, on this disk "
        "(default: RELEASES/BASE, folders .work and .store of mode 0700)",
    )
    parser.add_argument(
        "--store-group",
        metavar="GROUP",
        help="let a system group, by name or number, read the typed tables "
        "(default: nobody but the account that builds)",
    )
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="read the site key there, which makes identifiers meaningless elsewhere "
        "(default: a public key, with a warning)",
    )
    parser.add_argument("--require-key", action="store_true", help="refuse the public key")
    parser.add_argument(
        "--max-rejects",
        type=float,
        default=0.01,
        metavar="SHARE",
        help="accept that this share of the lines of a table is unreadable, or five lines if that is "
        "more, and never all (default: %(default)s)",
    )
    parser.add_argument(
        "--accept-missing",
        action="append",
        default=[],
        metavar="TABLE",
        help="build without a table that the release in service was made with (may be repeated)",
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="CHECK",
        help="publish although this check stops it, and say so in the manifest (may be repeated)",
    )
    parser.add_argument(
        "--with-filter",
        action="append",
        default=[],
        metavar="RULE",
        help="switch on a rule in every step, or in one: STEP.RULE; `openchronic filters` "
        "lists them (may be repeated)",
    )
    parser.add_argument(
        "--without-filter",
        action="append",
        default=[],
        metavar="RULE",
        help="switch off a rule in every step, or in one: STEP.RULE (may be repeated)",
    )
    parser.add_argument(
        "--buckets",
        type=int,
        metavar="N",
        help="deal the subjects into N parts, 1 to 10000 (default: as many as the claims ask for)",
    )
    parser.add_argument(
        "--keep",
        type=int,
        metavar="N",
        help="remove after the publish the oldest releases of the base beyond the N newest, as `openchronic "
        "prune` does: never one in service or in use (default: none)",
    )
    add_definitions(parser)
    parser.add_argument(
        "--population",
        choices=("consumers", "observed"),
        default="consumers",
        help="count in a year who had care in it, or who was under observation (default: %(default)s)",
    )
    parser.add_argument(
        "--git-commit", metavar="COMMIT", help="note the commit of the code in the manifest"
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="build even if the same files gave the release in service",
    )
    parser.add_argument(
        "--reread",
        action="store_true",
        help="read every file again, those that earlier builds have read too",
    )
    parser.add_argument(
        "--keep-parts",
        action="store_true",
        help="keep the finished parts of the build beside the typed tables, and take over those of the build before, "
        "so that a new month costs less: they hold pseudonyms, and take about as much disk as these",
    )
    add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Builds, publishes, prints the summary."""
    # A late import, so that `--help` answers at once.
    from openchronic.build.context import MOST_BUCKETS
    from openchronic.build.explaining import drawn, explain
    from openchronic.build.pipeline import build
    from openchronic.build.settings import Settings
    from openchronic.build.summary import summarise
    from openchronic.diseases import library_with
    from openchronic.models.filters.switching import renamed, switched
    from openchronic.quality.catalogue import known_names
    from openchronic.runtime.progress import Steps
    from openchronic.runtime.sitekey import read_key
    from openchronic.store import readers_of
    from openchronic.terminal import console

    filters = switched(on=args.with_filter, off=args.without_filter)
    for note in renamed([*args.with_filter, *args.without_filter]):
        print(f"openchronic: {note}", file=sys.stderr)
    if args.explain:
        print(explain(args.explain, engine=args.engine, filters=filters))
        return 0
    if args.graph:
        print(drawn(args.source))
        return 0
    if args.source is None or args.releases is None:
        args.refuse("say the folder of the delivered files, then that of the releases")
    if not BASE.fullmatch(args.base):
        raise SettingsError(f"--base {args.base}: small letters, digits, - and _ only")
    if not 0 <= args.max_rejects <= 1:
        raise SettingsError(f"--max-rejects {args.max_rejects}: a share from 0 to 1")
    if args.buckets is not None and not 1 <= args.buckets <= MOST_BUCKETS:
        raise SettingsError(f"--buckets {args.buckets}: from 1 to {MOST_BUCKETS}")
    if args.keep is not None and args.keep < 1:
        raise SettingsError(f"--keep {args.keep}: 1 or more")
    if args.ingest == "executors" and args.engine != "spark":
        raise SettingsError("--ingest executors: these are Spark's; say --engine spark too")
    means = means_of(args)
    settings = Settings(
        source=args.source.absolute(),
        releases=args.releases.absolute(),
        base=args.base,
        key=read_key(args.key, required=args.require_key),
        filters=filters,
        memory=means.memory,
        threads=means.threads,
        max_rejects=args.max_rejects,
        buckets=args.buckets,
        work=args.work.absolute() if args.work else None,
        spill=means.spill,
        readers=readers_of(args.store_group),
        git_commit=args.git_commit,
        rebuild=args.rebuild,
        reread=args.reread,
        accept_missing=frozenset(name.upper() for name in args.accept_missing),
        accept=known_names(frozenset(args.accept)),
        keep=args.keep,
        engine=args.engine,
        library=library_with(args.definitions),
        population=args.population,
        keep_parts=args.keep_parts,
        ingest=args.ingest,
    )
    outcome = build(settings, Steps(console(stderr=True), quiet=args.quiet))
    summarise(outcome, console())
    return 0
