"""Prints changes on a terminal: no small count, nor two that reveal one by subtraction."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from openchronic.quality.masking import Mask
from openchronic.releases import named
from openchronic.terminal import titled

HIDDEN = "…"


def tell(changes: Mapping[str, Any], console: Console, mask: Mask, *, base: str) -> None:
    """Prints what ``compare`` found in a release of ``base``; unchanged parts have no line."""
    say = partial(console.print, highlight=False, soft_wrap=True, markup=False)
    say(
        f"since release {named(base, changes['since'])} ({HIDDEN}: below {mask.least}, or tells such a number)"
    )
    for line in (
        _subjects(changes["subjects"], mask),
        *_switches("filter", changes["filters"]),
        *_switches("setting", changes["settings"]),
        *_switches("version", changes["versions"]),
        *_files(changes["inputs"]),
        *_columns(changes["tables"]),
        *_corrections(changes.get("corrections", []), mask),
    ):
        say(f"  {line}")
    events = _counted(changes["events"], mask)
    tables = _counted(changes["tables"], mask)
    if "event" in tables and sum(change == HIDDEN for *_, change in events.values()) == 1:
        # The sum of all types, minus those shown, would reveal the hidden one.
        tables["event"] = (tables["event"][0], HIDDEN, HIDDEN)
    for title, rows in (("Rows by table", tables), ("Events", events)):
        if rows:
            console.print(_table(title, rows))


def hidden_pair(before: int, after: int, mask: Mask) -> tuple[str, str, str]:
    """Returns the counts before and after and their difference, as they may be shown together."""
    change = after - before
    if mask.hides_count(before) or mask.hides_count(after):
        shown = [HIDDEN if mask.hides_count(one) else f"{one:,}" for one in (before, after)]
        return shown[0], shown[1], HIDDEN
    if mask.hides_count(abs(change)):
        return f"{before:,}", HIDDEN, HIDDEN
    return f"{before:,}", f"{after:,}", f"{change:+,}"


def _subjects(found: Mapping[str, int] | None, mask: Mask) -> str:
    if found is None:
        return "subjects: another key named them, they cannot be compared"
    added, removed, changed = found["added"], found["removed"], found["changed"]
    before, after, _ = hidden_pair(found["before"], found["after"], mask)
    if mask.hides_count(added) or mask.hides_count(removed):
        # The difference between before and after is that between added and removed.
        after, moved = HIDDEN, f"{HIDDEN} added, {HIDDEN} removed"
    else:
        moved = f"{added:,} added, {removed:,} removed"
    same = found["before"] - removed - changed
    few = mask.hides_count(changed) or mask.hides_count(same)
    return (
        f"subjects: {before} before, {after} after; {moved}, "
        f"{HIDDEN if few else f'{changed:,}'} with other rows"
    )


def _switches(kind: str, changed: list[dict[str, Any]]) -> list[str]:
    return [
        f"{kind} {one['name']}: {_word(one['before'])} before, {_word(one['after'])} now"
        for one in changed
    ]


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def _files(inputs: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    return [
        f"file {kind}: {one['file']} of {one['table']}, {one['rows']:,} lines"
        for kind, files in inputs.items()
        for one in files
    ]


def _columns(tables: list[dict[str, Any]]) -> list[str]:
    lines = []
    for one in tables:
        if one["before"] is None or one["after"] is None:
            lines.append(f"table {'added' if one['before'] is None else 'removed'}: {one['name']}")
        lines += [
            f"columns {kind}: {', '.join(one[f'columns_{kind}'])} of {one['name']}"
            for kind in ("added", "removed")
            if one[f"columns_{kind}"]
        ]
    return lines


def _corrections(found: list[dict[str, Any]], mask: Mask) -> list[str]:
    """Returns one line per correction, also those that concern no row: that nothing changed is a result too."""
    return [f"read otherwise: {one['what']}: {_rows(one['rows'], mask)}" for one in found]


def _rows(number: int | None, mask: Mask) -> str:
    if number is None:
        return "not counted here"
    return "none" if not number else HIDDEN if mask.hides_count(number) else f"{number:,}"


def _counted(rows: list[dict[str, Any]], mask: Mask) -> dict[str, tuple[str, str, str]]:
    return {
        one["name"]: hidden_pair(one["before"] or 0, one["after"] or 0, mask)
        for one in rows
        if one["before"] != one["after"]
    }


def _table(title: str, rows: Mapping[str, tuple[str, str, str]]) -> Table:
    figures = ("before", "after", "change")
    table = titled(title, "", *figures, figures=figures)
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table
