"""The last words of a build: what came in, what was kept and why not, where it is, what next."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from openchronic.building.identity import tell
from openchronic.building.pipeline import Outcome


def summarise(outcome: Outcome, console: Console) -> None:
    """Print the summary of a build."""
    manifest = outcome.manifest
    if outcome.changed:
        print_counts(manifest, console)
    # Paths are long, and brackets in them are no markup.
    say = partial(console.print, highlight=False, soft_wrap=True, markup=False)
    years = manifest["years"]
    state = "published" if outcome.changed else "unchanged, still in service"
    period = f", care of {years[0]} to {years[-1]}" if years else ""
    say(f"\nRelease {manifest['base']}@{outcome.name} {state}{period}")
    say(f"  {outcome.path}")
    say(f"  {outcome.seconds:.1f} s, peak memory {outcome.peak_bytes / 1e6:,.0f} MB")
    if outcome.changed:
        slow = sorted(outcome.step_seconds.items(), key=lambda one: -one[1])[:5]
        say("  " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slow))
    say("\nNext:")
    say(f"  OPENCHRONIC_RELEASES={outcome.path.parent.parent} python")
    say("  >>> import openchronic as oc")
    say('  >>> oc.connect().sql("SELECT event_type, count(*) FROM event GROUP BY ALL")')


def print_counts(manifest: Mapping[str, Any], console: Console) -> None:
    """Print what was read, refused, filtered and written, from a manifest."""
    rows = _table("Lines read", "table", "lines", "kept", "rejected")
    for name, one in manifest["rows_read"].items():
        rows.add_row(name, f"{one['rows']:,}", f"{one['kept']:,}", f"{one['rows'] - one['kept']:,}")
    console.print(rows)
    who = _table("Who is who", "beneficiaries and persons", "number")
    for meaning, number in tell(manifest.get("identity", {})):
        who.add_row(meaning, f"{number:,}")
    if who.row_count:
        console.print(who)
    if manifest["rejects"]:
        rejects = _table("Rejected lines", "table", "column and reason", "lines")
        for one in manifest["rejects"]:
            rejects.add_row(
                one["table"], f"{one['column']} {one['reason']}".strip(), f"{one['lines']:,}"
            )
        console.print(rejects)
    filters = _table("Filters", "of", "filter", "before", "removed")
    for one in manifest["filters"]:
        if one["removed"]:
            filters.add_row(one["step"], one["name"], f"{one['before']:,}", f"{one['removed']:,}")
    for table, number in manifest["duplicates"].items():
        filters.add_row(table, "same key twice", "", f"{number:,}")
    for one in manifest.get("details", []):
        if one["orphans"]:
            cells = (f"{one['lines']:,}", f"{one['orphans']:,}")
            filters.add_row(one["table"], f"no line of {one['to']}", *cells)
    for table, taken in manifest.get("regularised_tables", {}).items():
        if taken["lines"]:
            filters.add_row(table, "regularised", "", f"{taken['lines']:,}")
    if filters.row_count:
        console.print(filters)
    tables = _table("In the release", "table", "rows")
    for name, one in manifest["tables"].items():
        tables.add_row(name, f"{one['rows']:,}")
        if name == "event":
            for kind, number in manifest["events"].items():
                tables.add_row(f"  {kind}", f"{number:,}")
    console.print(tables)


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", box=None, header_style="bold", title_style="bold"
    )
    for column in columns:
        number = column in ("lines", "kept", "rejected", "before", "removed", "rows", "number")
        table.add_column(column, justify="right" if number else "left")
    return table
