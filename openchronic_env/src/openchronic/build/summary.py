"""Prints the summary of a build: input, rows kept and removed with the reasons, the place of the release, next
steps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from rich.console import Console

from openchronic.build.identity import tell
from openchronic.build.outcome import Outcome
from openchronic.build.reconciliation_tables import counted, print_euros, print_lines
from openchronic.changes import tell as tell_changes
from openchronic.quality.masking import Mask
from openchronic.releases import named


def summarise(outcome: Outcome, console: Console) -> None:
    """Prints the summary of a build."""
    manifest = outcome.manifest
    if outcome.changed:
        print_counts(manifest, console)
        if manifest.get("changes"):
            console.print("Changes", style="bold")
            tell_changes(manifest["changes"], console, Mask(), base=manifest["base"])
    _print_steps(outcome, console)
    # Paths are long, and brackets in them are no markup.
    say = partial(console.print, highlight=False, soft_wrap=True, markup=False)
    years = manifest["years"]
    state = "published" if outcome.changed else "unchanged, still in service"
    period = f", care of {years[0]} to {years[-1]}" if years else ""
    say(f"\nRelease {named(manifest['base'], outcome.name)} {state}{period}")
    say(f"  {outcome.path}")
    say(f"  {outcome.seconds:.1f} s, peak memory {outcome.peak_bytes / 1e6:,.0f} MB")
    say("\nNext:")
    say(f"  OPENCHRONIC_RELEASES={outcome.path.parent.parent} python")
    say("  >>> import openchronic as oc")
    say('  >>> oc.connect().sql("SELECT event_type, count(*) FROM event GROUP BY ALL")')


def print_counts(manifest: Mapping[str, Any], console: Console) -> None:
    """Prints from a manifest the rows read, their outcome, and the rows written."""
    print_lines(manifest, console)
    who = counted("Who is who", "beneficiaries and persons", "number")
    for meaning, number in tell(manifest.get("identity", {})):
        who.add_row(meaning, f"{number:,}")
    if who.row_count:
        console.print(who)
    if manifest["rejects"]:
        rejects = counted("Rejected lines", "table", "column and reason", "lines")
        for one in manifest["rejects"]:
            rejects.add_row(
                one["table"], f"{one['column']} {one['reason']}".strip(), f"{one['lines']:,}"
            )
        console.print(rejects)
    filters = counted("Filters", "filter", "before", "removed")
    for one in manifest["filters"]:
        if one["removed"]:
            filters.add_row(one["name"], f"{one['before']:,}", f"{one['removed']:,}")
    if filters.row_count:
        console.print(filters)
    tables = counted("In the release", "table", "rows")
    for name, one in manifest["tables"].items():
        tables.add_row(name, f"{one['rows']:,}")
        if name == "event":
            for kind, number in manifest["events"].items():
                tables.add_row(f"  {kind}", f"{number:,}")
    console.print(tables)
    print_euros(manifest, console)


def _print_steps(outcome: Outcome, console: Console) -> None:
    steps = counted("Time", "step", "seconds", "share", "done")
    for name, one in outcome.steps.items():
        steps.add_row(
            name, f"{one.seconds:,.1f}", f"{one.seconds / outcome.seconds:.0%}", one.summary()
        )
    console.print(steps)
