"""``openchronic build``: from a folder of SNDS files to a release in service."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from openchronic.errors import SettingsError
from openchronic.runtime.options import add_means, means_of

HELP = "build a release from a folder of SNDS files and put it into service"
BASE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    # What argparse itself asks for where nothing is explained.
    parser.set_defaults(refuse=parser.error)
    parser.add_argument("source", type=Path, nargs="?", help="folder of the delivered files")
    parser.add_argument(
        "releases", type=Path, nargs="?", help="folder that holds the releases of all bases"
    )
    parser.add_argument(
        "--explain",
        metavar="MODEL",
        help="build nothing: print what a model (drug_line, mco_stay, claim_event, …) reads and its SQL "
        "as the engine runs it, with the filters that are on; a wrong name lists them all",
    )
    parser.add_argument(
        "--graph",
        action="store_true",
        help="build nothing: print all models in their order, and what each reads and writes; "
        "of the delivery in SOURCE, or of all tables that a build reads",
    )
    parser.add_argument("--base", default="snds", help="name of the base (default: %(default)s)")
    add_means(parser, spill="the work folder")
    parser.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="spark: beyond one machine, by SPARK_CONF_DIR or SPARK_REMOTE; the release is the same "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        help="disk for typed tables, which hold pseudonyms "
        "(default: RELEASES/BASE, folders .work and .store of mode 0700)",
    )
    parser.add_argument(
        "--store-group",
        metavar="GROUP",
        help="system group, by name or number, that may read the typed tables "
        "(default: nobody but the account that builds)",
    )
    parser.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="site key that makes identifiers meaningless elsewhere "
        "(default: a public key, with a warning)",
    )
    parser.add_argument("--require-key", action="store_true", help="refuse the public key")
    parser.add_argument(
        "--max-rejects",
        type=float,
        default=0.01,
        metavar="SHARE",
        help="share of its lines that a table may have unreadable, or five lines if that is "
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
        help="publish although this check stops it; the manifest says so (may be repeated)",
    )
    parser.add_argument(
        "--with-filter",
        action="append",
        default=[],
        metavar="RULE",
        help="switch on a rule in every step, or in one: STEP.RULE (may be repeated); "
        "`openchronic filters` lists them",
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
        default=16,
        metavar="N",
        help="parts into which subjects are dealt, 1 to 100 (default: %(default)s)",
    )
    parser.add_argument(
        "--keep",
        type=int,
        metavar="N",
        help="then remove the oldest releases of the base beyond the N newest, as `openchronic "
        "prune` does: never one in service or in use (default: all stay)",
    )
    parser.add_argument("--git-commit", metavar="X", help="commit of the code, for the manifest")
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
    parser.add_argument("--quiet", action="store_true", help="no progress, only the summary")


def run(args: argparse.Namespace) -> int:
    """Build, publish, summarise."""
    # Late, so that `--help` answers at once.
    from openchronic.build.explaining import drawn, explain
    from openchronic.build.pipeline import build
    from openchronic.build.settings import Settings
    from openchronic.build.summary import summarise
    from openchronic.models.filters.switching import renamed, switched
    from openchronic.quality.catalogue import known_names
    from openchronic.runtime.progress import Steps
    from openchronic.runtime.sitekey import read_key
    from openchronic.store import readers_of
    from openchronic.terminal import console

    filters = switched(on=args.with_filter, off=args.without_filter)
    for told in renamed([*args.with_filter, *args.without_filter]):
        print(f"openchronic: {told}", file=sys.stderr)
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
    if not 1 <= args.buckets <= 100:
        raise SettingsError(f"--buckets {args.buckets}: from 1 to 100")
    if args.keep is not None and args.keep < 1:
        raise SettingsError(f"--keep {args.keep}: 1 or more")
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
    )
    outcome = build(settings, Steps(console(stderr=True), quiet=args.quiet))
    summarise(outcome, console())
    return 0
