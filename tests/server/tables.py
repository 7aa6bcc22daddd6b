"""Tables of what the server tests measured: a row per test, written to build/ and printed at the end."""

import json
from collections.abc import Sequence
from pathlib import Path

from infra.settings.settings_file import ROOT

Row = dict[str, str | int | float]


def table_file(name: str) -> Path:
    return ROOT / "build" / f"{name}.jsonl"


def start_table(name: str) -> None:
    """Delete the rows of an earlier run."""
    table_file(name).unlink(missing_ok=True)


def add_row(name: str, row: Row) -> None:
    """Append a row to the file at once, so that an interrupted run keeps its rows."""
    table_file(name).parent.mkdir(exist_ok=True)
    with table_file(name).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_table(name: str) -> list[Row]:
    file = table_file(name)
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def show_table(rows: Sequence[Row]) -> str:
    """Return the rows as text in columns, with numbers right-aligned."""
    if not rows:
        return "(no row)"
    columns = list(dict.fromkeys(column for row in rows for column in row))
    texts = [[_text(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(columns, *texts, strict=True)]
    numeric = [all(not isinstance(row.get(c), str) for row in rows) for c in columns]

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("─" * width for width in widths)
    return "\n".join([line(columns), rule, *map(line, texts)])


def _text(value: str | int | float) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
