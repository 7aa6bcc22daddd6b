"""``openchronic check``: shows whether a release can be trusted, one line per check."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from openchronic.runtime.options import (
    add_hiding,
    add_json,
    add_means,
    add_page,
    add_release,
    add_releases,
    hiding_of,
    means_of,
    page_of,
)

if TYPE_CHECKING:
    from rich.table import Table

    from openchronic.quality.against import Comparison
    from openchronic.quality.agreement import Agreement
    from openchronic.quality.planted import Line
    from openchronic.quality.report import Report

PLACE_IN_HELP = 90
HELP = "check a release: completeness, plausibility, series, orphans, chaining, identity"
COLOURS = {"ok": "green", "warning": "yellow", "stop": "bold red", "accepted": "yellow"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.description = (
        f"{parser.description} Exit status: 0 fine, 1 when a threshold that stops a publish is passed "
        "(and was not accepted when the release was published)."
    )
    add_release(parser)
    add_releases(parser)
    parser.add_argument(
        "--base",
        metavar="BASE",
        help="check the release in service of this base (default: the only one)",
    )
    add_json(parser)
    add_page(parser, "also write a page in French with plots, without small counts,")
    add_hiding(parser, "hide in the page")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="compare people whose ALD is open on 31 December with the published counts of this CSV: "
        "columns disease (ALD number), sex (M, F, all), age_class (0-9 to 80-89, 90+, all), "
        "year, patients; does not change the exit status",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="take counts as equal that are no further apart (default: %(default)s)",
    )
    parser.add_argument(
        "--planted",
        type=Path,
        metavar="FILE",
        help="print what was planted in a made-up delivery, by its synth.json, beside what this release "
        "finds, instead of the checks; exit status 1 when they differ",
    )
    add_means(parser)


def run(args: argparse.Namespace) -> int:
    """Runs the checks and prints them; returns 1 when a check stops."""
    from openchronic.errors import SettingsError
    from openchronic.quality.judging import stopped
    from openchronic.quality.masking import Mask
    from openchronic.quality.page import page
    from openchronic.quality.planted import find, read_planted
    from openchronic.quality.published import read_published
    from openchronic.quality.report import examine
    from openchronic.releases import chosen

    mask = Mask(hiding_of(args))
    if not 0 <= args.tolerance < 1:
        raise SettingsError(f"--tolerance {args.tolerance}: a share from 0 to below 1")
    html = page_of(args)
    published = read_published(args.against) if args.against else None
    means = means_of(args)
    release = chosen(args.release, base=args.base, releases=args.releases)
    if args.planted:
        return _print_planted(find(release, read_planted(args.planted), means))
    report = examine(release, means, published=published, tolerance=args.tolerance)
    if html:
        html.write_text(page(report, mask), encoding="utf-8")
    if args.json:
        print(json.dumps(_for_machines(report), indent=1, ensure_ascii=False))
    else:
        _print(report)
    return 1 if stopped(report.verdicts) else 0


def _for_machines(report: Report) -> dict[str, object]:
    return {
        "release": report.release.name,
        "previous": report.before.name if report.before else None,
        "checks": [
            one.record()
            | {
                "table": one.check.table,
                "kind": one.check.kind,
                "source": one.check.source,
                "meaning": {"en": one.check.en, "fr": one.check.fr},
                "groups": [vars(group) for group in one.measure.groups if group.name],
            }
            for one in report.verdicts
        ],
        "against": [
            vars(one.cell)
            | {
                "published": one.published,
                "patients": one.ours,
                "ratio": one.ratio,
                "agreement": one.agreement,
            }
            for one in report.against
        ],
        "cartography": [
            vars(one)
            | {
                "sensitivity": one.sensitivity,
                "predictive_value": one.predictive_value,
                "kappa": one.kappa,
            }
            for one in report.agreements
        ]
        or None,
    }


def _print(report: Report) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from openchronic.quality.agreement import absence
    from openchronic.quality.judging import figure, sentence, stopped

    console = Console()

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True, markup=False)

    say(f"release {report.release.name}")
    say(f"previous {report.before.name if report.before else 'none: nothing to compare with'}")
    table = Table(box=None, header_style="bold")
    table.add_column("check", no_wrap=True)
    for column in ("value", "warns >", "stops >"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    kind = ""
    for one in report.verdicts:
        check, worst = one.check, one.worst
        if check.kind != kind:
            kind = check.kind
            table.add_row(Text(kind, style="bold"))
        figures = (worst.value if worst else None, check.warn, check.stop)
        table.add_row(
            Text(f"  {check.name}"),
            *(Text(figure(check, one)) for one in figures),
            Text(one.state, style=COLOURS.get(one.state, "dim")),
        )
    console.print(table)
    for one in report.verdicts:
        if one.state in ("warning", "accepted", "stop"):
            say(f"{one.state}: {sentence(one)}")
    if report.against:
        console.print(_compared(report.against))
    if report.agreements:
        console.print(_agreed(report.agreements))
    else:
        say(absence(report.release.manifest).en)
    stops = stopped(report.verdicts)
    say(
        f"{len(stops)} of {len(report.verdicts)} checks would stop a publish"
        if stops
        else f"{len(report.verdicts)} checks, none of which would stop a publish"
    )


def _print_planted(lines: Sequence[Line]) -> int:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from openchronic.synth.odd_files import load_oddities
    from openchronic.synth.traps import load_traps

    labels = {trap.name: trap.label for trap in load_traps()}
    labels |= {oddity.name: oddity.label for oddity in load_oddities()}
    table = Table(box=None, header_style="bold")
    table.add_column("planted", no_wrap=True)
    for column in ("number", "wanted", "found"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("where")
    for one in lines:
        wanted = {"all": f"{one.planted:,}", "none": "0", "some": f"≤ {one.planted:,}"}
        table.add_row(
            Text(labels[one.finding.trap]),
            f"{one.planted:,}",
            wanted[one.finding.want],
            Text(
                "" if one.found is None else f"{one.found:,}",
                style="" if one.found is None or one.is_right else "bold red",
            ),
            Text(one.finding.where),
        )
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    measured = [one for one in lines if one.found is not None]
    right = sum(one.is_right for one in measured)
    console.print(f"{right} of {len(measured)} planted things are found as they were planted")
    if len(measured) < len(lines):
        console.print(f"{len(lines) - len(measured)} are nowhere in the tables of this release")
    return 0 if right == len(measured) else 1


def _compared(against: Iterable[Comparison]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold")
    for column in ("ALD", "year", "sex", "age"):
        table.add_column(column, no_wrap=True)
    for column in ("published", "release", "ratio"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for one in against:
        cell = one.cell
        table.add_row(
            *map(str, (cell.disease, cell.year, cell.sex, cell.age_class)),
            f"{one.published:,}",
            "" if one.ours is None else f"{one.ours:,}",
            "" if one.ratio is None else f"{one.ratio:.2f}",
            Text(one.agreement, style="yellow" if one.agreement == "differs" else ""),
        )
    return table


def _agreed(found: Sequence[Agreement]) -> Table:
    """Returns the last year of the cartography; the other years are in the page and in JSON."""
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    table.add_column(f"cartography {found[0].year}", no_wrap=True)
    for column in ("both", "it alone", "we alone", "sens.", "PPV", "kappa"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in found:
        if one.year == found[0].year:
            shares = (one.sensitivity, one.predictive_value)
            table.add_row(
                one.disease,
                *(f"{count:,}" for count in (one.both, one.cartography_only, one.release_only)),
                *("" if share is None else f"{100 * share:.1f} %" for share in shares),
                "" if one.kappa is None else f"{one.kappa:.2f}",
            )
    return table
